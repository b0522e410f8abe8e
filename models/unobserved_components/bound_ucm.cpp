#include "models/unobserved_components/bound_ucm.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/covariance.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/residual_tests.h"

namespace amnok {

namespace {

constexpr double kHighestDamping = 0.9999;

struct UcmPast : PastState {
  MatrixXd state;  // m x R, predicted for the first period of the future
  MatrixXd gain;   // m x R
  std::vector<InvariantModel> models;
};

// B with B B' = covariance, which may be singular.
MatrixXd semidefinite_root(const MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen((covariance + covariance.transpose()) / 2);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

}  // namespace

BoundUcm::BoundUcm(UcmSpec spec, Sample sample, VectorXd path)
    : spec_(spec),
      sample_(std::move(sample)),
      path_(path.size() == 0 && !sample_.sums.empty() ? first_path(sample_) : std::move(path)),
      data_(ucm_data(sample_, spec_, path_)),
      moving_(moving_components(spec_)) {
  AMNOK_CHECK(data_.exact() || spec_.start == UcmSpec::Start::exact_diffuse,
              "StructTS knows no sums and measurement errors ({} sums)", data_.sums.size());
  check_regressors();
}

// A regressor that a component can draw by itself (a constant beside the level) leaves nothing in
// the whitened errors.
void BoundUcm::check_regressors() const {
  if (sample_.regressors.cols() == 0) return;
  UcmValues values;
  for (const std::string& name : moving_) component_sd(values, name) = data_.unit;
  values.irregular = data_.unit;
  if (spec_.cycle) {
    values.cycle_period = std::sqrt(spec_.shortest_cycle * spec_.longest_cycle);
    values.cycle_damping = spec_.cycle_damped ? 0.9 : 1;
  }
  const UcmFit at = evaluate_ucm(spec_, data_, values);
  ProblemList problems;
  for (Eigen::Index j = 0; j < sample_.regressors.cols(); ++j) {
    double largest = 0;
    for (double e : at.filter.errors.col(1 + j))
      largest = std::max(largest, std::isnan(e) ? 0 : std::fabs(e));
    if (largest < 1e-7) {
      problems.error({}, fmt::format("{} is a part of the level, slope or season of {}, but must "
                                     "say something of its own",
                                     sample_.regressor_names[static_cast<std::size_t>(j)],
                                     sample_.target.variable));
    }
  }
  problems.throw_if_errors();
}

int BoundUcm::searched() const {
  const int shape = spec_.cycle ? (spec_.cycle_damped ? 2 : 1) : 0;
  return static_cast<int>(moving_.size()) + shape;
}

ParameterVector BoundUcm::start() const {
  ParameterVector p;
  for (const std::string& name : moving_) {
    p.add(name, data_.unit * (name == "slope" ? 0.05 : name == "seasonal" ? 0.1 : 0.5));
  }
  if (spec_.cycle) {
    p.add("cycle.period", std::sqrt(spec_.shortest_cycle * spec_.longest_cycle),
          Constraint::bounded, spec_.shortest_cycle, spec_.longest_cycle);
    if (spec_.cycle_damped) {
      p.add("cycle.damping", 0.9, Constraint::bounded, 0, kHighestDamping);
    }
  }
  return p;
}

UcmValues BoundUcm::values_of(const VectorView& parameters) const {
  UcmValues values;
  Eigen::Index next = 0;
  for (const std::string& name : moving_) {
    component_sd(values, name) = std::fabs(parameters(next++));
  }
  if (spec_.cycle) {
    values.cycle_period = parameters(next++);
    values.cycle_damping = spec_.cycle_damped ? parameters(next++) : 1;
  }
  return values;
}

VectorXd BoundUcm::parameters_of(const UcmValues& values, const VectorXd& coefficients) const {
  VectorXd parameters(searched() + coefficients.size());
  UcmValues copy = values;
  Eigen::Index next = 0;
  for (const std::string& name : moving_) parameters(next++) = component_sd(copy, name);
  if (spec_.cycle) {
    parameters(next++) = values.cycle_period;
    if (spec_.cycle_damped) parameters(next++) = values.cycle_damping;
  }
  parameters.tail(coefficients.size()) = coefficients;
  return parameters;
}

VectorXd BoundUcm::coordinates(const UcmValues& values) const {
  VectorXd x = start().to_unconstrained(parameters_of(values, {}));
  x.head(static_cast<Eigen::Index>(moving_.size())) /= data_.unit;
  return x;
}

UcmValues BoundUcm::values_at(const VectorView& x) const {
  VectorXd u = x;
  u.head(static_cast<Eigen::Index>(moving_.size())) *= data_.unit;
  return values_of(start().to_natural(u));
}

double BoundUcm::log_likelihood(const UcmValues& values) const {
  const UcmFit at = evaluate_ucm(spec_, data_, values);
  return at.ok ? at.log_likelihood : kMissing;
}

Problem BoundUcm::problem() const {
  struct Shares {
    double irregular, level, slope, seasonal, cycle;
  };
  // Mostly noise, mostly level, a moving slope; then R's start for its own likelihood.
  std::vector<Shares> shares = {
      {0.7, 0.4, 0.05, 0.1, 0.3}, {0.2, 0.8, 0.02, 0.3, 0.2}, {0.4, 0.1, 0.3, 0.05, 0.6}};
  LogLikelihood problem;
  problem.observations = data_.information();
  const auto add = [&](const Shares& s, double period, double damping) {
    UcmValues values{s.irregular * data_.unit,
                     s.level * data_.unit,
                     s.slope * data_.unit,
                     s.seasonal * data_.unit,
                     s.cycle * data_.unit,
                     period,
                     damping};
    problem.starts.push_back(coordinates(values));
  };
  const double damping = spec_.cycle_damped ? 0.9 : 1;
  for (const Shares& s : shares) {
    if (!spec_.cycle) {
      add(s, 0, 1);
      continue;
    }
    for (double share : {0.3, 0.7}) {
      add(s, spec_.shortest_cycle * std::pow(spec_.longest_cycle / spec_.shortest_cycle, share),
          damping);
    }
  }
  if (spec_.start == UcmSpec::Start::structts) {
    const double r = std::sqrt(data_.variance / 100) / data_.unit;
    add({r, r, r, r, r}, 0, 1);
  }
  problem.evaluate = [this](const VectorXd& x) { return log_likelihood(values_at(x)); };
  return problem;
}

// Standard deviations whose removal costs no likelihood become exactly zero.
UcmValues BoundUcm::without_idle_components(const UcmValues& values, double best) const {
  constexpr double kNoLoss = 1e-6;
  UcmValues kept = values;
  for (const std::string& name : moving_) {
    UcmValues tried = kept;
    component_sd(tried, name) = 0;
    const double without = log_likelihood(tried);
    if (without >= best - kNoLoss) kept = tried;
  }
  return kept;
}

FitResult BoundUcm::describe(const Solution& solution) const {
  const auto& found = std::get<LikelihoodFit>(solution);
  UcmValues values = without_idle_components(values_at(found.x), found.log_likelihood);
  UcmFit at = evaluate_ucm(spec_, data_, values);
  // At the maximum the common scale solves sum v^2 / F = their number.
  if (at.ok && at.rss > 0 && data_.exact() && spec_.start == UcmSpec::Start::exact_diffuse) {
    const double scale = std::sqrt(at.rss / at.filter.count);
    for (const std::string& name : moving_) component_sd(values, name) *= scale;
    at = evaluate_ucm(spec_, data_, values);
  }
  FitResult result = result_at(at);
  if (at.ok) set_covariance(at, result);
  add_tables(result);
  return result;
}

FitResult BoundUcm::evaluate(const ParameterVector& parameters) const {
  const VectorXd values = parameters.values();
  const UcmFit at =
      values.size() > searched() ? filtered(values) : evaluate_ucm(spec_, data_, values_of(values));
  FitResult result = result_at(at);
  result.status = at.ok ? FitStatus::converged : FitStatus::failed;
  if (!at.ok) result.message = "the likelihood is not defined at these parameters";
  return result;
}

std::unique_ptr<BoundModel> BoundUcm::refined(const FitResult& fit) const {
  if (sample_.sums.empty() || sample_.target.transform.kind == Transform::Kind::level) {
    return nullptr;
  }
  VectorXd path = next_path(sample_, path_, completed(fit), std::sqrt(fit.sigma2));
  if (path.size() == 0) return nullptr;
  return std::make_unique<BoundUcm>(spec_, sample_, std::move(path));
}

UcmFit BoundUcm::filtered(const VectorView& parameters) const {
  const VectorXd coefficients = parameters.tail(parameters.size() - searched());
  return evaluate_ucm(spec_, data_, values_of(parameters), &coefficients);
}

FitResult BoundUcm::result_at(const UcmFit& at) const {
  FitResult result;
  result.plugin = "unobserved_components";
  result.equation = equation();
  result.sample = sample_.range;
  result.nobs = at.filter.count;
  result.missing = static_cast<int>(sample_.y.array().isNaN().count());
  result.dropped = sample_.n() - data_.observed - result.missing;
  const ParameterVector begin = start();
  const VectorXd values = parameters_of(at.values, {});
  for (int j = 0; j < searched(); ++j) {
    const auto name = begin.names()[static_cast<std::size_t>(j)];
    if (name == "cycle.period") {
      result.parameters.add(name, values(j), Constraint::bounded, spec_.shortest_cycle,
                            spec_.longest_cycle);
    } else if (name == "cycle.damping") {
      result.parameters.add(name, values(j), Constraint::bounded, 0, kHighestDamping);
    } else {
      result.parameters.add(name, values(j));
    }
  }
  for (Eigen::Index j = 0; j < at.coefficients.size(); ++j) {
    result.parameters.add(sample_.regressor_names[static_cast<std::size_t>(j)], at.coefficients(j));
  }
  result.log_likelihood = at.log_likelihood;
  result.likelihood_data =
      fmt::format("the series given its diffuse start (d = {})", at.filter.diffuse_count);
  result.rss = at.rss;
  result.residuals = at.errors;
  // The error of a sum is in units of its largest part: it is shown standardised alone.
  for (const SumObservation& sum : data_.sums) result.residuals(sum.last) = kMissing;
  result.fitted = sample_.y - at.errors;
  result.standardised = at.errors.cwiseQuotient(at.filter.variance.cwiseSqrt());
  result.sigma2 = steady_state(at.model).variance;
  const int k = result.parameters.size();
  if (result.nobs > k) result.sigma2_df = result.sigma2 * result.nobs / (result.nobs - k);
  set_information_criteria(result, k);
  if (!data_.sums.empty()) {
    result.notes.push_back(fmt::format("{} published sums are used as sums", data_.sums.size()));
  }
  std::vector<std::string> still;
  UcmValues copy = at.values;
  for (const std::string& name : moving_) {
    if (component_sd(copy, name) == 0) still.push_back(name);
  }
  for (const std::string& name : still) {
    result.notes.push_back(
        fmt::format("the variance of the {} is zero at the maximum{}", name,
                    name == "irregular" ? "" : ": this component does not move at random"));
  }
  return result;
}

// Observed information of the standard deviations, in shares of themselves, and of the cycle; that
// of the coefficients is apart from them. Variances of zero are held there.
void BoundUcm::set_covariance(const UcmFit& at, FitResult& result) const {
  const int k = result.parameters.size();
  const auto sds = static_cast<Eigen::Index>(moving_.size());
  const VectorXd x = coordinates(at.values);
  std::vector<Eigen::Index> free;
  for (Eigen::Index j = 0; j < x.size(); ++j) {
    if (j >= sds || x(j) != 0) free.push_back(j);
  }
  const auto moved = [&](const VectorXd& w) {
    VectorXd next = x;
    for (std::size_t i = 0; i < free.size(); ++i) {
      const Eigen::Index j = free[i];
      const double step = w(static_cast<Eigen::Index>(i));
      next(j) = j < sds ? x(j) * (1 + step) : x(j) + step;
    }
    return log_likelihood(values_at(next));
  };
  result.covariance = MatrixXd::Zero(k, k);
  const auto size = static_cast<Eigen::Index>(free.size());
  const MatrixXd hessian = numeric_hessian(moved, VectorXd::Zero(size), 1e-2);
  MatrixXd shares;
  if (hessian.allFinite() && invert_information(-hessian, shares)) {
    const MatrixXd slope =
        start().natural_jacobian(start().to_unconstrained(parameters_of(at.values, {})));
    const auto natural = [&](Eigen::Index j) { return j < sds ? x(j) * data_.unit : slope(j, j); };
    for (Eigen::Index a = 0; a < size; ++a) {
      for (Eigen::Index b = 0; b < size; ++b) {
        const Eigen::Index i = free[static_cast<std::size_t>(a)],
                           j = free[static_cast<std::size_t>(b)];
        result.covariance(i, j) = shares(a, b) * natural(i) * natural(j);
      }
    }
    result.covariance_kind = "observed information";
  } else {
    result.covariance_kind = "given the variances";
    result.notes.emplace_back(
        "the likelihood is flat in the variances: their standard errors are not known");
  }
  const Eigen::Index coefficients = at.coefficients.size();
  result.covariance.bottomRightCorner(coefficients, coefficients) = at.coefficient_covariance;
}

std::string BoundUcm::equation() const {
  std::string text = sample_.target.transform.text(sample_.target.variable) + " = level";
  if (spec_.slope) text += " with slope";
  if (spec_.seasonal != UcmSpec::Seasonal::none) {
    text += fmt::format(" + {} season of {}",
                        spec_.seasonal == UcmSpec::Seasonal::dummy ? "dummy" : "trigonometric",
                        spec_.period);
  }
  if (spec_.cycle) text += " + cycle";
  for (const std::string& name : sample_.regressor_names) text += " + " + name;
  return text + (spec_.irregular ? " + irregular" : "");
}

Forecast BoundUcm::forecast(const FitResult& fit, const Future& future) const {
  const UcmFit at = filtered(fit);
  const auto horizon = static_cast<Eigen::Index>(future.range.count);
  Forecast forecast{future.range, VectorXd(horizon), VectorXd(horizon)};
  VectorXd mean = at.filter.mean.col(0);
  const Eigen::Index k = at.coefficients.size();
  if (k > 0) {
    mean -= at.filter.mean.rightCols(k) * at.coefficients.cwiseProduct(data_.regressor_scale);
  }
  MatrixXd covariance = at.filter.covariance;
  // As large as the fit says that the next error is.
  const double scale = fit.sigma2 / steady_state(at.model).variance;
  for (Eigen::Index h = 0; h < horizon; ++h) {
    forecast.mean(h) = at.model.loading.dot(mean);
    if (k > 0) forecast.mean(h) += future.regressors.row(h).dot(at.coefficients);
    forecast.variance(h) = scale * (at.model.loading.dot(covariance * at.model.loading) +
                                    at.model.observation_variance);
    mean = at.model.states.transition * mean;
    predict_covariance(at.model.states, covariance);
  }
  return forecast;
}

std::vector<Diagnostic> BoundUcm::diagnose(const FitResult& fit) const {
  const int lag = std::min(sample_.season > 1 ? 2 * sample_.season : 10, std::max(fit.nobs / 5, 1));
  if (fit.nobs <= lag + 3) return {};
  Diagnostic portmanteau =
      ljung_box(fit.standardised, lag, std::min(lag - 1, std::max(searched() - 1, 0)));
  portmanteau.words = portmanteau.p_value < 0.05
                          ? fmt::format("one-step errors are autocorrelated up to lag {}", lag)
                          : "no sign of autocorrelation left";
  Diagnostic normality = jarque_bera(fit.standardised);
  normality.words =
      normality.p_value < 0.05 ? "one-step errors are not normal" : "no sign against normal errors";
  // Harvey (1989), section 5.4.3: the last third's squares over the first third's.
  std::vector<double> errors;
  for (double e : fit.standardised) {
    if (!std::isnan(e)) errors.push_back(e);
  }
  const std::size_t third = errors.size() / 3;
  Diagnostic spread;
  spread.name = "heteroskedasticity_h";
  spread.lag = static_cast<int>(third);
  double early = 0, late = 0;
  for (std::size_t i = 0; i < third; ++i) {
    early += errors[i] * errors[i];
    late += errors[errors.size() - 1 - i] * errors[errors.size() - 1 - i];
  }
  if (third > 0 && early > 0 && late > 0) {
    spread.statistic = late / early;
    spread.df = spread.df2 = static_cast<double>(third);
    const double larger = std::max(spread.statistic, 1 / spread.statistic);
    spread.p_value = std::min(1.0, 2 * f_sf(larger, spread.df, spread.df2));
    spread.words = spread.p_value < 0.05 ? "the variance of one-step errors changes"
                                         : "no sign of a changing variance";
    return {portmanteau, normality, spread};
  }
  return {portmanteau, normality};
}

ParameterDraws BoundUcm::draw_parameters(const FitResult& fit, std::uint64_t seed,
                                         std::uint32_t equation, int first, int count) const {
  ParameterDraws draws = BoundModel::draw_parameters(fit, seed, equation, first, count);
  const double scale = std::sqrt(
      fit.sigma2 / steady_state(ucm_model(spec_, values_of(fit.parameters.values()))).variance);
  for (int r = 0; r < count; ++r) {
    const UcmValues values = values_of(draws.parameters.col(r));
    draws.sigma(r) = scale * std::sqrt(steady_state(ucm_model(spec_, values)).variance);
  }
  return draws;
}

std::shared_ptr<const PastState> BoundUcm::past_state(const FitResult&, const ParameterDraws& draws,
                                                      std::uint64_t seed, std::uint32_t equation,
                                                      int first) const {
  constexpr std::uint32_t kAfterSigma = 64;  // numbers before are the base class's
  auto past = std::make_shared<UcmPast>();
  const Eigen::Index m = state_count(spec_), count = draws.sigma.size();
  past->state.resize(m, count);
  past->gain.resize(m, count);
  std::vector<double> normals(static_cast<std::size_t>(m));
  for (Eigen::Index r = 0; r < count; ++r) {
    const UcmFit at = filtered(draws.parameters.col(r));
    const SteadyState steady = steady_state(at.model);
    past->state.col(r) = at.filter.mean.col(0);
    const Eigen::Index k = at.coefficients.size();
    if (k > 0) {
      past->state.col(r) -=
          at.filter.mean.rightCols(k) * at.coefficients.cwiseProduct(data_.regressor_scale);
    }
    past->gain.col(r) = steady.gain;
    past->models.push_back(at.model);
    if (first < 0) continue;
    fill_normals({seed, Purpose::state, equation}, static_cast<std::uint32_t>(first + r), normals,
                 kAfterSigma);
    past->state.col(r) += semidefinite_root(at.filter.covariance - steady.covariance) *
                          Eigen::Map<const VectorXd>(normals.data(), m);
  }
  return past;
}

void BoundUcm::simulate(const ParameterDraws& draws, const PastState& state,
                        const DrawnFuture& future, const DrawMatrix& shocks, int from, int to,
                        DrawMatrix& paths) const {
  const auto& past = dynamic_cast<const UcmPast&>(state);
  const Eigen::Index k = sample_.regressors.cols();
  VectorXd mean, next;
  for (Eigen::Index r = 0; r < draws.sigma.size(); ++r) {
    const InvariantModel& model = past.models[static_cast<std::size_t>(r)];
    mean = past.state.col(r);
    for (int h = 0; h < to; ++h) {
      const double shock = draws.sigma(r) * shocks(h, r);
      if (h >= from) {
        paths(h, r) = model.loading.dot(mean) + shock;
        for (Eigen::Index j = 0; j < k; ++j) {
          const DrawMatrix& x = future.regressors[static_cast<std::size_t>(j)];
          paths(h, r) += draws.parameters(searched() + j, r) * x(h, x.cols() == 1 ? 0 : r);
        }
      }
      next.noalias() = model.states.transition * mean;
      next += past.gain.col(r) * shock;
      mean.swap(next);
    }
  }
}

}  // namespace amnok
