#include "models/trade_elasticity/elasticity_linear.h"

#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "engine/base/input_error.h"

namespace amnok {

namespace {

struct NoPast : PastState {};

}  // namespace

std::vector<int> fill_rows(const ElasticityDesign& design, const Sample& sample,
                           ReportedRegression& data) {
  std::vector<int> rows;
  MatrixXd x(sample.n(), design.columns());
  data.periods.clear();
  for (int t = 0; t < sample.n(); ++t) {
    x.row(t) = design.row(t, sample.regressors.row(t), sample.events);
    const bool complete =
        !std::isnan(sample.y(t)) && x.row(t).allFinite() && sample.regressors.row(t).allFinite();
    if (!complete) continue;
    rows.push_back(t);
    data.periods.push_back(sample.range[t]);
  }
  data.names = design.names();
  data.x = x(rows, Eigen::all);
  data.y = sample.y(rows);
  return rows;
}

void set_counts(const Sample& sample, std::size_t rows, FitResult& result) {
  result.plugin = "trade_elasticity";
  result.sample = sample.range;
  result.nobs = static_cast<int>(rows);
  result.missing = 0;
  for (double v : sample.y) result.missing += std::isnan(v) ? 1 : 0;
  result.dropped = sample.n() - result.missing - result.nobs;
}

LinearElasticity::LinearElasticity(const ElasticitySpec& spec, const Sample& sample)
    : spec_(spec), sample_(sample), design_(spec, sample) {
  Sample own = sample;
  // Instruments must be there as well; what other units have does not matter to this one.
  if (!spec.panel.empty()) own.regressors.conservativeResize(Eigen::NoChange, design_.regressors());
  rows_ = fill_rows(design_, own, data_);
}

void LinearElasticity::solve_least_squares() {
  const Eigen::Index n = data_.x.rows(), k = data_.x.cols();
  if (n <= k + 1) {
    throw InputError(fmt::format(
        "{} has {} observations with all regressors, but a regression with {} coefficients needs "
        "at least {}",
        sample_.target.variable, n, k, k + 2));
  }
  data_.fit = solve(LinearLeastSquares{data_.x, data_.y});
  require_distinct(data_.x, data_.names, data_.fit);
}

ParameterVector LinearElasticity::start() const {
  ParameterVector parameters;
  for (const std::string& name : data_.names) parameters.add(name, 0);
  return parameters;
}

FitResult LinearElasticity::evaluate(const ParameterVector& parameters) const {
  FitResult result = at_coefficients(parameters.values());
  result.status = FitStatus::converged;
  return result;
}

Forecast LinearElasticity::forecast(const FitResult& fit, const Future& future) const {
  Forecast forecast{future.range, VectorXd(future.range.count),
                    VectorXd::Constant(future.range.count, fit.sigma2)};
  for (std::int64_t h = 0; h < future.range.count; ++h) {
    forecast.mean(h) = design_.row(sample_.n() + h, future.regressors.row(h), future.events)
                           .dot(fit.parameters.values());
  }
  return forecast;
}

VectorXd LinearElasticity::completed(const FitResult& fit) const {
  VectorXd filled = sample_.y;
  for (int t = 0; t < sample_.n(); ++t) {
    if (std::isnan(filled(t))) {
      filled(t) =
          design_.row(t, sample_.regressors.row(t), sample_.events).dot(fit.parameters.values());
    }
  }
  return filled;
}

std::shared_ptr<const PastState> LinearElasticity::past_state(const FitResult&,
                                                              const ParameterDraws&, std::uint64_t,
                                                              std::uint32_t, int) const {
  return std::make_shared<NoPast>();
}

void LinearElasticity::simulate(const ParameterDraws& draws, const PastState&,
                                const DrawnFuture& future, const DrawMatrix& shocks, int from,
                                int to, DrawMatrix& paths) const {
  for (int h = from; h < to; ++h) {
    paths.row(h) = design_.predicted(draws.parameters, future, h) +
                   shocks.row(h).cwiseProduct(draws.sigma.transpose());
  }
}

FitResult LinearElasticity::at_coefficients(const VectorXd& b) const {
  FitResult result;
  set_counts(sample_, rows_.size(), result);
  const VectorXd residuals = data_.y - data_.x * b;
  const auto n = static_cast<int>(rows_.size()), k = static_cast<int>(data_.names.size());
  for (int j = 0; j < k; ++j) {
    result.parameters.add(data_.names[static_cast<std::size_t>(j)], b(j));
  }
  result.rss = residuals.squaredNorm();
  result.sigma2 = result.rss / n;
  if (n > k) result.sigma2_df = result.rss / (n - k);
  result.log_likelihood = -0.5 * n * (std::log(2 * std::numbers::pi * result.sigma2) + 1);
  set_information_criteria(result, k + 1);
  const double total =
      spec_.constant ? (data_.y.array() - data_.y.mean()).square().sum() : data_.y.squaredNorm();
  result.r2 = total > 0 ? 1 - result.rss / total : kMissing;
  result.residuals = VectorXd::Constant(sample_.n(), kMissing);
  result.fitted = result.residuals;
  result.residuals(rows_) = residuals;
  result.fitted(rows_) = data_.y - residuals;
  result.equation = algebra(target_text(), data_.names, b);
  return result;
}

}  // namespace amnok
