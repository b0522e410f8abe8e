#include "models/arima/arima.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/solver/covariance.h"
#include "engine/solver/transforms.h"
#include "engine/statespace/arma_state.h"
#include "engine/stats/lag_polynomial.h"
#include "engine/stats/residual_tests.h"
#include "models/arima/arima_boundary.h"
#include "models/arima/arima_interventions.h"
#include "models/arima/arima_start.h"
#include "models/arima/outlier_effects.h"

namespace amnok {

namespace {

constexpr double kBoundary = 0.9999;  // partial autocorrelations beyond it count as the boundary

}  // namespace

BoundArima::BoundArima(ArimaSpec spec, Sample sample, VectorXd path)
    : spec_(std::move(spec)), sample_(std::move(sample)), path_(std::move(path)) {
  AMNOK_CHECK(!spec_.search && !spec_.outlier_search, "choices about {} are open",
              sample_.target.variable);
  if (spec_.order.period == 0) spec_.order.period = sample_.season;
  spec_.outliers = determined_outliers(spec_.outliers, sample_);
  if (!sample_.sums.empty() && path_.size() == 0) path_ = first_path(sample_);
  prepare();
  if (drop_aliased_outliers()) prepare();
  check_identified();
}

void BoundArima::prepare() {
  PreparedData prepared = prepare_data(spec_, sample_, path_);
  deterministic_ = prepared.deterministic;
  dropped_ = prepared.dropped;
  likelihood_ = std::make_shared<const ArimaLikelihood>(std::move(prepared.data));
}

void BoundArima::set_choice(std::vector<ResultTable> tables, std::vector<std::string> notes,
                            VectorXd start) {
  tables_ = std::move(tables);
  notes_ = std::move(notes);
  start_ = std::move(start);
}

std::shared_ptr<const Model> BoundArima::chosen() const {
  return make_arima(spec_);
}

ParameterVector BoundArima::start() const {
  ParameterVector parameters = likelihood_->parameters();
  parameters.set_values(parameters.to_natural(first_start(*likelihood_)));
  return parameters;
}

Problem BoundArima::problem() const {
  const auto likelihood = likelihood_;
  std::vector<VectorXd> all;
  if (start_.size() > 0) {
    all = {start_};  // the optimum of a search
  } else {
    all = thorough_starts(*likelihood);
    if (!likelihood->data().noisy() && spec_.order.arma_count() > 4) {
      const VectorXd grown = grown_start(*likelihood);
      if (grown.size() > 0) all.push_back(grown);
    }
  }
  if (spec_.method == ArimaMethod::conditional_start) {
    const VectorXd conditional = conditional_optimum(*likelihood);
    if (conditional.size() > 0) all.push_back(conditional);
  }
  if (likelihood->data().noisy()) {
    LogLikelihood problem;
    problem.starts = all;
    problem.observations = likelihood->residual_count();
    problem.evaluate = [likelihood](const VectorXd& u) {
      const ArimaEvaluation e = likelihood->evaluate(likelihood->parameters().to_natural(u));
      return e.ok ? e.log_likelihood : kMissing;
    };
    return problem;
  }
  NonlinearLeastSquares problem;
  problem.residual_count = likelihood->residual_count();
  problem.starts = all;
  // Numeric derivatives of the filter carry about ten digits.
  problem.offset_tolerance = likelihood->data().complete() ? 1e-6 : 1e-5;
  using Effort = NonlinearLeastSquares::Effort;
  problem.effort = likelihood->data().complete() ? Effort::normal : Effort::exact;
  problem.cheap_jacobian = likelihood->data().complete();
  problem.evaluate = [likelihood](const VectorXd& u, VectorXd& r, MatrixXd* jacobian) {
    return likelihood->residuals(u, r, jacobian);
  };
  if (likelihood->has_products()) {
    problem.products = [likelihood](const VectorXd& u, ResidualProducts& products) {
      return likelihood->residual_products(u, products);
    };
  }
  return problem;
}

FitResult BoundArima::describe(const Solution& solution) const {
  VectorXd u;
  std::vector<double> optima;  // log likelihoods but for a constant
  if (const auto* least_squares = std::get_if<NonlinearFit>(&solution)) {
    u = least_squares->x;
    for (double rss : least_squares->optima) {
      optima.push_back(-0.5 * likelihood_->residual_count() * std::log(rss));
    }
  } else if (const auto* likelihood = std::get_if<LikelihoodFit>(&solution)) {
    u = likelihood->x;
    optima = likelihood->optima;
  }
  FitResult result = result_at(likelihood_->parameters().to_natural(u), true);
  const std::string spread = optima_note(optima);
  if (!spread.empty()) result.notes.push_back(spread);
  return result;
}

FitResult BoundArima::evaluate(const ParameterVector& parameters) const {
  FitResult result = result_at(parameters.values(), false);
  if (result.status == FitStatus::not_run) result.status = FitStatus::converged;
  return result;
}

FitResult BoundArima::result_at(const VectorXd& theta, bool with_covariance) const {
  const ArimaData& data = likelihood_->data();
  const ArimaEvaluation e = likelihood_->evaluate(theta);
  FitResult result;
  result.plugin = spec_.plugin;
  result.equation = equation_text();
  if (data.conditional && data.n() > likelihood_->residual_count()) {
    result.notes.push_back(fmt::format(
        "conditional likelihood, given the first {} observations: not comparable with exact ones",
        data.n() - likelihood_->residual_count()));
  }
  result.sample = sample_.range;
  result.dropped = dropped_;
  for (double v : sample_.y) result.missing += std::isnan(v) ? 1 : 0;
  if (!e.ok) {
    result.status = FitStatus::failed;
    result.message = "the likelihood is not defined at the parameters";
    return result;
  }
  const bool noisy = data.noisy();
  const int k = static_cast<int>(theta.size()) - (noisy ? 1 : 0);
  const std::vector<std::string> names = regression_names(data);
  // The ARMA parameters and deltas, without sigma; then the regression coefficients.
  const ParameterVector& all = likelihood_->parameters();
  for (const ParameterVector::Block& block : all.blocks()) {
    if (noisy && block.first == k) continue;
    std::vector<std::string> block_names;
    std::vector<double> values;
    for (int i = 0; i < block.count; ++i) {
      block_names.push_back(all.names()[static_cast<std::size_t>(block.first + i)]);
      values.push_back(theta(block.first + i));
    }
    if (block.count == 1 && block.constraint == Constraint::bounded) {
      result.parameters.add(block_names[0], values[0], block.constraint, block.lower, block.upper);
    } else {
      result.parameters.add_block(block_names, values, block.constraint);
    }
  }
  for (std::size_t j = 0; j < names.size(); ++j) {
    result.parameters.add(names[j], e.beta(static_cast<Eigen::Index>(j)));
  }
  result.nobs = e.nobs;
  result.sigma2 = e.sigma2;
  result.rss = noisy ? e.rss * e.sigma2 : e.rss;
  result.log_likelihood = e.log_likelihood;
  if (const ArimaOrder& o = spec_.order; o.differences() > 0) {
    result.likelihood_data = o.seasonal_d == 0 ? fmt::format("differences (d = {})", o.d)
                                               : fmt::format("differences (d = {}, D = {} of {})",
                                                             o.d, o.seasonal_d, o.period);
  }
  if (data.conditional) {
    if (!result.likelihood_data.empty()) result.likelihood_data += ", ";
    result.likelihood_data += "given the first observations";
  }
  result.residuals = e.residuals;
  result.fitted = sample_.y - e.residuals;
  const int count = result.parameters.size();
  result.sigma2_df = e.nobs > count ? e.sigma2 * e.nobs / (e.nobs - count) : kMissing;
  set_information_criteria(result, count + 1);
  result.tables = tables_;
  result.notes.insert(result.notes.end(), notes_.begin(), notes_.end());
  if (!with_covariance) return result;

  // Parameters on the boundary have no curvature to go by; they are held while the others get
  // theirs.
  const MatrixXd information = likelihood_->information(theta, e.beta);
  std::vector<int> free;
  const VectorXd u = all.to_unconstrained(theta);
  for (int i = 0; i < information.rows(); ++i) {
    const bool bounded = i < k && std::fabs(fold(u(i), kStationaryEdge)) > kBoundary;
    if (!bounded) {
      free.push_back(i);
    } else {
      result.notes.push_back(
          fmt::format("{} is on the boundary of the admissible region; it has no standard error",
                      all.names()[static_cast<std::size_t>(i)]));
    }
  }
  MatrixXd covariance;
  const MatrixXd part = information(free, free);
  if (!invert_information(part, covariance)) {
    result.notes.push_back(
        "the likelihood is flat or a ridge at the optimum (factors that nearly cancel, or a "
        "coefficient that the data do not determine): standard errors of the ARMA part are "
        "missing");
    covariance = MatrixXd::Zero(part.rows(), part.cols());
    covariance.bottomRightCorner(e.beta.size(), e.beta.size()) = e.beta_covariance;
  }
  MatrixXd whole = MatrixXd::Zero(information.rows(), information.cols());
  whole(free, free) = covariance;
  std::vector<int> kept;
  for (int i = 0; i < whole.rows(); ++i) {
    if (!noisy || i != k) kept.push_back(i);
  }
  result.covariance = whole(kept, kept);
  result.covariance_kind = "observed information";
  report_interventions(spec_, data, sample_, result);
  report_outliers(spec_.outliers, sample_.target.transform, result);
  for (std::string& note : boundary_notes(data.order, theta))
    result.notes.push_back(std::move(note));
  return result;
}

std::unique_ptr<BoundModel> BoundArima::refined(const FitResult& fit) const {
  if (sample_.sums.empty() || sample_.target.transform.kind == Transform::Kind::level)
    return nullptr;
  const VectorXd path =
      next_path(sample_, path_, likelihood_->smoothed(theta_of(fit), beta_of(fit), fit.sigma2),
                std::sqrt(fit.sigma2));
  if (path.size() == 0) return nullptr;
  auto next = std::make_unique<BoundArima>(spec_, sample_, path);
  next->set_choice(tables_, notes_, {});
  next->set_alternatives(alternatives_);
  return next;
}

VectorXd BoundArima::theta_of(const FitResult& fit) const {
  const int k = likelihood_->parameters().size();
  VectorXd theta(k);
  if (likelihood_->data().noisy()) {
    theta.head(k - 1) = fit.parameters.values().head(k - 1);
    theta(k - 1) = std::sqrt(fit.sigma2);
  } else {
    theta = fit.parameters.values().head(k);
  }
  return theta;
}

VectorXd BoundArima::beta_of(const FitResult& fit) const {
  const auto count = static_cast<Eigen::Index>(regression_names(likelihood_->data()).size());
  return fit.parameters.values().tail(count);
}

MatrixXd BoundArima::future_regressors(const VectorXd& theta, const Future& future) const {
  const ArimaData& data = likelihood_->data();
  const auto horizon = future.range.count;
  const int n = data.n(), extra = deterministic_ == Deterministic::none ? 0 : 1;
  ArimaData ahead;
  ahead.order = data.order;
  ahead.y = VectorXd::Zero(n + horizon);
  ahead.x = MatrixXd::Zero(n + horizon, data.x.cols());
  for (std::int64_t h = 0; h < horizon; ++h) {
    if (extra > 0) ahead.x(n + h, 0) = deterministic_value(deterministic_, n + h);
    ahead.x.row(n + h).tail(future.regressors.cols()) = future.regressors.row(h);
  }
  ahead.regressor_names = data.regressor_names;
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    TransferInput input =
        extended_input(spec_, i, sample_.range, future.range, shared_events(future.events));
    if (i < spec_.inputs.size()) {  // a series is held at its last value
      const Eigen::Index size = input.values.size();
      input.values.conservativeResize(size + horizon);
      input.values.tail(horizon).setConstant(input.values(size - 1));
    }
    ahead.inputs.push_back(input);
  }
  return ArimaLikelihood(std::move(ahead)).regression_matrix(theta).bottomRows(horizon);
}

bool BoundArima::quick_mean(const VectorXd& theta, const VectorXd& beta, const MatrixXd& x,
                            VectorXd& mean) const {
  const std::vector<double> ar = likelihood_->ar_polynomial(theta);
  const std::vector<double> ma = likelihood_->ma_polynomial(theta);
  DrawMatrix state;
  if (!likelihood_->end_states(theta, beta, Eigen::Map<const VectorXd>(ar.data(), std::ssize(ar)),
                               Eigen::Map<const VectorXd>(ma.data(), std::ssize(ma)), state)) {
    return false;
  }
  const std::vector<double>& differencing = likelihood_->differencing();
  const auto horizon = x.rows();
  const auto lags = static_cast<Eigen::Index>(differencing.size());
  const VectorXd known = state.topRows(likelihood_->arma_size());
  // z = y - X beta over the last periods that differencing reaches back to, then over the horizon.
  VectorXd z(lags + horizon), w(horizon);
  z.head(lags) = state.bottomRows(lags).colwise().reverse();
  for (Eigen::Index h = 0; h < horizon; ++h) {
    w(h) = h < known.size() ? known(h) : 0.0;
    for (Eigen::Index j = 0; j < std::ssize(ar) && j < h; ++j) {
      w(h) += ar[static_cast<std::size_t>(j)] * w(h - 1 - j);
    }
    z(lags + h) = w(h);
    for (Eigen::Index j = 0; j < lags; ++j) {
      z(lags + h) += differencing[static_cast<std::size_t>(j)] * z(lags + h - 1 - j);
    }
  }
  mean = z.tail(horizon);
  if (beta.size() > 0) mean += x * beta;
  return mean.allFinite();
}

// With c_j the weights of 1 / (phi(B) (1 - B)^d (1 - B^s)^D), psi_j those of theta(B) times it, and P the
// covariance of the state of the first period ahead:
//
//   variance_h = sum_{i, j < h} c_{h-1-i} P_ij c_{h-1-j} + sum_{j < h - 1} psi_j^2
bool BoundArima::quick_variance(const VectorXd& theta, int horizon, VectorXd& variance) const {
  if (!likelihood_->complete()) return false;
  const std::vector<double> ma = likelihood_->ma_polynomial(theta);
  std::vector<double> ar = likelihood_->ar_polynomial(theta);
  MatrixXd state;
  if (!arma_state_covariance_after(ar, ma, likelihood_->residual_count(), state)) return false;
  ar = expand_seasonal(ar, likelihood_->differencing(), 1, -1.0);
  const VectorXd c = psi_weights(ar, {}, horizon), psi = psi_weights(ar, ma, horizon);
  variance.resize(horizon);
  double later = 0;
  for (int h = 0; h < horizon; ++h) {
    const Eigen::Index count = std::min<Eigen::Index>(h + 1, state.rows());
    const VectorXd loading = c.segment(h + 1 - count, count).reverse();
    variance(h) = loading.dot(state.topLeftCorner(count, count) * loading) + later;
    later += psi(h) * psi(h);
  }
  return variance.allFinite();
}

VectorXd BoundArima::forecast_mean(const FitResult& fit, const Future& future) const {
  const VectorXd theta = theta_of(fit), beta = beta_of(fit);
  VectorXd mean;
  if (quick_mean(theta, beta, future_regressors(theta, future), mean)) return mean;
  return forecast(fit, future).mean;
}

Forecast BoundArima::forecast(const FitResult& fit, const Future& future) const {
  const VectorXd theta = theta_of(fit), beta = beta_of(fit);
  const auto horizon = static_cast<int>(future.range.count);
  if (VectorXd mean, variance; quick_mean(theta, beta, future_regressors(theta, future), mean) &&
                               quick_variance(theta, horizon, variance)) {
    return {future.range, mean, fit.sigma2 * variance};
  }
  Forecast forecast{future.range, VectorXd::Constant(horizon, kMissing),
                    VectorXd::Constant(horizon, kMissing)};
  const StateSpace model = likelihood_->state_space(theta);
  const FilterResult end = likelihood_->filter(theta, beta);
  if (model.size() == 0 || !end.resolved()) return forecast;
  const MatrixXd x = future_regressors(theta, future);
  const double scale = likelihood_->data().noisy() ? 1.0 : fit.sigma2;
  VectorXd loading = VectorXd::Zero(model.size());
  loading(0) = 1;
  const auto& differencing = likelihood_->differencing();
  for (std::size_t j = 0; j < differencing.size(); ++j) {
    loading(likelihood_->arma_size() + static_cast<Eigen::Index>(j)) = differencing[j];
  }
  VectorXd mean = end.mean.col(0);
  MatrixXd covariance = end.covariance;
  for (int h = 0; h < horizon; ++h) {
    forecast.mean(h) = loading.dot(mean) + x.row(h).dot(beta);
    forecast.variance(h) = scale * loading.dot(covariance * loading);
    mean = (model.transition * mean).eval();
    const MatrixXd half = model.transition * covariance;
    covariance = model.transition * half.transpose();
    covariance += model.noise;
  }
  return forecast;
}

std::vector<Diagnostic> BoundArima::diagnose(const FitResult& fit) const {
  std::vector<Diagnostic> tests;
  const int s = sample_.season, n = fit.nobs;
  const int fitted = spec_.order.arma_count();
  const int lag = std::min(s > 1 ? 2 * s : 10, std::max(n / 5, fitted + 1));
  if (n > lag + 2) {
    Diagnostic lb = ljung_box(fit.residuals, lag, fitted);
    lb.words = lb.p_value < 0.05 ? fmt::format("residuals are autocorrelated up to lag {}", lag)
                                 : "no sign of autocorrelation left";
    tests.push_back(lb);
    Diagnostic jb = jarque_bera(fit.residuals);
    jb.words = jb.p_value < 0.05 ? "residuals have heavier tails or more skew than a normal"
                                 : "normal residuals are not contradicted";
    tests.push_back(jb);
    Diagnostic arch = arch_lm(fit.residuals, std::min(s > 1 ? s : 4, n / 5));
    arch.words = arch.p_value < 0.05 ? "the error variance changes over time"
                                     : "no sign of a changing error variance";
    if (!std::isnan(arch.p_value)) tests.push_back(arch);
  }
  return tests;
}

VectorXd BoundArima::completed(const FitResult& fit) const {
  VectorXd filled = sample_.y;
  if (filled.allFinite()) return filled;
  const VectorXd smooth = likelihood_->smoothed(theta_of(fit), beta_of(fit), fit.sigma2);
  for (Eigen::Index t = 0; t < filled.size(); ++t) {
    if (std::isnan(filled(t))) filled(t) = smooth(t);
  }
  return filled;
}

VectorXd BoundArima::input_effect(const FitResult& fit, std::size_t input) const {
  const MatrixXd x = likelihood_->regression_matrix(theta_of(fit));
  const VectorXd beta = beta_of(fit);
  const ArimaData& data = likelihood_->data();
  Eigen::Index column = data.x.cols();
  for (std::size_t i = 0; i < input; ++i) column += data.inputs[i].numerator + 1;
  const Eigen::Index width = data.inputs[input].numerator + 1;
  return x.middleCols(column, width) * beta.segment(column, width);
}

std::string BoundArima::equation_text() const {
  const ArimaData& data = likelihood_->data();
  std::vector<std::string> terms;
  for (const std::string& name : data.regressor_names) terms.push_back(name);
  for (const TransferInput& input : data.inputs) {
    if (input.outlier) {
      terms.push_back(input.name);
      continue;
    }
    std::string omega = "omega0";
    for (int j = 1; j <= input.numerator; ++j) omega += fmt::format(" + omega{} B^{}", j, j);
    if (input.numerator > 0) omega = "(" + omega + ")";
    if (input.denominator > 0) omega += "/(1 - delta1 B)";
    if (input.delay > 0) omega += fmt::format(" B^{}", input.delay);
    terms.push_back(omega + " " + input.name);
  }
  terms.push_back("ARIMA" + order_text(data.order));
  return sample_.target.transform.text(sample_.target.variable) + " = " + join(terms, " + ");
}

}  // namespace amnok
