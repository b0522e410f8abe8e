#include "models/arima/arima.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/solver/covariance.h"
#include "engine/stats/lag_polynomial.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/residual_tests.h"
#include "models/arima/arima_start.h"

namespace amnok {

namespace {

constexpr double kBoundary = 0.9999;  // partial autocorrelations beyond it count as the boundary

class ArimaModel : public Model {
 public:
  explicit ArimaModel(ArimaSpec spec) : spec_(std::move(spec)) {}
  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    return std::make_unique<BoundArima>(spec_, sample);
  }

 private:
  ArimaSpec spec_;
};

// A nonlinear sum  sum_j g(y_{t-j}) = S,  g the inverse of the target's transform, linearised at a
// path: sum_j g'(p_j) y_{t-j} = S - sum_j g(p_j) + sum_j g'(p_j) p_j.
std::vector<SumObservation> linearised_sums(const Sample& sample, const VectorXd& path) {
  std::vector<SumObservation> result;
  for (const TemporalSum& sum : sample.sums) {
    SumObservation o;
    o.last = static_cast<int>(sample.range.index_of(sum.parts.back()));
    o.value = sum.value;
    o.variance = sum.sd * sum.sd;
    for (const Period& part : sum.parts) {
      const int t = static_cast<int>(sample.range.index_of(part));
      const double slope = sample.target.transform.inverse_slope(path(t));
      o.value += slope * path(t) - sample.target.transform.inverse(path(t));
      o.parts.emplace_back(o.last - t, slope);
    }
    // In the units of the transformed target, so that the variances of all observations compare.
    double size = 0;
    for (const auto& [lag, weight] : o.parts) size = std::max(size, std::fabs(weight));
    if (!(size > 0)) continue;
    o.value /= size;
    o.variance /= size * size;
    for (auto& [lag, weight] : o.parts) weight /= size;
    result.push_back(o);
  }
  std::stable_sort(result.begin(), result.end(),
                   [](const auto& a, const auto& b) { return a.last < b.last; });
  return result;
}

// A first path through sums: each unknown part takes an equal share.
VectorXd first_path(const Sample& sample) {
  VectorXd path = sample.y;
  for (const TemporalSum& sum : sample.sums) {
    const double share = sum.value / static_cast<double>(sum.parts.size());
    for (const Period& part : sum.parts) {
      path(sample.range.index_of(part)) = sample.target.transform.forward(share);
    }
  }
  return interpolate(path);
}

struct ArimaPast : PastState {
  DrawMatrix known;   // r x R: what of w_{n+1+i} is known at the forecast origin
  DrawMatrix lags;    // z_n, z_{n-1}, ... (as many as differencing needs) x R
  DrawMatrix ar, ma;  // expanded polynomials, lag x R
  std::vector<int> ar_lags, ma_lags, z_lags;  // that are not zero
  std::vector<double> differencing;
};

std::vector<int> used_lags(const DrawMatrix& coefficients) {
  std::vector<int> lags;
  for (Eigen::Index i = 0; i < coefficients.rows(); ++i) {
    if ((coefficients.row(i).array() != 0).any()) lags.push_back(static_cast<int>(i) + 1);
  }
  return lags;
}

}  // namespace

BoundArima::BoundArima(ArimaSpec spec, Sample sample, VectorXd path)
    : spec_(std::move(spec)), sample_(std::move(sample)), path_(std::move(path)) {
  if (spec_.order.period == 0) spec_.order.period = sample_.season;
  const ArimaOrder& o = spec_.order;
  const int n = sample_.n();
  if (!sample_.sums.empty() && path_.size() == 0) path_ = first_path(sample_);

  ArimaData data;
  data.order = o;
  data.y = sample_.y;
  data.sd = sample_.y_sd;
  if (!sample_.sums.empty()) data.sums = linearised_sums(sample_, path_);
  // A row whose regressor is missing cannot be used.
  MatrixXd given = sample_.regressors;
  for (int t = 0; t < n; ++t) {
    if (given.cols() == 0 || given.row(t).allFinite()) continue;
    if (!std::isnan(data.y(t))) ++dropped_;
    data.y(t) = kMissing;
    given.row(t).setZero();
  }
  const auto present =
      std::count_if(data.y.begin(), data.y.end(), [](double v) { return !std::isnan(v); });
  const auto usable = static_cast<int>(present) + static_cast<int>(data.sums.size());
  const bool wanted = spec_.constant != ArimaSpec::Constant::no;
  has_constant_ = wanted && o.d + o.seasonal_d == 0;
  has_drift_ = o.d + o.seasonal_d == 1 && spec_.constant == ArimaSpec::Constant::yes;
  const int extra = has_constant_ || has_drift_ ? 1 : 0;
  data.x.resize(n, extra + given.cols());
  if (extra > 0) {
    data.regressor_names.push_back(has_constant_ ? "intercept" : "drift");
    for (int t = 0; t < n; ++t) data.x(t, 0) = deterministic(0, t);
  }
  data.x.rightCols(given.cols()) = given;
  for (const std::string& name : sample_.regressor_names) data.regressor_names.push_back(name);
  data.inputs = spec_.inputs;
  for (std::size_t i = 0; i < spec_.interventions.size(); ++i) {
    data.inputs.push_back(
        extended_input(spec_.inputs.size() + i, {sample_.range.first + n, 0}, sample_.events));
  }
  int parameters = o.arma_count() + static_cast<int>(data.x.cols()) + 1;
  for (const TransferInput& input : data.inputs) {
    parameters += input.numerator + 1 + input.denominator;
  }
  if (usable - o.differences() < parameters + 1) {
    throw InputError(
        fmt::format("{} has {} observations, but ARIMA{} with {} parameters needs at least {}",
                    sample_.target.variable, usable, order_text(o), parameters,
                    parameters + 1 + o.differences()));
  }
  likelihood_ = std::make_shared<const ArimaLikelihood>(std::move(data));
  check_identified();
}

// What differencing removes from the levels: powers of time, and seasonal patterns.
MatrixXd BoundArima::removed_columns() const {
  const ArimaOrder& o = likelihood_->data().order;
  const int n = likelihood_->data().n();
  MatrixXd removed = MatrixXd::Zero(n, o.differences());
  Eigen::Index column = 0;
  for (int power = 0; power < o.seasonal_d; ++power) {
    for (int season = 0; season < o.period; ++season, ++column) {
      for (int t = season; t < n; t += o.period) {
        removed(t, column) = std::pow((t + 1.0) / n, power);
      }
    }
  }
  for (int power = o.seasonal_d; power < o.seasonal_d + o.d; ++power, ++column) {
    removed.col(column) = VectorXd::LinSpaced(n, 1.0 / n, 1).array().pow(power);
  }
  return removed;
}

// Columns that the data cannot tell apart: a combination of earlier ones, or nothing once
// differenced. Complete data are differenced; else what differencing removes stands beside the
// columns, in the rows that are observed (sums over several periods among them).
void BoundArima::check_identified() const {
  const ArimaData& data = likelihood_->data();
  const ArimaOrder& o = data.order;
  VectorXd theta = VectorXd::Constant(likelihood_->parameters().size(), 0.5);
  theta.head(o.arma_count()).setZero();
  const MatrixXd x = likelihood_->regression_matrix(theta);
  if (x.cols() == 0) return;
  LinearLeastSquares problem;
  Eigen::Index before = 0;
  if (data.complete()) {
    problem.x.resize(data.n() - o.differences(), x.cols());
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      problem.x.col(j) = difference(x.col(j), o.d, o.seasonal_d, o.period);
    }
  } else {
    before = o.differences();
    MatrixXd all(data.n(), before + x.cols());
    all << removed_columns(), x;
    std::vector<Eigen::Index> observed;
    for (Eigen::Index t = 0; t < data.y.size(); ++t) {
      if (!std::isnan(data.y(t))) observed.push_back(t);
    }
    const auto rows = static_cast<Eigen::Index>(observed.size());
    problem.x = MatrixXd::Zero(rows + static_cast<Eigen::Index>(data.sums.size()), all.cols());
    problem.x.topRows(rows) = all(observed, Eigen::all);
    for (std::size_t i = 0; i < data.sums.size(); ++i) {
      for (const auto& [lag, weight] : data.sums[i].parts) {
        problem.x.row(rows + static_cast<Eigen::Index>(i)) +=
            weight * all.row(data.sums[i].last - lag);
      }
    }
  }
  problem.y = VectorXd::Zero(problem.x.rows());
  const std::vector<std::string> names = regression_names(data);
  std::vector<std::string> aliased;
  for (int j : solve(problem).aliased) {
    if (j >= before) aliased.push_back(names[static_cast<std::size_t>(j - before)]);
  }
  if (aliased.empty()) return;
  throw InputError(
      fmt::format("perfectly collinear within {}: {} is a linear combination of the columns before "
                  "it{}",
                  format_range(sample_.range), join(aliased, ", "),
                  o.differences() == 0 ? "" : ", or of what differencing removes"),
      "leave one of them out");
}

double BoundArima::deterministic(int, std::int64_t t) const {
  return has_drift_ ? static_cast<double>(t + 1) : 1.0;
}

TransferInput BoundArima::extended_input(std::size_t input, const PeriodRange& future,
                                         const std::map<std::string, EventActivity>& events) const {
  if (input < spec_.inputs.size()) return spec_.inputs[input];
  const Intervention& intervention = spec_.interventions[input - spec_.inputs.size()];
  const auto event = events.find(intervention.event);
  AMNOK_CHECK(event != events.end(), "no event {}", intervention.event);
  // From the event's start when that lies before the sample, so that a filter has its history.
  const Period first = std::min(event->second.start(), sample_.range.first);
  const PeriodRange range = range_between(first, future.first + (future.count - 1));
  const std::vector<double> values = event_input(event->second, intervention.shape, range);
  TransferInput result;
  result.name = intervention.event;
  // Several shapes of one event: each has a name of its own.
  const auto same = std::count_if(spec_.interventions.begin(), spec_.interventions.end(),
                                  [&](const auto& i) { return i.event == intervention.event; });
  if (same > 1) result.name += "." + std::string(shape_name(intervention.shape));
  result.values =
      Eigen::Map<const VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
  result.numerator = intervention.numerator;
  result.denominator = intervention.denominator;
  result.delay = intervention.delay;
  return result;
}

ParameterVector BoundArima::start() const {
  ParameterVector parameters = likelihood_->parameters();
  const std::vector<VectorXd> all = starts();
  parameters.set_values(parameters.to_natural(all.front()));
  return parameters;
}

std::vector<VectorXd> BoundArima::starts() const {
  const ArimaData& data = likelihood_->data();
  const ParameterVector& parameters = likelihood_->parameters();
  const ArimaOrder& o = data.order;
  VectorXd theta = VectorXd::Zero(parameters.size());
  for (int i = o.arma_count(); i < parameters.size(); ++i) theta(i) = 0.5;

  // Residuals of a plain regression of the differenced, gap-filled data.
  const VectorXd y = interpolate(data.y);
  const MatrixXd x = likelihood_->regression_matrix(theta);
  LinearLeastSquares problem;
  problem.y = difference(y, o.d, o.seasonal_d, o.period);
  problem.x.resize(problem.y.size(), x.cols());
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    problem.x.col(j) = difference(x.col(j), o.d, o.seasonal_d, o.period);
  }
  const LinearFit regression = solve(problem);
  const VectorXd w = regression.residuals;
  const VectorXd arma = hannan_rissanen(w, o);
  if (data.noisy()) {
    const double sd =
        std::sqrt(w.squaredNorm() / static_cast<double>(std::max<Eigen::Index>(w.size(), 1)));
    theta(theta.size() - 1) = sd > 0 ? sd : 1;
  }
  std::vector<VectorXd> result;
  theta.head(o.arma_count()) = arma;
  result.push_back(parameters.to_unconstrained(theta));
  if (o.arma_count() > 0) {
    theta.head(o.arma_count()).setConstant(0.0);
    // A little off zero in both directions: mixed models have saddle points at zero.
    for (int i = 0; i < o.arma_count(); ++i) {
      const bool ma = (i >= o.p && i < o.p + o.q) || i >= o.p + o.q + o.seasonal_p;
      theta(i) = ma ? -0.1 : 0.1;
    }
    result.push_back(parameters.to_unconstrained(theta));
  }
  return result;
}

Problem BoundArima::problem() const {
  const auto likelihood = likelihood_;
  const std::vector<VectorXd> all = starts();
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
  problem.exact = !likelihood->data().complete();
  problem.evaluate = [likelihood](const VectorXd& u, VectorXd& r, MatrixXd* jacobian) {
    return likelihood->residuals(u, r, jacobian);
  };
  return problem;
}

FitResult BoundArima::describe(const Solution& solution) const {
  const VectorXd u = std::visit(
      [](const auto& s) -> VectorXd {
        if constexpr (requires { s.x; }) return s.x;
        return {};
      },
      solution);
  return result_at(likelihood_->parameters().to_natural(u), true);
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
  result.plugin = "arima";
  result.equation = equation_text();
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
  result.residuals = e.residuals;
  result.fitted = sample_.y - e.residuals;
  const int count = result.parameters.size();
  result.sigma2_df = e.nobs > count ? e.sigma2 * e.nobs / (e.nobs - count) : kMissing;
  set_information_criteria(result, count + 1);
  if (!with_covariance) return result;

  // Parameters on the boundary have no curvature to go by; they are held while the others get
  // theirs.
  const MatrixXd information = likelihood_->information(theta, e.beta);
  std::vector<int> free;
  const VectorXd u = all.to_unconstrained(theta);
  for (int i = 0; i < information.rows(); ++i) {
    const bool bounded = i < k && std::fabs(u(i) / std::sqrt(1 + u(i) * u(i))) > kBoundary;
    if (!bounded) {
      free.push_back(i);
    } else {
      result.notes.push_back(
          fmt::format("{} is on the boundary of the admissible region; it has no standard error",
                      all.names()[static_cast<std::size_t>(i)]));
    }
  }
  note_unit_roots(theta, result);
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
  return result;
}

// A moving-average root on the unit circle: often a difference too many.
void BoundArima::note_unit_roots(const VectorXd& theta, FitResult& result) const {
  const ArimaOrder& o = spec_.order;
  const auto note = [&](const char* part, int first, int count) {
    std::vector<double> coefficients;
    for (int i = first; i < first + count; ++i) coefficients.push_back(-theta(i));
    const std::vector<double> moduli =
        count == 1 ? std::vector<double>{1 / std::fabs(theta(first))} : root_moduli(coefficients);
    if (moduli.empty() || moduli.front() > 1.005) return;
    result.notes.push_back(fmt::format(
        "a root of the {} lies on the unit circle (modulus {:.4f}): the series may be differenced "
        "once too often, and the standard error of that part says little",
        part, moduli.front()));
  };
  note("moving average", o.p, o.q);
  note("seasonal moving average", o.p + o.q + o.seasonal_p, o.seasonal_q);
}

std::unique_ptr<BoundModel> BoundArima::refined(const FitResult& fit) const {
  if (sample_.sums.empty() || sample_.target.transform.kind == Transform::Kind::level)
    return nullptr;
  const VectorXd path = likelihood_->smoothed(theta_of(fit), beta_of(fit), fit.sigma2);
  double change = 0;
  for (const TemporalSum& sum : sample_.sums) {
    for (const Period& part : sum.parts) {
      const auto t = sample_.range.index_of(part);
      change = std::max(change, std::fabs(path(t) - path_(t)));
    }
  }
  if (change < 1e-5 * std::sqrt(fit.sigma2)) return nullptr;
  return std::make_unique<BoundArima>(spec_, sample_, path);
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
  const int n = data.n(), extra = has_constant_ || has_drift_ ? 1 : 0;
  ArimaData ahead;
  ahead.order = data.order;
  ahead.y = VectorXd::Zero(n + horizon);
  ahead.x = MatrixXd::Zero(n + horizon, data.x.cols());
  for (std::int64_t h = 0; h < horizon; ++h) {
    if (extra > 0) ahead.x(n + h, 0) = deterministic(0, n + h);
    ahead.x.row(n + h).tail(future.regressors.cols()) = future.regressors.row(h);
  }
  ahead.regressor_names = data.regressor_names;
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    TransferInput input = extended_input(i, future.range, future.events);
    if (i < spec_.inputs.size()) {  // a series is held at its last value
      const Eigen::Index size = input.values.size();
      input.values.conservativeResize(size + horizon);
      input.values.tail(horizon).setConstant(input.values(size - 1));
    }
    ahead.inputs.push_back(input);
  }
  return ArimaLikelihood(std::move(ahead)).regression_matrix(theta).bottomRows(horizon);
}

Forecast BoundArima::forecast(const FitResult& fit, const Future& future) const {
  const VectorXd theta = theta_of(fit), beta = beta_of(fit);
  const auto horizon = static_cast<int>(future.range.count);
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

std::shared_ptr<const PastState> BoundArima::past_state(const FitResult& fit,
                                                        const ParameterDraws& draws,
                                                        std::uint64_t seed, std::uint32_t equation,
                                                        int first) const {
  const ArimaData& data = likelihood_->data();
  const int k = likelihood_->parameters().size() - (data.noisy() ? 1 : 0);
  const int r = likelihood_->arma_size();
  const auto lags = static_cast<Eigen::Index>(likelihood_->differencing().size());
  const Eigen::Index count = draws.parameters.cols();
  auto past = std::make_shared<ArimaPast>();
  past->differencing = likelihood_->differencing();
  past->known.resize(r, count);
  past->lags.resize(lags, count);
  past->ar.setZero(data.order.ar_lags(), count);
  past->ma.setZero(data.order.ma_lags(), count);

  // The uncertainty about the state itself (gaps near the end, unknown early shocks) is that at the
  // estimate; its mean is each draw's own.
  const VectorXd theta_hat = theta_of(fit);
  const FilterResult end = likelihood_->filter(theta_hat, beta_of(fit));
  const StateSpace model = likelihood_->state_space(theta_hat);
  MatrixXd uncertain = end.covariance - model.noise;  // of what is known before the next shock
  uncertain = (0.5 * (uncertain + uncertain.transpose())).eval();
  const double scale = data.noisy() ? 1.0 : fit.sigma2;
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(uncertain);
  const double floor = 1e-10 * model.noise(0, 0);
  std::vector<Eigen::Index> directions;
  for (Eigen::Index i = 0; i < uncertain.rows(); ++i) {
    if (first >= 0 && eigen.eigenvalues()(i) > floor) directions.push_back(i);
  }
  std::vector<double> normals(directions.size());
  for (Eigen::Index d = 0; d < count; ++d) {
    VectorXd theta = theta_hat;
    theta.head(k) = draws.parameters.col(d).head(k);
    if (data.noisy()) theta(k) = draws.sigma(d);
    const VectorXd beta = draws.parameters.col(d).tail(draws.parameters.rows() - k);
    const FilterResult at = likelihood_->filter(theta, beta);
    VectorXd state = at.mean.col(0);
    fill_normals({seed, Purpose::state, equation}, static_cast<std::uint32_t>(first + d), normals,
                 2);
    for (std::size_t i = 0; i < directions.size(); ++i) {
      state += eigen.eigenvectors().col(directions[i]) *
               (std::sqrt(scale * eigen.eigenvalues()(directions[i])) * normals[i]);
    }
    past->known.col(d) = state.head(r);
    past->lags.col(d) = state.segment(r, lags);
    const std::vector<double> ar = likelihood_->ar_polynomial(theta);
    const std::vector<double> ma = likelihood_->ma_polynomial(theta);
    for (std::size_t i = 0; i < ar.size(); ++i) past->ar(static_cast<Eigen::Index>(i), d) = ar[i];
    for (std::size_t i = 0; i < ma.size(); ++i) past->ma(static_cast<Eigen::Index>(i), d) = ma[i];
  }
  past->ar_lags = used_lags(past->ar);
  past->ma_lags = used_lags(past->ma);
  return past;
}

void BoundArima::simulate(const ParameterDraws& draws, const PastState& state,
                          const DrawnFuture& future, const DrawMatrix& shocks, int from, int to,
                          DrawMatrix& paths) const {
  const auto& past = dynamic_cast<const ArimaPast&>(state);
  const ArimaData& data = likelihood_->data();
  const int k = likelihood_->parameters().size() - (data.noisy() ? 1 : 0);
  const int n = data.n(), extra = has_constant_ || has_drift_ ? 1 : 0;
  const Eigen::Index count = draws.parameters.cols();
  const auto row = [](int i) { return static_cast<Eigen::Index>(i); };

  // The noise z does not depend on regressors, so its whole path is had from the shocks.
  DrawMatrix e(to, count), w(to, count), z(to, count);
  for (int h = 0; h < to; ++h) {
    e.row(h) = shocks.row(h).cwiseProduct(draws.sigma.transpose());
    w.row(h) = e.row(h);
    if (h < past.known.rows()) w.row(h) += past.known.row(h);
    for (int lag : past.ar_lags) {
      if (lag <= h) w.row(h) += past.ar.row(lag - 1).cwiseProduct(w.row(h - lag));
    }
    for (int lag : past.ma_lags) {
      if (lag <= h) w.row(h) += past.ma.row(lag - 1).cwiseProduct(e.row(h - lag));
    }
    z.row(h) = w.row(h);
    for (int j = 1; j <= static_cast<int>(past.differencing.size()); ++j) {
      const double c = past.differencing[static_cast<std::size_t>(j - 1)];
      if (c == 0) continue;
      if (j <= h) {
        z.row(h) += c * z.row(h - j);
      } else {
        z.row(h) += c * past.lags.row(j - h - 1);
      }
    }
  }
  paths.middleRows(from, to - from) = z.middleRows(from, to - from);
  int parameter = k;
  for (int j = 0; j < extra; ++j, ++parameter) {
    for (int h = from; h < to; ++h) {
      paths.row(h) += deterministic(j, n + h) * draws.parameters.row(parameter);
    }
  }
  for (const DrawMatrix& x : future.regressors) {
    for (int h = from; h < to; ++h) {
      if (x.cols() == 1) {
        paths.row(h) += x(h, 0) * draws.parameters.row(parameter);
      } else {
        paths.row(h) += x.row(h).cwiseProduct(draws.parameters.row(parameter));
      }
    }
    ++parameter;
  }
  int delta = data.order.arma_count();
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    const TransferInput input =
        i < spec_.inputs.size() ? data.inputs[i] : extended_input(i, future.range, future.events);
    const auto size = input.values.size(), sample_end = size - future.range.count;
    const auto value = [&](Eigen::Index t) {
      return i < spec_.inputs.size() ? input.values(std::min(t, size - 1))
                                     : (t >= 0 && t < size ? input.values(t) : 0.0);
    };
    const Eigen::Index origin = i < spec_.inputs.size() ? size : sample_end;
    Eigen::RowVectorXd filtered(count);
    for (int j = 0; j <= input.numerator; ++j, ++parameter) {
      filtered.setZero();
      for (Eigen::Index t = 0; t < origin + to; ++t) {
        const double u = value(t - input.delay - j);
        if (input.denominator > 0) {
          filtered = filtered.cwiseProduct(draws.parameters.row(row(delta))).array() + u;
        } else {
          filtered.setConstant(u);
        }
        const Eigen::Index h = t - origin;
        if (h >= from) paths.row(h) += filtered.cwiseProduct(draws.parameters.row(parameter));
      }
    }
    delta += input.denominator;
  }
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

std::unique_ptr<Model> make_arima(ArimaSpec spec) {
  return std::make_unique<ArimaModel>(std::move(spec));
}

namespace {

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList&) {
  ArimaSpec spec;
  const std::vector<int> order = equation.options.integers("order");
  const std::vector<int> seasonal = equation.options.integers("seasonal_order");
  spec.order.p = order[0];
  spec.order.d = order[1];
  spec.order.q = order[2];
  spec.order.seasonal_p = seasonal[0];
  spec.order.seasonal_d = seasonal[1];
  spec.order.seasonal_q = seasonal[2];
  // 0: the season of the sample's frequency.
  spec.order.period = equation.options.has("period") ? equation.options.integer("period") : 0;
  const ConfigValue& constant = equation.options.get("constant");
  if (constant.is(ConfigValue::Kind::boolean)) {
    spec.constant = constant.boolean() ? ArimaSpec::Constant::yes : ArimaSpec::Constant::no;
  }
  spec.interventions = equation.interventions;
  return make_arima(spec);
}

// IMA(1,1) with a step, drawn from known parameters.
ModelExample example() {
  constexpr int kObservations = 200, kAhead = 12;
  const Period first{Frequency::monthly, 2005 * 12};
  std::vector<double> e(kObservations);
  fill_normals({20220401, Purpose::simulation, 1}, 0, e);
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, kObservations};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(kObservations);
  sample.regressors.resize(kObservations, 0);
  sample.events["closure"] = EventActivity{{Episode{first + 120, {}, 0, 0, 1, false}}};
  double level = 100;
  for (int t = 0; t < kObservations; ++t) {
    const double shock = e[static_cast<std::size_t>(t)];
    level += shock + (t > 0 ? -0.6 * e[static_cast<std::size_t>(t - 1)] : 0);
    sample.y(t) = level + (t >= 120 ? -8.0 : 0.0);
  }
  ArimaSpec spec;
  spec.order = {0, 1, 1, 0, 0, 0, 12};
  Intervention step;
  step.event = "closure";
  spec.interventions.push_back(step);
  example.model = make_arima(spec);
  example.future = {{first + kObservations, kAhead}, MatrixXd(kAhead, 0), sample.events};
  example.truth = {{"ma1", -0.6}, {"closure.omega0", -8.0}};
  return example;
}

}  // namespace

Plugin arima_plugin() {
  Plugin plugin;
  plugin.name = "arima";
  plugin.summary = "trend, season and dated events: seasonal ARIMA regression by exact likelihood";
  const OptionType orders = array_type(integer_type(0, 12), 3, 3);
  Option order = default_option("order", {orders}, std::int64_t{0},
                                "[p, d, q]: autoregressive lags, differences, moving-average lags");
  order.default_value = ConfigValue::array();
  for (int v : {0, 1, 1}) order.default_value->add(ConfigValue(std::int64_t{v}));
  Option seasonal = default_option("seasonal_order", {array_type(integer_type(0, 3), 3, 3)},
                                   std::int64_t{0}, "[P, D, Q]: the same at the season's lag");
  seasonal.default_value = ConfigValue::array();
  for (int v : {0, 0, 0}) seasonal.default_value->add(ConfigValue(std::int64_t{v}));
  plugin.schema = plugin_schema(
      plugin.name, plugin.summary,
      {order, seasonal,
       optional_option("period", {integer_type(2, 366)},
                       "observations a season, when it is not the frequency's (12, 4, 52, 7)"),
       default_option("constant", {boolean_type(), choice_type({"auto"})}, std::string("auto"),
                      "a mean (no differences) or drift (one difference); auto: a mean, no drift"),
       interventions_option()});
  plugin.make = make_from_equation;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
