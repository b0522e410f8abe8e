#include "models/trade_elasticity/elasticity_static.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/regression/time_varying_regression.h"
#include "models/trade_elasticity/cointegration_report.h"
#include "models/trade_elasticity/elasticity_instruments.h"
#include "models/trade_elasticity/elasticity_linear.h"
#include "models/trade_elasticity/elasticity_prior.h"
#include "models/trade_elasticity/elasticity_report.h"

namespace amnok {

namespace {

// Of the default: with fewer, Student's t has hardly a variance, nor have scenarios that draw from it.
constexpr int kFewestCosines = 4;

// Coefficients, covariance and how their t-ratios are read.
struct Inference {
  VectorXd coefficients;
  MatrixXd covariance;
  std::string name;
  ReferenceDistribution reference;
};

class StaticElasticity : public LinearElasticity {
 public:
  StaticElasticity(const ElasticitySpec& spec, const Sample& sample)
      : LinearElasticity(spec, sample) {
    solve_least_squares();
    if (instrumented()) {
      prepare_instruments();
    } else {
      if (this->spec().weighted) weigh();
      questions_ = referee_questions(used(), sample.season);
    }
  }

  // With instruments: the second stage; with priors: least squares, which they are mixed with.
  Problem problem() const override {
    if (!instrumented()) return LinearLeastSquares{used().x, used().y};
    const InstrumentalProjection projection(instrumented_.regression);
    return LinearLeastSquares{projection.explained_regressors(), projection.explained_target()};
  }

  FitResult describe(const Solution& solution) const override {
    const auto& fit = std::get<LinearFit>(solution);
    return instrumented() ? describe_instrumented() : describe_least_squares(fit);
  }

  FitResult evaluate(const ParameterVector& parameters) const override {
    FitResult result = LinearElasticity::evaluate(parameters);
    weigh_likelihood(parameters.values(), result);
    return result;
  }

  std::vector<Diagnostic> diagnose(const FitResult&) const override {
    std::vector<Diagnostic> tests;
    for (const RefereeQuestion& q : questions_) tests.push_back(q.test);
    return tests;
  }

 private:
  bool instrumented() const { return !spec().instruments.empty(); }

  // What is estimated: rows times the roots of their weights, or as they are.
  const ReportedRegression& used() const { return spec().weighted ? weighted_ : data(); }

  void weigh() {
    weights_ = sample().regressors.rightCols(1)(rows(), 0);
    ProblemList problems;
    for (std::size_t i = 0; i < rows().size(); ++i) {
      const double w = weights_(static_cast<Eigen::Index>(i));
      if (w > 0) continue;
      problems.error({},
                     fmt::format("row_weights is {} in {}, but must be above 0", format_number(w),
                                 format_period(data().periods[i])),
                     "a period that should not count may have no weight at all (a missing value)");
    }
    problems.throw_if_errors();
    weights_ /= weights_.mean();
    const VectorXd root = weights_.cwiseSqrt();
    weighted_ = data();
    weighted_.given = data().x;
    weighted_.x = root.asDiagonal() * data().x;
    weighted_.y = root.cwiseProduct(data().y);
    weighted_.fit = solve(LinearLeastSquares{weighted_.x, weighted_.y});
    require_distinct(weighted_.x, weighted_.names, weighted_.fit);
  }

  // e_t ~ N(0, s2 / w_t). Residuals and sigma stay those of the target: the average row.
  void weigh_likelihood(const VectorXd& b, FitResult& result) const {
    if (!spec().weighted) return;
    const auto n = static_cast<double>(weights_.size());
    const double s2 = (weighted_.y - weighted_.x * b).squaredNorm() / n;
    result.log_likelihood =
        -0.5 * n * (std::log(2 * std::numbers::pi * s2) + 1) + 0.5 * weights_.array().log().sum();
    set_information_criteria(result, static_cast<int>(b.size()) + 1);
  }

  void prepare_instruments() {
    std::vector<std::string> endogenous = spec().endogenous;
    if (endogenous.empty() && design().regressors() > 0)
      endogenous = {sample().regressor_names.front()};
    for (const std::string& name : endogenous) {
      const auto found =
          std::find(data().names.begin() + design().first_regressor(), data().names.end(), name);
      if (found == data().names.end()) {
        throw InputError(
            fmt::format("endogenous names \"{}\", but must name a regressor: {}", name,
                        join(std::span(data().names)
                                 .subspan(static_cast<std::size_t>(design().first_regressor())),
                             ", ")));
      }
    }
    for (Eigen::Index j = 0; j < data().x.cols(); ++j) {
      const std::string& name = data().names[static_cast<std::size_t>(j)];
      const bool within = j >= design().first_regressor() &&
                          std::find(endogenous.begin(), endogenous.end(), name) != endogenous.end();
      (within ? endogenous_ : exogenous_).push_back(j);
      (within ? instrumented_.endogenous_names : instrumented_.exogenous_names).push_back(name);
    }
    if (spec().instruments.size() < endogenous_.size()) {
      throw InputError(
          fmt::format("{} instruments are given for {} instrumented regressors, but "
                      "must be at least as many",
                      spec().instruments.size(), endogenous_.size()));
    }
    instrumented_.target = target_text();
    instrumented_.instrument_names = spec().instruments;
    instrumented_.regression = {
        data().y, data().x(Eigen::all, exogenous_), data().x(Eigen::all, endogenous_),
        sample().regressors.rightCols(sample().regressors.cols() - design().regressors())(
            rows(), Eigen::all)};
    check_instruments();
  }

  void check_instruments() const {
    const InstrumentalRegression& regression = instrumented_.regression;
    MatrixXd all(regression.y.size(), regression.exogenous.cols() + regression.instruments.cols());
    all << regression.exogenous, regression.instruments;
    std::vector<std::string> names = instrumented_.exogenous_names;
    names.insert(names.end(), spec().instruments.begin(), spec().instruments.end());
    const char* const hint = "an instrument must say something that the regressors do not";
    const LinearFit check = solve(LinearLeastSquares{all, regression.y});
    if (!check.aliased.empty()) {
      throw InputError("perfectly collinear: " + collinear_columns(all, names, check.aliased),
                       hint);
    }
    for (Eigen::Index j = 0; j < regression.endogenous.cols(); ++j) {
      const VectorXd x = regression.endogenous.col(j);
      if (solve(LinearLeastSquares{all, x}).rss > 1e-20 * x.squaredNorm()) continue;
      throw InputError(
          fmt::format("{} is a linear combination of instruments and exogenous regressors, but an "
                      "instrumented regressor must vary beside them",
                      instrumented_.endogenous_names[static_cast<std::size_t>(j)]),
          hint);
    }
  }

  // Cosines with Student's t keep their size best in short samples (docs/trade_elasticity.md has the
  // comparison). A prior is mixed with the inverse of the covariance, which few cosines leave
  // singular; lags and prewhitening belong to Newey and West.
  RobustKind automatic_errors() const {
    const bool kernel = spec().lags || spec().prewhiten || !spec().priors.empty();
    return kernel ? RobustKind::newey_west : RobustKind::ewc;
  }

  Inference least_squares_inference() const {
    RobustOptions options;
    options.kind = spec().errors.value_or(automatic_errors());
    const auto n = static_cast<int>(used().x.rows());
    if (spec().lags) options.lags = std::min(*spec().lags, n - 1);
    options.cosines = spec().cosines;
    if (!spec().errors && !options.cosines) {
      options.cosines = std::max(kFewestCosines, automatic_cosines(n));
    }
    // A VAR(1) of the scores needs rows to spare.
    options.prewhiten = spec().prewhiten && n > 3 * used().x.cols();
    RobustCovariance robust = robust_covariance(used().x, used().fit, options);
    // Normal only in the limit: Student's t is never narrower.
    if (robust.reference.kind == ReferenceDistribution::Kind::normal) {
      robust.reference.kind = ReferenceDistribution::Kind::student_t;
      robust.reference.df = used().fit.df_residual();
    }
    if (spec().weighted) robust.name = "weighted, " + robust.name;
    return {used().fit.coefficients, robust.covariance, robust.name, robust.reference};
  }

  FitResult finished(const Inference& inference) const {
    FitResult result = at_coefficients(inference.coefficients);
    weigh_likelihood(inference.coefficients, result);
    result.covariance = inference.covariance;
    result.covariance_kind = inference.name;
    result.inference_df = equivalent_df(inference.reference);
    result.tables.push_back(elasticity_table(data().names, inference.coefficients,
                                             inference.covariance, inference.reference));
    if (inference.reference.kind == ReferenceDistribution::Kind::fixed_b) {
      result.notes.push_back("t-ratios follow " + inference.reference.name() +
                             ": intervals here are exact, p-values in the table of elasticities");
    }
    if (const int gaps = gap_count(); gaps > 0) {
      result.notes.push_back(
          fmt::format("{} of {} rows follow a gap in the data: lags in errors and tests count "
                      "rows, not periods",
                      gaps, rows().size()));
    }
    return result;
  }

  FitResult describe_least_squares(const LinearFit& fit) const {
    Inference inference = least_squares_inference();
    std::optional<MixedEstimate> mixed;
    if (!spec().priors.empty()) {
      mixed = mixed_estimate(fit.coefficients, inference.covariance, data().names, spec().priors);
      inference.coefficients = mixed->coefficients;
      inference.covariance = mixed->covariance;
      inference.name += ", mixed with priors";
      inference.reference = {};  // normal
    }
    FitResult result = finished(inference);
    if (mixed) describe_priors(*mixed, fit.coefficients, result);
    result.tables.push_back(referee_table(questions_));
    result.tables.push_back(influence_table(used()));
    const std::string decides =
        influence_note(used(), static_cast<int>(design().first_regressor()));
    if (!decides.empty()) result.notes.push_back(decides);
    result.tables.push_back(collinearity_table(data()));
    if (spec().bootstrap != ElasticitySpec::Resampling::none) {
      result.tables.push_back(
          bootstrap_table(data(), static_cast<int>(design().first_regressor()), spec()));
    }
    if (spec().time_varying) describe_drift(result);
    if (spec().cointegration) describe_cointegration(fit, result);
    return result;
  }

  void describe_cointegration(const LinearFit& fit, FitResult& result) const {
    CointegrationInput input;
    input.target = target_text();
    input.y = sample().y;
    input.names = sample().regressor_names;
    input.x = sample().regressors;
    input.range = sample().range;
    const DeterministicTerms seasons{false, false, spec().seasonal_dummies, sample().range.first,
                                     sample().season};
    input.seasons.resize(sample().n(), seasons.count());
    for (int t = 0; t < sample().n(); ++t) input.seasons.row(t) = seasons.at(t).transpose();
    input.terms = spec().trend      ? DeterministicCase::restricted_trend
                  : spec().constant ? DeterministicCase::constant
                                    : DeterministicCase::none;
    input.max_lag = spec().max_lag;
    input.estimator = "least squares";
    for (Eigen::Index j = 0; j < design().regressors(); ++j) {
      input.own.push_back({input.names[static_cast<std::size_t>(j)],
                           fit.coefficients(design().first_regressor() + j), kMissing, kMissing,
                           kMissing, "no normal limit where the variables are random walks"});
    }
    const CointegrationReport report = cointegration_report(input);
    result.tables.insert(result.tables.end(), report.tables.begin(), report.tables.end());
    result.notes.insert(result.notes.end(), report.notes.begin(), report.notes.end());
  }

  void describe_priors(const MixedEstimate& mixed, const VectorXd& least_squares,
                       FitResult& result) const {
    result.tables.push_back(prior_table(mixed, least_squares, data().names, spec().priors));
    result.notes.push_back(fmt::format(
        "not from the data alone: {} prior{} from outside the sample; {:.0f} % of the answer is "
        "the "
        "sample's",
        spec().priors.size(), spec().priors.size() == 1 ? " is" : "s are",
        100 * mixed.theil_share));
    if (mixed.compatibility.p_value < 0.05) {
      result.notes.push_back(fmt::format(
          "the priors contradict the sample (chi-squared {:.2f}, p = {:.3g}): mixing hides it",
          mixed.compatibility.statistic, mixed.compatibility.p_value));
    }
    // Draws of a scenario keep within the ranges.
    ParameterVector within;
    for (std::size_t j = 0; j < data().names.size(); ++j) {
      const double value = mixed.coefficients(static_cast<Eigen::Index>(j));
      const auto prior =
          std::find_if(spec().priors.begin(), spec().priors.end(),
                       [&](const CoefficientPrior& p) { return p.name == data().names[j]; });
      const bool ranged = prior != spec().priors.end() && (prior->low || prior->high);
      if (!ranged || mixed.at_bound[j]) {
        within.add(data().names[j], value);
      } else {
        const double far = 1e6 * (1 + std::fabs(value));
        within.add(data().names[j], value, Constraint::bounded, prior->low.value_or(value - far),
                   prior->high.value_or(value + far));
      }
    }
    result.parameters = within;
  }

  // Random-walk coefficients over all periods, gaps included.
  void describe_drift(FitResult& result) const {
    TimeVaryingData drifting{sample().y, sample().regressors.leftCols(design().regressors()),
                             MatrixXd(sample().n(), design().terms().count())};
    for (int t = 0; t < sample().n(); ++t) drifting.z.row(t) = design().terms().at(t).transpose();
    const TimeVaryingFit fit = fit_time_varying(drifting);
    if (fit.status == FitStatus::failed) {
      result.notes.push_back("time-varying coefficients: " + fit.message);
      return;
    }
    ResultTable table{
        "time_varying", "Coefficients as random walks (smoothed, 95 % band)", {"period"}, {}};
    for (Eigen::Index j = 0; j < design().regressors(); ++j) {
      const std::string& name = sample().regressor_names[static_cast<std::size_t>(j)];
      table.columns.insert(table.columns.end(), {name, name + "_low", name + "_high"});
    }
    for (int t = 0; t < sample().n(); ++t) {
      std::vector<ResultTable::Cell> cells = {format_period(sample().range[t])};
      for (Eigen::Index j = 0; j < design().regressors(); ++j) {
        cells.insert(cells.end(), {fit.path(t, j), fit.lower(t, j), fit.upper(t, j)});
      }
      table.rows.push_back(std::move(cells));
    }
    result.tables.push_back(std::move(table));
    const bool drifts = fit.constancy.p_value < 0.05;
    result.notes.push_back(
        fmt::format("constant coefficients {} (likelihood ratio {:.2f}, p = {:.3g}); scenarios use "
                    "the constant "
                    "ones",
                    drifts ? "are rejected" : "are not rejected", fit.constancy.statistic,
                    fit.constancy.p_value));
  }

  FitResult describe_instrumented() const {
    InstrumentedElasticity fit = fit_instrumented(instrumented_, spec());
    std::vector<Eigen::Index> order = exogenous_;
    order.insert(order.end(), endogenous_.begin(), endogenous_.end());
    Inference inference;
    inference.coefficients.resize(fit.coefficients.size());
    inference.covariance.resize(fit.covariance.rows(), fit.covariance.cols());
    inference.coefficients(order) = fit.coefficients;
    inference.covariance(order, order) = fit.covariance;
    inference.name = fit.covariance_name;
    inference.reference.kind = ReferenceDistribution::Kind::student_t;
    inference.reference.df = static_cast<double>(data().x.rows() - data().x.cols());
    FitResult result = finished(inference);
    for (ResultTable& table : fit.tables) result.tables.push_back(std::move(table));
    result.notes.insert(result.notes.end(), fit.notes.begin(), fit.notes.end());
    return result;
  }

  int gap_count() const {
    int gaps = 0;
    for (std::size_t i = 1; i < rows().size(); ++i) gaps += rows()[i] > rows()[i - 1] + 1 ? 1 : 0;
    return gaps;
  }

  std::vector<RefereeQuestion> questions_;  // none with instruments
  VectorXd weights_;                        // of mean one; empty without
  ReportedRegression weighted_;
  std::vector<Eigen::Index> exogenous_, endogenous_;  // columns
  InstrumentedData instrumented_;
};

}  // namespace

std::unique_ptr<BoundModel> bind_static_elasticity(const ElasticitySpec& spec,
                                                   const Sample& sample) {
  return std::make_unique<StaticElasticity>(spec, sample);
}

}  // namespace amnok
