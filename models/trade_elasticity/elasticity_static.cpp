#include "models/trade_elasticity/elasticity_static.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/regression/time_varying_regression.h"
#include "models/trade_elasticity/elasticity_instruments.h"
#include "models/trade_elasticity/elasticity_prior.h"
#include "models/trade_elasticity/elasticity_report.h"
#include "models/trade_elasticity/elasticity_terms.h"

namespace amnok {

namespace {

struct NoPast : PastState {};

// Coefficients, covariance and how their t-ratios are read.
struct Inference {
  VectorXd coefficients;
  MatrixXd covariance;
  std::string name;
  ReferenceDistribution reference;
};

class StaticElasticity : public BoundModel {
 public:
  StaticElasticity(const ElasticitySpec& spec, const Sample& sample)
      : spec_(spec), sample_(sample) {
    terms_ = {spec.constant, spec.trend, spec.seasonal_dummies, sample.range.first, sample.season};
    regressors_ = sample.regressors.cols() - static_cast<Eigen::Index>(spec.instruments.size());
    name_columns();
    fill_rows();
    check_columns();
    if (instrumented()) {
      prepare_instruments();
    } else {
      questions_ = referee_questions(data_, sample_.season);
    }
  }

  ParameterVector start() const override {
    ParameterVector parameters;
    for (const std::string& name : data_.names) parameters.add(name, 0);
    return parameters;
  }

  // With instruments: the second stage; with priors: least squares, which they are mixed with.
  Problem problem() const override {
    if (!instrumented()) return LinearLeastSquares{data_.x, data_.y};
    const InstrumentalProjection projection(instrumented_.regression);
    return LinearLeastSquares{projection.explained_regressors(), projection.explained_target()};
  }

  FitResult describe(const Solution& solution) const override {
    const auto& fit = std::get<LinearFit>(solution);
    return instrumented() ? describe_instrumented() : describe_least_squares(fit);
  }

  FitResult evaluate(const ParameterVector& parameters) const override {
    FitResult result = at_coefficients(parameters.values());
    result.status = FitStatus::converged;
    return result;
  }

  Forecast forecast(const FitResult& fit, const Future& future) const override {
    Forecast forecast{future.range, VectorXd(future.range.count),
                      VectorXd::Constant(future.range.count, fit.sigma2)};
    for (std::int64_t h = 0; h < future.range.count; ++h) {
      forecast.mean(h) = row(sample_.n() + h, future.regressors.row(h), future.events)
                             .dot(fit.parameters.values());
    }
    return forecast;
  }

  std::vector<Diagnostic> diagnose(const FitResult&) const override {
    std::vector<Diagnostic> tests;
    for (const RefereeQuestion& q : questions_) tests.push_back(q.test);
    return tests;
  }

  VectorXd completed(const FitResult& fit) const override {
    VectorXd filled = sample_.y;
    for (int t = 0; t < sample_.n(); ++t) {
      if (std::isnan(filled(t))) {
        filled(t) = row(t, sample_.regressors.row(t), sample_.events).dot(fit.parameters.values());
      }
    }
    return filled;
  }

  std::shared_ptr<const PastState> past_state(const FitResult&, const ParameterDraws&,
                                              std::uint64_t, std::uint32_t, int) const override {
    return std::make_shared<NoPast>();
  }

  void simulate(const ParameterDraws& draws, const PastState&, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override {
    const auto count = static_cast<Eigen::Index>(terms_.count());
    const DrawMatrix b = draws.parameters;
    for (int h = from; h < to; ++h) {
      paths.row(h) = shocks.row(h).cwiseProduct(draws.sigma.transpose());
      paths.row(h) += terms_.at(sample_.n() + h).transpose() * draws.parameters.topRows(count);
      const Eigen::RowVectorXd active = drawn_activity(sample_.n() + h, future.events, b.cols());
      if (has_regimes()) paths.row(h) += active.cwiseProduct(b.row(count));
      for (Eigen::Index j = 0; j < regressors_; ++j) {
        const DrawMatrix& x = future.regressors[static_cast<std::size_t>(j)];
        Eigen::RowVectorXd slope = b.row(first_regressor_ + j);
        if (has_regimes()) slope += active.cwiseProduct(b.row(count + 1 + j));
        if (x.cols() == 1) {
          paths.row(h) += x(h, 0) * slope;
        } else {
          paths.row(h) += x.row(h).cwiseProduct(slope);
        }
      }
    }
  }

 private:
  bool instrumented() const { return !spec_.instruments.empty(); }
  bool has_regimes() const { return !spec_.regimes.empty(); }

  void name_columns() {
    data_.names = terms_.names();
    if (has_regimes()) {
      if (sample_.events.find(spec_.regimes) == sample_.events.end()) {
        throw InputError(
            fmt::format("regimes is \"{}\", but must be an event of the calendar", spec_.regimes));
      }
      data_.names.push_back(spec_.regimes);
      for (Eigen::Index j = 0; j < regressors_; ++j) {
        data_.names.push_back(sample_.regressor_names[static_cast<std::size_t>(j)] + " * " +
                              spec_.regimes);
      }
    }
    first_regressor_ = static_cast<Eigen::Index>(data_.names.size());
    data_.names.insert(data_.names.end(), sample_.regressor_names.begin(),
                       sample_.regressor_names.begin() + regressors_);
  }

  void fill_rows() {
    const auto k = static_cast<Eigen::Index>(data_.names.size());
    MatrixXd x(sample_.n(), k);
    for (int t = 0; t < sample_.n(); ++t) {
      x.row(t) = row(t, sample_.regressors.row(t), sample_.events);
      const bool complete = !std::isnan(sample_.y(t)) && x.row(t).allFinite() &&
                            sample_.regressors.row(t).allFinite();
      if (!complete) continue;
      rows_.push_back(t);
      data_.periods.push_back(sample_.range[t]);
    }
    data_.x = x(rows_, Eigen::all);
    data_.y = sample_.y(rows_);
    const auto n = static_cast<Eigen::Index>(rows_.size());
    if (n <= k + 1) {
      throw InputError(fmt::format(
          "{} has {} observations with all regressors, but a regression with {} coefficients needs "
          "at least {}",
          sample_.target.variable, n, k, k + 2));
    }
  }

  void check_columns() {
    data_.fit = solve(LinearLeastSquares{data_.x, data_.y});
    if (data_.fit.aliased.empty()) return;
    throw InputError(
        "perfectly collinear: " + collinear_columns(data_.x, data_.names, data_.fit.aliased),
        "leave one of them out");
  }

  void prepare_instruments() {
    std::vector<std::string> endogenous = spec_.endogenous;
    if (endogenous.empty() && regressors_ > 0) endogenous = {sample_.regressor_names.front()};
    for (const std::string& name : endogenous) {
      const auto found = std::find(data_.names.begin() + first_regressor_, data_.names.end(), name);
      if (found == data_.names.end()) {
        throw InputError(fmt::format(
            "endogenous names \"{}\", but must name a regressor: {}", name,
            join(std::span(data_.names).subspan(static_cast<std::size_t>(first_regressor_)),
                 ", ")));
      }
    }
    for (Eigen::Index j = 0; j < data_.x.cols(); ++j) {
      const std::string& name = data_.names[static_cast<std::size_t>(j)];
      const bool within = j >= first_regressor_ &&
                          std::find(endogenous.begin(), endogenous.end(), name) != endogenous.end();
      (within ? endogenous_ : exogenous_).push_back(j);
      (within ? instrumented_.endogenous_names : instrumented_.exogenous_names).push_back(name);
    }
    if (spec_.instruments.size() < endogenous_.size()) {
      throw InputError(
          fmt::format("{} instruments are given for {} instrumented regressors, but "
                      "must be at least as many",
                      spec_.instruments.size(), endogenous_.size()));
    }
    instrumented_.target = sample_.target.transform.text(sample_.target.variable);
    instrumented_.instrument_names = spec_.instruments;
    instrumented_.regression = {
        data_.y, data_.x(Eigen::all, exogenous_), data_.x(Eigen::all, endogenous_),
        sample_.regressors.rightCols(sample_.regressors.cols() - regressors_)(rows_, Eigen::all)};
    check_instruments();
  }

  void check_instruments() const {
    const InstrumentalRegression& regression = instrumented_.regression;
    MatrixXd all(regression.y.size(), regression.exogenous.cols() + regression.instruments.cols());
    all << regression.exogenous, regression.instruments;
    std::vector<std::string> names = instrumented_.exogenous_names;
    names.insert(names.end(), spec_.instruments.begin(), spec_.instruments.end());
    const LinearFit check = solve(LinearLeastSquares{all, regression.y});
    if (check.aliased.empty()) return;
    throw InputError("perfectly collinear: " + collinear_columns(all, names, check.aliased),
                     "an instrument must say something that the regressors do not");
  }

  double activity(std::int64_t t, const std::map<std::string, EventActivity>& events) const {
    if (!has_regimes()) return 0;
    const auto event = events.find(spec_.regimes);
    return event == events.end() ? 0 : event->second.at(sample_.range.first + t);
  }

  Eigen::RowVectorXd drawn_activity(std::int64_t t, const DrawnEvents& events,
                                    Eigen::Index count) const {
    Eigen::RowVectorXd active = Eigen::RowVectorXd::Zero(count);
    const auto event = events.find(spec_.regimes);
    if (!has_regimes() || event == events.end()) return active;
    for (Eigen::Index r = 0; r < count; ++r) {
      active(r) = event->second.of(static_cast<std::size_t>(r)).at(sample_.range.first + t);
    }
    return active;
  }

  template <class Row>
  Eigen::RowVectorXd row(std::int64_t t, const Row& regressors,
                         const std::map<std::string, EventActivity>& events) const {
    Eigen::RowVectorXd x(static_cast<Eigen::Index>(data_.names.size()));
    const VectorXd fixed = terms_.at(t);
    x.head(fixed.size()) = fixed.transpose();
    x.tail(regressors_) = regressors.head(regressors_);
    if (has_regimes()) {
      const double active = activity(t, events);
      x(fixed.size()) = active;
      x.segment(fixed.size() + 1, regressors_) = active * regressors.head(regressors_);
    }
    return x;
  }

  FitResult at_coefficients(const VectorXd& b) const {
    FitResult result;
    result.plugin = "trade_elasticity";
    result.sample = sample_.range;
    const VectorXd residuals = data_.y - data_.x * b;
    const auto n = static_cast<int>(rows_.size()), k = static_cast<int>(data_.names.size());
    result.nobs = n;
    for (double v : sample_.y) result.missing += std::isnan(v) ? 1 : 0;
    result.dropped = sample_.n() - result.missing - n;
    for (int j = 0; j < k; ++j) {
      result.parameters.add(data_.names[static_cast<std::size_t>(j)], b(j));
    }
    result.rss = residuals.squaredNorm();
    result.sigma2 = result.rss / n;
    result.sigma2_df = result.rss / (n - k);
    result.log_likelihood = -0.5 * n * (std::log(2 * std::numbers::pi * result.sigma2) + 1);
    set_information_criteria(result, k + 1);
    const double total =
        spec_.constant ? (data_.y.array() - data_.y.mean()).square().sum() : data_.y.squaredNorm();
    result.r2 = total > 0 ? 1 - result.rss / total : kMissing;
    result.residuals = VectorXd::Constant(sample_.n(), kMissing);
    result.fitted = result.residuals;
    for (int i = 0; i < n; ++i) {
      const int t = rows_[static_cast<std::size_t>(i)];
      result.residuals(t) = residuals(i);
      result.fitted(t) = sample_.y(t) - residuals(i);
    }
    result.equation =
        algebra(sample_.target.transform.text(sample_.target.variable), data_.names, b);
    return result;
  }

  Inference least_squares_inference() const {
    RobustOptions options;
    options.kind = spec_.errors.value_or(RobustKind::newey_west);
    const auto n = static_cast<int>(data_.x.rows());
    if (spec_.lags) options.lags = std::min(*spec_.lags, n - 1);
    options.cosines = spec_.cosines;
    // A VAR(1) of the scores needs rows to spare.
    options.prewhiten = spec_.prewhiten && n > 3 * data_.x.cols();
    RobustCovariance robust = robust_covariance(data_.x, data_.fit, options);
    // Normal only in the limit: Student's t is never narrower.
    if (robust.reference.kind == ReferenceDistribution::Kind::normal) {
      robust.reference.kind = ReferenceDistribution::Kind::student_t;
      robust.reference.df = data_.fit.df_residual();
    }
    return {data_.fit.coefficients, robust.covariance, robust.name, robust.reference};
  }

  FitResult finished(const Inference& inference) const {
    FitResult result = at_coefficients(inference.coefficients);
    result.covariance = inference.covariance;
    result.covariance_kind = inference.name;
    result.inference_df = equivalent_df(inference.reference);
    result.tables.push_back(elasticity_table(data_.names, inference.coefficients,
                                             inference.covariance, inference.reference));
    if (inference.reference.kind == ReferenceDistribution::Kind::fixed_b) {
      result.notes.push_back("t-ratios follow " + inference.reference.name() +
                             ": intervals here are exact, p-values in the table of elasticities");
    }
    if (const int gaps = gap_count(); gaps > 0) {
      result.notes.push_back(
          fmt::format("{} of {} rows follow a gap in the data: lags in errors and tests count "
                      "rows, not periods",
                      gaps, rows_.size()));
    }
    return result;
  }

  FitResult describe_least_squares(const LinearFit& fit) const {
    Inference inference = least_squares_inference();
    std::optional<MixedEstimate> mixed;
    if (!spec_.priors.empty()) {
      mixed = mixed_estimate(fit.coefficients, inference.covariance, data_.names, spec_.priors);
      inference.coefficients = mixed->coefficients;
      inference.covariance = mixed->covariance;
      inference.name += ", mixed with priors";
      inference.reference = {};  // normal
    }
    FitResult result = finished(inference);
    if (mixed) describe_priors(*mixed, fit.coefficients, result);
    result.tables.push_back(referee_table(questions_));
    result.tables.push_back(influence_table(data_));
    const std::string decides = influence_note(data_, static_cast<int>(first_regressor_));
    if (!decides.empty()) result.notes.push_back(decides);
    result.tables.push_back(collinearity_table(data_));
    if (spec_.bootstrap != ElasticitySpec::Resampling::none) {
      result.tables.push_back(bootstrap_table(data_, static_cast<int>(first_regressor_), spec_));
    }
    if (spec_.time_varying) describe_drift(result);
    return result;
  }

  void describe_priors(const MixedEstimate& mixed, const VectorXd& least_squares,
                       FitResult& result) const {
    result.tables.push_back(prior_table(mixed, least_squares, data_.names, spec_.priors));
    result.notes.push_back(fmt::format(
        "not from the data alone: {} prior{} from outside the sample; {:.0f} % of the answer is "
        "the "
        "sample's",
        spec_.priors.size(), spec_.priors.size() == 1 ? " is" : "s are", 100 * mixed.theil_share));
    if (mixed.compatibility.p_value < 0.05) {
      result.notes.push_back(fmt::format(
          "the priors contradict the sample (chi-squared {:.2f}, p = {:.3g}): mixing hides it",
          mixed.compatibility.statistic, mixed.compatibility.p_value));
    }
    // Draws of a scenario keep within the ranges.
    ParameterVector within;
    for (std::size_t j = 0; j < data_.names.size(); ++j) {
      const double value = mixed.coefficients(static_cast<Eigen::Index>(j));
      const auto prior =
          std::find_if(spec_.priors.begin(), spec_.priors.end(),
                       [&](const CoefficientPrior& p) { return p.name == data_.names[j]; });
      const bool ranged = prior != spec_.priors.end() && (prior->low || prior->high);
      if (!ranged || mixed.at_bound[j]) {
        within.add(data_.names[j], value);
      } else {
        const double far = 1e6 * (1 + std::fabs(value));
        within.add(data_.names[j], value, Constraint::bounded, prior->low.value_or(value - far),
                   prior->high.value_or(value + far));
      }
    }
    result.parameters = within;
  }

  // Random-walk coefficients over all periods, gaps included.
  void describe_drift(FitResult& result) const {
    TimeVaryingData drifting{sample_.y, sample_.regressors.leftCols(regressors_),
                             MatrixXd(sample_.n(), terms_.count())};
    for (int t = 0; t < sample_.n(); ++t) drifting.z.row(t) = terms_.at(t).transpose();
    const TimeVaryingFit fit = fit_time_varying(drifting);
    if (fit.status == FitStatus::failed) {
      result.notes.push_back("time-varying coefficients: " + fit.message);
      return;
    }
    ResultTable table{
        "time_varying", "Coefficients as random walks (smoothed, 95 % band)", {"period"}, {}};
    for (Eigen::Index j = 0; j < regressors_; ++j) {
      const std::string& name = sample_.regressor_names[static_cast<std::size_t>(j)];
      table.columns.insert(table.columns.end(), {name, name + "_low", name + "_high"});
    }
    for (int t = 0; t < sample_.n(); ++t) {
      std::vector<ResultTable::Cell> cells = {format_period(sample_.range[t])};
      for (Eigen::Index j = 0; j < regressors_; ++j) {
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
    InstrumentedElasticity fit = fit_instrumented(instrumented_, spec_);
    std::vector<Eigen::Index> order = exogenous_;
    order.insert(order.end(), endogenous_.begin(), endogenous_.end());
    Inference inference;
    inference.coefficients.resize(fit.coefficients.size());
    inference.covariance.resize(fit.covariance.rows(), fit.covariance.cols());
    inference.coefficients(order) = fit.coefficients;
    inference.covariance(order, order) = fit.covariance;
    inference.name = fit.covariance_name;
    inference.reference.kind = ReferenceDistribution::Kind::student_t;
    inference.reference.df = static_cast<double>(data_.x.rows() - data_.x.cols());
    FitResult result = finished(inference);
    for (ResultTable& table : fit.tables) result.tables.push_back(std::move(table));
    result.notes.insert(result.notes.end(), fit.notes.begin(), fit.notes.end());
    return result;
  }

  int gap_count() const {
    int gaps = 0;
    for (std::size_t i = 1; i < rows_.size(); ++i) gaps += rows_[i] > rows_[i - 1] + 1 ? 1 : 0;
    return gaps;
  }

  ElasticitySpec spec_;
  Sample sample_;
  DeterministicTerms terms_;
  Eigen::Index regressors_ = 0;       // of the equation, instruments left out
  Eigen::Index first_regressor_ = 0;  // column
  std::vector<int> rows_;             // of the sample
  ReportedRegression data_;
  std::vector<RefereeQuestion> questions_;            // none with instruments
  std::vector<Eigen::Index> exogenous_, endogenous_;  // columns
  InstrumentedData instrumented_;
};

}  // namespace

std::unique_ptr<BoundModel> bind_static_elasticity(const ElasticitySpec& spec,
                                                   const Sample& sample) {
  return std::make_unique<StaticElasticity>(spec, sample);
}

}  // namespace amnok
