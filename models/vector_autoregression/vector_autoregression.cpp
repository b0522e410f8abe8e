#include "models/vector_autoregression/vector_autoregression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/residual_tests.h"
#include "models/vector_autoregression/var_system_fit.h"
#include "models/vector_autoregression/var_system_tables.h"

namespace amnok {

namespace {

using Estimator = VarSystemSpec::Estimator;
using LagRule = VarSystemSpec::LagRule;

// The lags of other variables come as regressors.
struct NoVarPast : PastState {};

class BoundVarEquation : public BoundModel {
 public:
  BoundVarEquation(VarSystemSpec spec, const Sample& sample)
      : spec_(std::move(spec)),
        sample_(sample),
        data_(system_data(spec_, sample)),
        system_(fit_system_of(spec_, data_)) {
    names_ = parameter_names();
  }

  ParameterVector start() const override;
  Problem problem() const override;
  FitResult describe(const Solution& solution) const override;
  FitResult evaluate(const ParameterVector& parameters) const override;
  std::shared_ptr<const Model> chosen() const override;
  Forecast forecast(const FitResult& fit, const Future& future) const override;
  std::vector<Diagnostic> diagnose(const FitResult& fit) const override;
  VectorXd completed(const FitResult& fit) const override;
  ParameterDraws draw_parameters(const FitResult& fit, std::uint64_t seed, std::uint32_t equation,
                                 int first, int count) const override;
  std::shared_ptr<const PastState> past_state(const FitResult&, const ParameterDraws&,
                                              std::uint64_t, std::uint32_t, int) const override {
    return std::make_shared<NoVarPast>();
  }
  void simulate(const ParameterDraws& draws, const PastState& past, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override;

 private:
  std::vector<std::string> parameter_names() const;
  // Coefficients of constant, trend and seasons come first.
  Eigen::Index fixed_terms() const {
    return system_.var.term_count() - static_cast<Eigen::Index>(data_.exogenous.cols());
  }
  // Which column of a sample's regressors a coefficient after those belongs to: exogenous ones, then
  // lags, of which a sample may hold more.
  Eigen::Index slopes() const { return static_cast<Eigen::Index>(names_.size()) - fixed_terms(); }
  MatrixXd fixed_of_future(Period first, int horizon) const;
  FitResult at_coefficients(const VectorXd& b) const;
  std::vector<std::string> notes() const;

  VarSystemSpec spec_;
  Sample sample_;
  VarSystemData data_;
  VarSystemFit system_;
  std::vector<std::string> names_;
};

class VarSystemModel : public Model {
 public:
  explicit VarSystemModel(VarSystemSpec spec) : spec_(std::move(spec)) {}
  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    return std::make_unique<BoundVarEquation>(spec_, sample);
  }

 private:
  VarSystemSpec spec_;
};

std::vector<std::string> BoundVarEquation::parameter_names() const {
  const std::vector<std::string>& own = system_.var.regressors;
  std::vector<std::string> names(own.begin(), own.begin() + fixed_terms());
  std::replace(names.begin(), names.end(), std::string("const"), std::string("intercept"));
  const auto slope_count = static_cast<std::ptrdiff_t>(own.size() - names.size());
  names.insert(names.end(), sample_.regressor_names.begin(),
               sample_.regressor_names.begin() + slope_count);
  return names;
}

// Constant, trend and seasons from a period on: they count rows from the system's first one.
MatrixXd BoundVarEquation::fixed_of_future(Period first, int horizon) const {
  VectorAutoregression numbering;
  numbering.spec = system_.var.spec;
  numbering.spec.exogenous.resize(0, 0);
  numbering.y.resize(first - data_.period(system_.first_row), 0);
  return var_future_terms(numbering, horizon, MatrixXd());
}

ParameterVector BoundVarEquation::start() const {
  ParameterVector parameters;
  for (const std::string& name : names_) parameters.add(name, 0);
  return parameters;
}

// Of its own row. With a prior or relations the system's estimate stands in describe().
Problem BoundVarEquation::problem() const {
  return LinearLeastSquares{system_.var.x, system_.var.explained().col(spec_.position)};
}

FitResult BoundVarEquation::describe(const Solution&) const {
  FitResult result = at_coefficients(system_.var.coefficients.col(spec_.position));
  result.covariance =
      system_.coefficient_scale(spec_.position, spec_.position) * system_.var.xtx_inverse;
  result.covariance = 0.5 * (result.covariance + result.covariance.transpose()).eval();
  result.covariance_kind = system_.covariance_kind;
  result.inference_df = system_.inference_df;
  result.message =
      fmt::format("{} variables, {} lag{}, {} observations", data_.size(), system_.lags(),
                  system_.lags() == 1 ? "" : "s", system_.var.observations());
  result.tables = response_tables(spec_, system_);
  if (spec_.position == 0) {
    std::vector<ResultTable> tables = system_tables(spec_, data_, system_);
    result.tables.insert(result.tables.begin(), tables.begin(), tables.end());
  }
  result.notes = notes();
  return result;
}

FitResult BoundVarEquation::evaluate(const ParameterVector& parameters) const {
  FitResult result = at_coefficients(parameters.values());
  result.status = FitStatus::converged;
  return result;
}

std::vector<std::string> BoundVarEquation::notes() const {
  std::vector<std::string> notes;
  if (spec_.position == 0) {
    notes = system_.notes;
  } else {
    notes.push_back(
        fmt::format("estimated together with {}, where the tables of the whole system "
                    "are",
                    data_.variables[0]));
  }
  if (!sample_.sums.empty()) {
    notes.push_back(
        fmt::format("{} published sums of {} are not used: a period known only as part "
                    "of one counts as missing",
                    sample_.sums.size(), sample_.target.variable));
  }
  const auto missing = sample_.y.array().isNaN().count();
  if (missing > 0) {
    notes.push_back(fmt::format(
        "{} missing values of {} are filled by their expectation given all figures of the system: "
        "where lags of a projection reach them, they count as observed",
        missing, sample_.target.variable));
  }
  return notes;
}

FitResult BoundVarEquation::at_coefficients(const VectorXd& b) const {
  FitResult result;
  const VectorAutoregression& var = system_.var;
  result.plugin = "vector_autoregression";
  result.sample = sample_.range;
  result.nobs = var.observations();
  result.missing = static_cast<int>(sample_.y.array().isNaN().count());
  result.dropped = sample_.n() - result.missing - result.nobs;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    result.parameters.add(names_[i], b(static_cast<Eigen::Index>(i)));
  }
  const VectorXd y = var.explained().col(spec_.position), fitted = var.x * b;
  const VectorXd residuals = y - fitted;
  const auto q = static_cast<int>(b.size());
  result.rss = residuals.squaredNorm();
  result.sigma2 = spec_.estimator == Estimator::minnesota
                      ? system_.sigma(spec_.position, spec_.position)
                      : result.rss / result.nobs;
  if (result.nobs > q) result.sigma2_df = result.rss / (result.nobs - q);
  result.log_likelihood = -0.5 * (result.nobs * std::log(2 * std::numbers::pi * result.sigma2) +
                                  result.rss / result.sigma2);
  set_information_criteria(result, q + 1);
  const double total = (y.array() - y.mean()).square().sum();
  result.r2 = total > 0 ? 1 - result.rss / total : kMissing;
  result.residuals = VectorXd::Constant(sample_.n(), kMissing);
  result.fitted = result.residuals;
  for (std::size_t i = 0; i < var.rows.size(); ++i) {
    const Eigen::Index t = system_.first_row + var.rows[i] - data_.presample;
    result.residuals(t) = residuals(static_cast<Eigen::Index>(i));
    result.fitted(t) = fitted(static_cast<Eigen::Index>(i));
  }
  result.equation = data_.variables[static_cast<std::size_t>(spec_.position)] + " =";
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const double value = b(static_cast<Eigen::Index>(i));
    result.equation += fmt::format("{}{}{}", value < 0 ? " - " : (i == 0 ? " " : " + "),
                                   format_significant(std::fabs(value), 4),
                                   names_[i] == "intercept" ? "" : " " + names_[i]);
  }
  result.equation += " + e";
  return result;
}

std::shared_ptr<const Model> BoundVarEquation::chosen() const {
  VarSystemSpec spec = spec_;
  spec.lag_rule = LagRule::given;
  spec.lags = system_.lags();
  if (system_.error_correction) spec.rank = system_.error_correction->rank;
  if (spec.estimator == Estimator::minnesota) {
    spec.prior = system_.prior;
    spec.choose_tightness = false;
  }
  return std::make_shared<VarSystemModel>(spec);
}

Forecast BoundVarEquation::forecast(const FitResult& fit, const Future& future) const {
  const auto horizon = static_cast<int>(future.range.count);
  const VectorXd& b = fit.parameters.values();
  const VectorXd mean = fixed_of_future(future.range.first, horizon) * b.head(fixed_terms()) +
                        future.regressors.leftCols(slopes()) * b.tail(slopes());
  return {future.range, mean, VectorXd::Constant(horizon, fit.sigma2)};
}

std::vector<Diagnostic> BoundVarEquation::diagnose(const FitResult& fit) const {
  std::vector<Diagnostic> tests;
  const int s = sample_.season, lag = std::min(s > 1 ? 2 * s : 10, std::max(fit.nobs / 5, 1));
  if (fit.nobs <= lag + 2) return tests;
  tests.push_back(ljung_box(fit.residuals, lag, 0));
  tests.back().words = tests.back().p_value < 0.05
                           ? fmt::format("residuals are autocorrelated up to lag {}", lag)
                           : "no sign of autocorrelation left";
  tests.push_back(jarque_bera(fit.residuals));
  return tests;
}

VectorXd BoundVarEquation::completed(const FitResult&) const {
  return completed_system(system_, data_).col(spec_.position).tail(sample_.n());
}

// About the fit that is given, with the random numbers that all equations of the system share. They
// stand side by side in the order of their targets: the first one's stream is that of all.
ParameterDraws BoundVarEquation::draw_parameters(const FitResult& fit, std::uint64_t seed,
                                                 std::uint32_t equation, int first,
                                                 int count) const {
  const std::uint32_t stream = equation - static_cast<std::uint32_t>(spec_.position);
  const Eigen::Index j = spec_.position;
  const double own_sd = std::sqrt(system_.coefficient_scale(j, j)),
               sigma = std::sqrt(fit.sigma2 / system_.sigma(j, j));
  ParameterDraws draws{fit.parameters.values().replicate(1, count), VectorXd(count)};
  const bool uncertain = fit.covariance.rows() == fit.parameters.size();
  const MatrixXd root = uncertain ? covariance_factor(fit.covariance) : MatrixXd();
  for (int r = 0; r < count; ++r) {
    const VarPosterior::Draw draw = system_.posterior.draw(seed, stream, first + r);
    const VectorXd own = draw.root.row(j).transpose();
    if (uncertain) draws.parameters.col(r) += root * (draw.normals * own) / own_sd;
    draws.sigma(r) = sigma * own.norm();
  }
  return draws;
}

void BoundVarEquation::simulate(const ParameterDraws& draws, const PastState&,
                                const DrawnFuture& future, const DrawMatrix& shocks, int from,
                                int to, DrawMatrix& paths) const {
  const Eigen::Index fixed = fixed_terms();
  const MatrixXd terms = fixed_of_future(future.range.first, to);
  for (int h = from; h < to; ++h) {
    Eigen::RowVectorXd row = shocks.row(h).cwiseProduct(draws.sigma.transpose());
    if (fixed > 0) row += terms.row(h) * draws.parameters.topRows(fixed);
    for (Eigen::Index j = 0; j < slopes(); ++j) {
      const DrawMatrix& x = future.regressors[static_cast<std::size_t>(j)];
      const auto slope = draws.parameters.row(fixed + j);
      if (x.cols() == 1) {
        row += x(h, 0) * slope;
      } else {
        row += x.row(h).cwiseProduct(slope);
      }
    }
    paths.row(h) = row;
  }
}

void refuse(const EquationSpec& equation, const char* key, const std::string& why,
            ProblemList& problems) {
  problems.error(equation.options.where(key),
                 fmt::format("models.{}.{} {}", equation.name, key, why));
}

// Options that belong to another estimator than the one that is asked for.
void check_estimator_options(const EquationSpec& equation, Estimator estimator,
                             ProblemList& problems) {
  const ConfigValue& table = equation.options.table();
  const auto only = [&](Estimator owner, const char* name,
                        std::initializer_list<const char*> keys) {
    for (const char* key : keys) {
      if (estimator == owner || table.find(key) == nullptr) continue;
      refuse(equation, key, fmt::format("is given, but belongs to estimator = \"{}\"", name),
             problems);
    }
  };
  only(Estimator::minnesota, "minnesota", {"tightness", "decay", "own_lag", "terms_sd"});
  only(Estimator::vecm, "vecm", {"rank", "rank_level", "case"});
  if (estimator != Estimator::vecm) return;
  for (const char* key : {"constant", "trend"}) {
    if (table.find(key) == nullptr) continue;
    refuse(equation, key, "is given, but must be left out with estimator = \"vecm\": see `case`",
           problems);
  }
}

void read_lags(const EquationSpec& equation, VarSystemSpec& spec, ProblemList& problems) {
  const Options& options = equation.options;
  const ConfigValue& lags = options.get("lags");
  if (lags.is(ConfigValue::Kind::integer)) {
    spec.lag_rule = LagRule::given;
    spec.lags = spec.max_lags = static_cast<int>(lags.integer());
    if (options.table().find("max_lags") != nullptr) {
      refuse(equation, "max_lags", "is given, but belongs to lags = \"aic\", \"bic\" or \"hq\"",
             problems);
    }
    return;
  }
  spec.lag_rule = lags.string() == "bic"  ? LagRule::bic
                  : lags.string() == "hq" ? LagRule::hq
                                          : LagRule::aic;
  spec.max_lags = options.integer("max_lags");
}

void read_prior(const Options& options, VarSystemSpec& spec) {
  const ConfigValue& tightness = options.get("tightness");
  spec.choose_tightness = !tightness.is_number();
  if (tightness.is_number()) spec.prior.tightness = tightness.number();
  spec.prior.decay = options.number("decay");
  spec.prior.own_lag = options.number("own_lag");
  spec.prior.terms_sd = options.number("terms_sd");
}

void read_rank(const EquationSpec& equation, VarSystemSpec& spec, ProblemList& problems) {
  const ConfigValue& rank = equation.options.get("rank");
  spec.terms = static_cast<DeterministicCase>(equation.options.integer("case"));
  spec.rank_level = equation.options.number("rank_level");
  if (!rank.is(ConfigValue::Kind::integer)) return;
  spec.rank = static_cast<int>(rank.integer());
  if (*spec.rank <= spec.size()) return;
  refuse(
      equation, "rank",
      fmt::format("is {}, but must be in [0, {}], the number of targets", *spec.rank, spec.size()),
      problems);
}

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList& all_problems) {
  const Options& options = equation.options;
  VarSystemSpec spec;
  for (const std::string& target : options.strings("targets")) {
    const Target parsed = parse_target(target, options.where("targets"));
    if (parsed.variable == equation.target.variable) spec.position = spec.size();
    spec.targets.push_back(parsed.transform.text(parsed.variable));
  }
  ProblemList said;  // by the first equation of the table
  ProblemList& problems = spec.position == 0 ? all_problems : said;
  const std::string& estimator = options.string("estimator");
  spec.estimator = estimator == "vecm"        ? Estimator::vecm
                   : estimator == "minnesota" ? Estimator::minnesota
                                              : Estimator::ols;
  check_estimator_options(equation, spec.estimator, problems);
  read_lags(equation, spec, problems);
  read_prior(options, spec);
  read_rank(equation, spec, problems);
  spec.constant = options.boolean("constant");
  spec.trend = options.boolean("trend");
  spec.seasonal_dummies = options.boolean("seasonal_dummies");
  spec.responses = options.integer("responses");
  spec.generalised = options.string("shocks") == "generalised";
  spec.response_level = options.number("response_level");
  spec.response_draws = options.integer("response_draws");
  return make_vector_autoregression(spec);
}

// Two variables with one lag, y2 answering to y1 before.
ModelExample example() {
  constexpr int kObservations = 240, kAhead = 12, kBurn = 40;
  const Eigen::Matrix2d a = (Eigen::Matrix2d() << 0.5, 0.2, -0.3, 0.4).finished();
  std::vector<double> e(2 * (kObservations + kBurn + kAhead));
  fill_normals({20220401, Purpose::simulation, 31}, 0, e);
  MatrixXd y = MatrixXd::Zero(kObservations + kBurn + kAhead, 2);
  for (Eigen::Index t = 1; t < y.rows(); ++t) {
    const double e1 = e[static_cast<std::size_t>(2 * t)],
                 e2 = e[static_cast<std::size_t>(2 * t + 1)];
    y.row(t) = (a * y.row(t - 1).transpose()).transpose();
    y(t, 0) += 1 + e1;
    y(t, 1) += -0.5 + 0.5 * e1 + 0.8 * e2;
  }
  ModelExample example;
  Sample& sample = example.sample;
  const Period first{Frequency::monthly, 2000 * 12};
  sample.range = {first, kObservations};
  sample.season = 12;
  sample.target = {"y1", {}};
  sample.y = y.col(0).segment(kBurn, kObservations);
  sample.regressor_names = {"lag(y1, 1)", "lag(y2, 1)", "y1", "y2"};
  sample.regressors.resize(kObservations, 4);
  sample.regressors.leftCols(2) = y.middleRows(kBurn - 1, kObservations);
  sample.regressors.rightCols(2) = y.middleRows(kBurn, kObservations);
  VarSystemSpec spec;
  spec.targets = {"y1", "y2"};
  spec.lag_rule = LagRule::given;
  spec.max_lags = 1;
  example.model = make_vector_autoregression(spec);
  example.future = {
      {first + kObservations, kAhead}, y.middleRows(kBurn + kObservations - 1, kAhead), {}};
  example.truth = {{"intercept", 1}, {"lag(y1, 1)", 0.5}, {"lag(y2, 1)", 0.2}};
  return example;
}

// The common options, with several targets in place of one.
Schema system_schema(const std::string& name, const std::string& summary, std::vector<Option> own) {
  Schema schema = plugin_schema(name, summary, std::move(own));
  std::erase_if(schema.options, [](const Option& option) {
    return option.key == "target" || option.key == "label";
  });
  schema.options.insert(
      schema.options.begin() + 1,
      required_option("targets",
                      {array_type(string_type("a series, log(series) or sqrt(series)"), 2)},
                      "the variables, in the order of their shocks: each has an equation of its "
                      "own, called by the series' name"));
  return schema;
}

std::vector<Option> estimation_options() {
  return {
      default_option("estimator", {choice_type({"ols", "minnesota", "vecm"})}, std::string("ols"),
                     "ols: least squares; minnesota: with the Minnesota prior, for samples too "
                     "short for their coefficients; vecm: error correction (Johansen)"),
      default_option("lags", {integer_type(1, 24), choice_type({"aic", "bic", "hq"})},
                     std::string("aic"),
                     "how many lags of every variable, at least 1; or the criterion that chooses "
                     "them"),
      default_option("max_lags", {integer_type(1, 24)}, std::int64_t{4},
                     "the most lags that a criterion compares"),
      default_option("constant", {boolean_type()}, true, "a constant term; ols, minnesota"),
      default_option("trend", {boolean_type()}, false, "a linear trend; ols, minnesota"),
      default_option("seasonal_dummies", {boolean_type()}, false,
                     "centred dummies of all seasons but the last, season1 for January"),
  };
}

std::vector<Option> prior_options() {
  return {
      default_option("tightness", {number_type(0.0001, 1000), choice_type({"auto"})},
                     std::string("auto"),
                     "minnesota: prior standard deviation of an own first lag; auto: that of the "
                     "largest marginal likelihood (Giannone, Lenza & Primiceri 2015)"),
      default_option("decay", {number_type(0, 10)}, 1.0,
                     "minnesota: the prior of lag l is tighter by l to this power"),
      default_option("own_lag", {number_type(-1, 1)}, 1.0,
                     "minnesota: prior mean of an own first lag; 1: random walks, 0: no memory"),
      default_option("terms_sd", {number_type(0.0001)}, 1000.0,
                     "minnesota: prior standard deviation of other terms, times a residual's"),
  };
}

std::vector<Option> rank_options() {
  return {
      default_option("rank", {integer_type(0, 24), choice_type({"auto"})}, std::string("auto"),
                     "vecm: number of cointegrating relations; auto: by Johansen's trace test"),
      default_option("rank_level", {number_type(0.001, 0.5)}, 0.05, "vecm: level of that test"),
      default_option("case", {integer_type(1, 5)}, std::int64_t{3},
                     "vecm: 1 no terms, 2 constant in the relation, 3 constant, 4 trend in the "
                     "relation, 5 trend"),
  };
}

std::vector<Option> response_options() {
  return {
      default_option("responses", {integer_type(0, 120)}, std::int64_t{12},
                     "periods of the tables of responses to shocks and of variance shares; 0: "
                     "none"),
      default_option("shocks", {choice_type({"orthogonal", "generalised"})},
                     std::string("orthogonal"),
                     "orthogonal: by the order of the targets; generalised: each with what "
                     "usually comes with it"),
      default_option("response_level", {number_type(0.5, 0.999)}, 0.9, "of the bands"),
      default_option("response_draws", {integer_type(100, 100000)}, std::int64_t{1000},
                     "draws that the bands are made of"),
  };
}

}  // namespace

std::unique_ptr<Model> make_vector_autoregression(VarSystemSpec spec) {
  return std::make_unique<VarSystemModel>(std::move(spec));
}

Plugin vector_autoregression_plugin() {
  Plugin plugin;
  plugin.name = "vector_autoregression";
  plugin.summary =
      "several variables that move each other: least squares, Minnesota prior, error correction";
  std::vector<Option> own;
  for (auto* options : {estimation_options, prior_options, rank_options, response_options}) {
    for (Option& option : options()) own.push_back(std::move(option));
  }
  plugin.schema = system_schema(plugin.name, plugin.summary, std::move(own));
  plugin.make = make_from_equation;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
