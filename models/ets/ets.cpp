#include "models/ets/ets.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/solver/covariance.h"
#include "engine/stats/distributions.h"
#include "engine/stats/observed_length.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/residual_tests.h"

namespace amnok {

namespace {

constexpr double kSearchTolerance = 1e-4;  // of the comparison of forms
constexpr double kStartAlphas[] = {0.05, 0.3, 0.8};

// The admissible start with the smallest sum of squares, in unconstrained coordinates.
VectorXd best_start(const EtsLikelihood& likelihood) {
  VectorXd best, r;
  double least = INFINITY;
  for (double alpha : kStartAlphas) {
    const VectorXd u =
        likelihood.parameters().to_unconstrained(likelihood.solver_values(likelihood.start(alpha)));
    if (best.size() == 0) best = u;
    if (!likelihood.residuals(u, r, nullptr) || !(r.squaredNorm() < least)) continue;
    least = r.squaredNorm();
    best = u;
  }
  return best;
}

// For a given form, which is fitted once: a trend that learns nearly as fast as the level, where the
// likelihood may have another optimum.
std::vector<VectorXd> quick_trend_starts(const EtsLikelihood& likelihood) {
  std::vector<VectorXd> starts;
  if (!likelihood.form().trend) return starts;
  for (double alpha : {0.1, 0.8}) {
    EtsParameters p = likelihood.start(alpha);
    p.beta = 0.9 * alpha;
    starts.push_back(likelihood.parameters().to_unconstrained(likelihood.solver_values(p)));
  }
  return starts;
}

NonlinearLeastSquares least_squares(const EtsLikelihood& likelihood, VectorXd start) {
  NonlinearLeastSquares problem;
  problem.residual_count = likelihood.observations();
  problem.units = likelihood.units();
  problem.starts = {std::move(start)};
  problem.effort = NonlinearLeastSquares::Effort::normal;
  problem.offset_tolerance = 1e-6;
  problem.max_iterations = 200;
  problem.evaluate = [&likelihood](const VectorXd& u, VectorXd& r, MatrixXd* jacobian) {
    return likelihood.residuals(u, r, jacobian);
  };
  return problem;
}

double criterion_of(EtsCriterion criterion, double log_likelihood, int parameters, int n) {
  const double k = parameters;
  switch (criterion) {
    case EtsCriterion::aic:
      return -2 * log_likelihood + 2 * k;
    case EtsCriterion::bic:
      return -2 * log_likelihood + k * std::log(n);
    case EtsCriterion::aicc:
      break;
  }
  return n - k - 1 > 0 ? -2 * log_likelihood + 2 * k + 2 * k * (k + 1) / (n - k - 1) : INFINITY;
}

EtsCandidate try_form(const EtsForm& form, const VectorXd& y, EtsCriterion criterion) {
  EtsCandidate candidate{form, kMissing, INFINITY, {}};
  const EtsLikelihood likelihood(form, y);
  const int parameters = form.smoothing_count() + form.state_count() + 1;
  if (likelihood.observations() < parameters + 1) return candidate;
  NonlinearLeastSquares problem = least_squares(likelihood, best_start(likelihood));
  problem.offset_tolerance = kSearchTolerance;
  problem.effort = NonlinearLeastSquares::Effort::scan;
  const NonlinearFit fit = solve(problem);
  if (fit.status == FitStatus::failed) return candidate;
  const EtsPath path =
      likelihood.run(likelihood.natural(likelihood.parameters().to_natural(fit.x)));
  if (!path.ok) return candidate;
  candidate.u = fit.x;
  candidate.log_likelihood = likelihood.log_likelihood(path);
  candidate.criterion =
      criterion_of(criterion, candidate.log_likelihood, parameters, likelihood.observations());
  return candidate;
}

void check_ets_sample(const Sample& sample) {
  const auto present = sample.n() - sample.y.array().isNaN().count();
  if (present < 4) {
    throw InputError(
        fmt::format("{} has {} observations, but exponential smoothing needs at least 4",
                    sample.target.variable, present));
  }
  const auto defined = sample.y.array().isNaN();
  const double low = defined.select(INFINITY, sample.y).minCoeff();
  const double high = defined.select(-INFINITY, sample.y).maxCoeff();
  if (low == high) {
    throw InputError(
        fmt::format("{} is constant ({}), but must vary", sample.target.variable, low));
  }
  if (sample.regressors.cols() > 0 || !sample.sums.empty()) {
    throw InputError(
        fmt::format("the ets model of {} has regressors or published sums, which it cannot use",
                    sample.target.variable),
        "use the arima plugin");
  }
}

class EtsModel : public Model {
 public:
  explicit EtsModel(EtsSpec spec) : spec_(std::move(spec)) {}

  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    const int period = spec_.period > 0 ? spec_.period : sample.season;
    check_ets_sample(sample);
    if (!spec_.form.empty()) {
      EtsForm form;
      if (!parse_form(spec_.form, period, form)) {
        throw InputError(
            fmt::format("{} has no season, but {} needs one", sample.target.variable, spec_.form));
      }
      return std::make_unique<BoundEts>(form, sample);
    }
    const std::vector<EtsCandidate> candidates = ets_candidates(spec_, sample);
    const auto best = std::min_element(
        candidates.begin(), candidates.end(),
        [](const EtsCandidate& a, const EtsCandidate& b) { return a.criterion < b.criterion; });
    if (!std::isfinite(best->criterion)) {  // too short to compare: a level
      return std::make_unique<BoundEts>(EtsForm{}, sample);
    }
    auto bound = std::make_unique<BoundEts>(best->form, sample);
    bound->set_tables({table_of(candidates)}, best->u);
    return bound;
  }

 private:
  static ResultTable table_of(const std::vector<EtsCandidate>& candidates) {
    ResultTable table{"candidates", "Forms compared", {"form", "log_likelihood", "criterion"}, {}};
    for (const EtsCandidate& c : candidates) {
      table.rows.push_back({form_text(c.form), c.log_likelihood,
                            std::isfinite(c.criterion) ? c.criterion : kMissing});
    }
    return table;
  }

  EtsSpec spec_;
};

struct EtsPast : PastState {
  std::vector<EtsStates> states;  // a draw each
};

}  // namespace

BoundEts::BoundEts(EtsForm form, Sample sample)
    : sample_(std::move(sample)),
      gap_(sample_.n() - observed_length(sample_.y)),
      likelihood_(form, sample_.y.head(sample_.n() - gap_)) {
  const int parameters = form.smoothing_count() + form.state_count() + 1;
  if (likelihood_.observations() < std::min(parameters, 4)) {
    throw InputError(fmt::format("{} has {} observations, but {} with {} parameters needs more",
                                 sample_.target.variable, likelihood_.observations(),
                                 form_text(form), parameters));
  }
  const bool positive = sample_.y.array().isNaN().select(1.0, sample_.y).minCoeff() > 0;
  if (form.multiplicative_error && !positive) {
    throw InputError(fmt::format("{} has values of zero or below, but {} needs positive ones",
                                 sample_.target.variable, form_text(form)),
                     "use a form with additive errors, such as AAA");
  }
}

ParameterVector BoundEts::start() const {
  ParameterVector parameters = likelihood_.parameters();
  parameters.set_values(
      parameters.to_natural(start_.size() > 0 ? start_ : best_start(likelihood_)));
  return parameters;
}

Problem BoundEts::problem() const {
  if (start_.size() > 0) return least_squares(likelihood_, start_);
  NonlinearLeastSquares problem = least_squares(likelihood_, best_start(likelihood_));
  const std::vector<VectorXd> more = quick_trend_starts(likelihood_);
  problem.starts.insert(problem.starts.end(), more.begin(), more.end());
  return problem;
}

FitResult BoundEts::describe(const Solution& solution) const {
  const auto& fit = std::get<NonlinearFit>(solution);
  const EtsForm& form = likelihood_.form();
  const VectorXd values = likelihood_.parameters().to_natural(fit.x);
  // Gauss-Newton in the solver's coordinates, without the directions that a bound has flattened.
  const auto k = fit.x.size();
  const MatrixXd information = fit.jacobian.transpose() * fit.jacobian *
                               (static_cast<double>(fit.residuals.size()) / fit.rss);
  std::vector<int> free;
  for (int i = 0; i < k; ++i) {
    const bool smoothing = i < form.smoothing_count();
    if (information(i, i) > 0 && !(smoothing && std::fabs(fit.x(i)) > 50)) free.push_back(i);
  }
  MatrixXd part, covariance = MatrixXd::Zero(k, k);
  if (invert_information(information(free, free), part)) covariance(free, free) = part;
  // To natural units: beta and gamma are shares of what alpha leaves.
  MatrixXd change = likelihood_.parameters().natural_jacobian(fit.x);
  const EtsParameters p = likelihood_.natural(values);
  if (form.trend) {
    change.row(1) =
        (values(1) * change.row(0) + (p.alpha - kLowestSmoothing) * change.row(1)).eval();
  }
  if (form.seasonal()) {
    const int i = form.trend ? 2 : 1;
    change.row(i) =
        (-values(i) * change.row(0) + (1 - p.alpha - kLowestSmoothing) * change.row(i)).eval();
  }
  FitResult result = result_at(p, change * covariance * change.transpose());
  result.tables = tables_;
  return result;
}

FitResult BoundEts::evaluate(const ParameterVector& parameters) const {
  FitResult result = result_at(likelihood_.natural(parameters.values()), {});
  if (result.status == FitStatus::not_run) result.status = FitStatus::converged;
  return result;
}

FitResult BoundEts::result_at(const EtsParameters& p, const MatrixXd& covariance) const {
  const EtsForm& form = likelihood_.form();
  const EtsPath path = likelihood_.run(p);
  FitResult result;
  result.plugin = "ets";
  result.equation =
      sample_.target.transform.text(sample_.target.variable) + " = " + form_text(form);
  result.sample = sample_.range;
  result.nobs = likelihood_.observations();
  result.missing = sample_.n() - result.nobs;
  if (!path.ok) {
    result.status = FitStatus::failed;
    result.message = "the likelihood is not defined at the parameters";
    return result;
  }
  ParameterVector& all = result.parameters;
  all.add("alpha", p.alpha, Constraint::bounded, 0, 1);
  if (form.trend) all.add("beta", p.beta, Constraint::bounded, 0, 1);
  if (form.seasonal()) all.add("gamma", p.gamma, Constraint::bounded, 0, 1);
  if (form.damped) all.add("phi", p.phi, Constraint::bounded, 0, 1);
  all.add("level", p.level);
  if (form.trend) all.add("trend", p.trend);
  for (int i = 1; form.seasonal() && i < form.period; ++i) {
    all.add(fmt::format("season{}", i), p.season(i - 1));
  }
  const int k = all.size();
  result.rss = path.sum_squares;
  result.sigma2 = path.sum_squares / result.nobs;
  result.sigma2_df = result.nobs > k ? path.sum_squares / (result.nobs - k) : kMissing;
  result.log_likelihood = likelihood_.log_likelihood(path);
  result.fitted = path.means;
  result.fitted.conservativeResize(sample_.n());
  result.fitted.tail(gap_) = ets_moments(form, p, path.end, result.sigma2, gap_).mean;
  result.residuals = sample_.y - result.fitted;
  if (form.multiplicative_error) {
    result.standardised = path.errors / std::sqrt(result.sigma2);
    result.standardised.conservativeResize(sample_.n());
    result.standardised.tail(gap_).setConstant(kMissing);
  }
  set_information_criteria(result, k + 1);
  if (covariance.size() > 0) {
    result.covariance = covariance;
    result.covariance_kind = "Gauss-Newton";
  }
  return result;
}

EtsParameters BoundEts::parameters_of(const VectorXd& v) const {
  const EtsForm& form = likelihood_.form();
  EtsParameters p;
  int i = 0;
  p.alpha = v(i++);
  if (form.trend) p.beta = v(i++);
  if (form.seasonal()) p.gamma = v(i++);
  if (form.damped) p.phi = v(i++);
  p.level = v(i++);
  if (form.trend) p.trend = v(i++);
  if (form.seasonal()) {
    p.season.resize(form.period);
    p.season.head(form.period - 1) = v.tail(form.period - 1);
    const double total = form.season == EtsForm::Season::additive ? 0 : form.period;
    p.season(form.period - 1) = total - v.tail(form.period - 1).sum();
  }
  return p;
}

Forecast BoundEts::forecast(const FitResult& fit, const Future& future) const {
  const EtsParameters p = parameters_of(fit.parameters.values());
  const EtsPath path = likelihood_.run(p);
  const auto horizon = static_cast<int>(future.range.count);
  if (!path.ok) {
    return {future.range, VectorXd::Constant(horizon, kMissing),
            VectorXd::Constant(horizon, kMissing)};
  }
  const EtsMoments moments =
      ets_moments(likelihood_.form(), p, path.end, fit.sigma2, gap_ + horizon);
  return {future.range, moments.mean.tail(horizon), moments.variance.tail(horizon)};
}

std::vector<Diagnostic> BoundEts::diagnose(const FitResult& fit) const {
  const int s = sample_.season, n = fit.nobs;
  const int lag = std::min(s > 1 ? 2 * s : 10, std::max(n / 5, 1));
  if (n <= lag + 2) return {};
  Diagnostic test = ljung_box(fit.residuals, lag, 0);
  test.words = test.p_value < 0.05 ? fmt::format("residuals are autocorrelated up to lag {}", lag)
                                   : "no sign of autocorrelation left";
  return {test};
}

VectorXd BoundEts::completed(const FitResult& fit) const {
  VectorXd filled = sample_.y;
  for (Eigen::Index t = 0; t < filled.size(); ++t) {
    if (std::isnan(filled(t))) filled(t) = fit.fitted(t);
  }
  return filled;
}

// As in the base class, and again until beta < alpha and gamma < 1 - alpha.
ParameterDraws BoundEts::draw_parameters(const FitResult& fit, std::uint64_t seed,
                                         std::uint32_t equation, int first, int count) const {
  ParameterDraws draws = BoundModel::draw_parameters(fit, seed, equation, first, count);
  for (int r = 0; r < count; ++r) {
    const EtsParameters p = parameters_of(draws.parameters.col(r));
    const bool inside = p.beta <= p.alpha && p.gamma <= 1 - p.alpha;
    if (!inside || !likelihood_.run(p).ok) draws.parameters.col(r) = fit.parameters.values();
  }
  return draws;
}

// The states at the end of the sample: through a gap at its end, each draw goes its own way.
std::shared_ptr<const PastState> BoundEts::past_state(const FitResult&, const ParameterDraws& draws,
                                                      std::uint64_t seed, std::uint32_t equation,
                                                      int first) const {
  auto past = std::make_shared<EtsPast>();
  std::vector<double> shocks(static_cast<std::size_t>(gap_));
  for (Eigen::Index r = 0; r < draws.parameters.cols(); ++r) {
    const EtsParameters p = parameters_of(draws.parameters.col(r));
    EtsStates states = likelihood_.run(p).end;
    if (gap_ > 0) {
      fill_normals({seed, Purpose::state, equation}, static_cast<std::uint32_t>(first + r), shocks);
    }
    for (int h = 0; h < gap_; ++h) {
      advance(p, draws.sigma(r) * shocks[static_cast<std::size_t>(h)], h, states);
    }
    if (likelihood_.form().seasonal()) {  // the next period's season first
      std::rotate(states.season.begin(), states.season.begin() + gap_ % likelihood_.form().period,
                  states.season.end());
    }
    past->states.push_back(std::move(states));
  }
  return past;
}

double BoundEts::advance(const EtsParameters& p, double shock, int h, EtsStates& s) const {
  const EtsForm& form = likelihood_.form();
  const bool multiplies = form.season == EtsForm::Season::multiplicative;
  const double q = s.level + (form.trend ? p.phi * s.trend : 0);
  double* const season = form.seasonal() ? &s.season(h % form.period) : nullptr;
  const double mu = season == nullptr ? q : multiplies ? q * *season : q + *season;
  const double x = form.multiplicative_error ? mu * shock : shock;
  const double xl = multiplies ? x / *season : x;
  s.level = q + p.alpha * xl;
  s.trend = p.phi * s.trend + p.beta * xl;
  if (season != nullptr) *season += p.gamma * (multiplies ? x / q : x);
  return mu + x;
}

void BoundEts::simulate(const ParameterDraws& draws, const PastState& state, const DrawnFuture&,
                        const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const {
  const auto& past = dynamic_cast<const EtsPast&>(state);
  for (Eigen::Index r = 0; r < draws.parameters.cols(); ++r) {
    const EtsParameters p = parameters_of(draws.parameters.col(r));
    EtsStates s = past.states[static_cast<std::size_t>(r)];
    for (int h = 0; h < to; ++h) {
      const double value = advance(p, draws.sigma(r) * shocks(h, r), h, s);
      if (h >= from) paths(h, r) = value;
    }
  }
}

Eigen::RowVectorXd BoundEts::shock_scale(const ParameterDraws& draws, const DrawMatrix& shocks,
                                         const DrawMatrix& paths, int h) const {
  const Eigen::RowVectorXd sigma = draws.sigma.transpose();
  if (!likelihood_.form().multiplicative_error) return sigma;
  const Eigen::RowVectorXd relative = 1 + sigma.array() * shocks.row(h).array();
  return sigma.cwiseProduct(paths.row(h).cwiseQuotient(relative));  // sigma mu
}

std::shared_ptr<const Model> BoundEts::chosen() const {
  return make_ets({short_name(likelihood_.form()), EtsCriterion::aicc, likelihood_.form().period});
}

std::vector<EtsCandidate> ets_candidates(const EtsSpec& spec, const Sample& sample) {
  check_ets_sample(sample);
  const int period = spec.period > 0 ? spec.period : sample.season;
  const bool positive = sample.y.array().isNaN().select(1.0, sample.y).minCoeff() > 0;
  const VectorXd y = sample.y.head(observed_length(sample.y));
  std::vector<EtsCandidate> candidates;
  for (const EtsForm& form : candidate_forms(period, positive)) {
    candidates.push_back(try_form(form, y, spec.criterion));
  }
  return candidates;
}

FittedModel fitted_candidate(const EtsCandidate& candidate, const Sample& sample) {
  auto bound = std::make_shared<BoundEts>(candidate.form, sample);
  NonlinearFit fit;
  fit.x = candidate.u;
  bound->likelihood().residuals(fit.x, fit.residuals, &fit.jacobian);
  fit.rss = fit.residuals.squaredNorm();
  FittedModel fitted{bound, bound->describe(fit)};
  if (fitted.result.status == FitStatus::not_run) fitted.result.status = FitStatus::converged;
  return fitted;
}

std::unique_ptr<Model> make_ets(EtsSpec spec) {
  return std::make_unique<EtsModel>(std::move(spec));
}

namespace {

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList& problems) {
  EtsSpec spec;
  const std::string& criterion = equation.options.string("criterion");
  spec.criterion = criterion == "bic"   ? EtsCriterion::bic
                   : criterion == "aic" ? EtsCriterion::aic
                                        : EtsCriterion::aicc;
  if (equation.options.has("period")) spec.period = equation.options.integer("period");
  const std::string& form = equation.options.string("form");
  EtsForm parsed;
  if (form == "auto") return make_ets(spec);
  if (!parse_form(form, 12, parsed)) {
    problems.error(
        equation.options.where("form"),
        fmt::format("form is \"{}\", but must be auto or error (A, M), trend (N, A, Ad) and "
                    "season (N, A, M), such as AAdN or MAM",
                    form));
  }
  spec.form = form;
  return make_ets(spec);
}

// A level that learns 0.4 of each error.
ModelExample example() {
  constexpr int kObservations = 240, kAhead = 12;
  constexpr double kAlpha = 0.4;
  const Period first{Frequency::monthly, 2000 * 12};
  std::vector<double> e(kObservations);
  fill_normals({20220401, Purpose::simulation, 11}, 0, e);
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, kObservations};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(kObservations);
  sample.regressors.resize(kObservations, 0);
  double level = 100;
  for (int t = 0; t < kObservations; ++t) {
    const double shock = e[static_cast<std::size_t>(t)];
    sample.y(t) = level + shock;
    level += kAlpha * shock;
  }
  EtsSpec spec;
  spec.form = "ANN";
  example.model = make_ets(spec);
  example.future = {{first + kObservations, kAhead}, MatrixXd(kAhead, 0), {}};
  example.truth = {{"alpha", kAlpha}};
  return example;
}

}  // namespace

Plugin ets_plugin() {
  Plugin plugin;
  plugin.name = "ets";
  plugin.summary = "exponential smoothing: level, trend and season that learn from each error";
  plugin.schema = plugin_schema(
      plugin.name, plugin.summary,
      {default_option(
           "form", {string_type("auto or a form such as AAdN")}, std::string("auto"),
           "error (A, M), trend (N, A, Ad) and season (N, A, M); auto: chosen by `criterion`"),
       default_option("criterion", {choice_type({"aicc", "aic", "bic"})}, std::string("aicc"),
                      "what compares the forms"),
       optional_option("period", {integer_type(1, 366)},
                       "observations a season, when it is not the frequency's; 1: no season")});
  plugin.uses_inputs = false;
  plugin.make = make_from_equation;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
