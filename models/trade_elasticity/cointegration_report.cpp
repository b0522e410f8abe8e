#include "models/trade_elasticity/cointegration_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/regression/cointegrating_regression.h"
#include "engine/regression/cointegration.h"
#include "engine/regression/vector_autoregression.h"
#include "engine/stats/distributions.h"
#include "engine/stats/hac.h"

namespace amnok {

namespace {

constexpr double kLevel = 0.05;
constexpr double kDrift = 1.96;
constexpr int kShortest = 20;  // periods of a run

Deterministics static_terms(DeterministicCase terms) {
  return has_trend(terms)      ? Deterministics::trend
         : has_constant(terms) ? Deterministics::constant
                               : Deterministics::none;
}

VarTerms var_terms(DeterministicCase terms) {
  return has_trend(terms)      ? VarTerms::constant_and_trend
         : has_constant(terms) ? VarTerms::constant
                               : VarTerms::none;
}

// Schwert's rule, held within a fifth of the sample.
int longest_lag(Eigen::Index n) {
  const auto size = static_cast<double>(n);
  return static_cast<int>(std::min(12 * std::pow(size / 100, 0.25), size / 5));
}

std::string lags_text(int lags) {
  return fmt::format("{} lag{}", lags, lags == 1 ? "" : "s");
}

std::string rejection(bool rejects) {
  return fmt::format("{} at {:g} %", rejects ? "rejects" : "does not reject", 100 * kLevel);
}

// ---- the periods -------------------------------------------------------------------------------

struct Run {
  Eigen::Index begin = 0, rows = 0;
};

Run longest_run(const CointegrationInput& input) {
  Run best, now;
  for (Eigen::Index t = 0; t < input.y.size(); ++t) {
    const bool complete = std::isfinite(input.y(t)) && input.x.row(t).allFinite();
    if (!complete) {
      now = {t + 1, 0};
      continue;
    }
    if (++now.rows > best.rows) best = now;
  }
  return best;
}

// z = (y, x) of the run, its seasonal means taken out about their own mean.
MatrixXd variables_of(const CointegrationInput& input, const Run& run) {
  MatrixXd z(run.rows, 1 + input.x.cols());
  z << input.y.segment(run.begin, run.rows), input.x.middleRows(run.begin, run.rows);
  if (input.seasons.cols() == 0) return z;
  MatrixXd d(run.rows, 1 + input.seasons.cols());
  d << VectorXd::Ones(run.rows), input.seasons.middleRows(run.begin, run.rows);
  for (Eigen::Index j = 0; j < z.cols(); ++j) {
    const double mean = z.col(j).mean();
    const VectorXd left = solve(LinearLeastSquares{d, z.col(j)}).residuals;
    z.col(j) = left.array() + mean;
  }
  return z;
}

// ---- tests -------------------------------------------------------------------------------------

void add_test(ResultTable& table, const std::string& test, const std::string& null,
              double statistic, double critical, double p, const std::string& says) {
  table.rows.push_back({test, null, statistic, critical, p, says});
}

// Runs a test; an input error becomes a row in words.
template <class Work>
bool attempted(ResultTable& table, const std::string& test, const Work& work) {
  try {
    work();
    return true;
  } catch (const InputError& error) {
    add_test(table, test, "", kMissing, kMissing, kMissing,
             "not run: " + (error.problems().empty() ? std::string(error.what())
                                                     : error.problems().front().message));
    return false;
  }
}

// Variables that are stationary by themselves, as far as a test can tell.
int add_unit_roots(const CointegrationInput& input, const MatrixXd& z, ResultTable& table) {
  int stationary = 0;
  const Deterministics terms = static_terms(input.terms);
  for (Eigen::Index j = 0; j < z.cols(); ++j) {
    const std::string& name = j == 0 ? input.target : input.names[static_cast<std::size_t>(j - 1)];
    attempted(table, "Dickey-Fuller, " + name, [&] {
      const DickeyFuller test =
          dickey_fuller(z.col(j), terms, longest_lag(z.rows()), LagCriterion::bic);
      const bool rejects = test.p_value < kLevel;
      stationary += rejects ? 1 : 0;
      add_test(table, "Dickey-Fuller, " + name, "unit root", test.tau, test.critical.pct5,
               test.p_value, rejection(rejects) + "; " + lags_text(test.lag));
    });
  }
  return stationary;
}

// Nothing: not run.
std::optional<bool> add_engle_granger(const CointegrationInput& input, const MatrixXd& z,
                                      ResultTable& table) {
  std::optional<bool> found;
  attempted(table, "Engle-Granger", [&] {
    const EngleGranger test =
        engle_granger(z.col(0), z.rightCols(z.cols() - 1), static_terms(input.terms),
                      longest_lag(z.rows()), LagCriterion::bic);
    const double p = test.p_value.value_or(kMissing);
    const double critical = test.critical ? test.critical->pct5 : kMissing;
    std::string says = "no critical value for so many variables";
    if (test.critical || test.p_value) {
      found = test.critical ? test.tau < critical : p < kLevel;
      says = rejection(*found);
    }
    add_test(table, "Engle-Granger", "no cointegration", test.tau, critical, p,
             says + "; " + lags_text(test.lag));
  });
  return found;
}

// Whether a variable has a trend of its own: t of its mean change, with Bartlett's long-run variance.
bool drifts(const MatrixXd& z) {
  const Eigen::Index n = z.rows() - 1;
  const int lag = static_cast<int>(std::floor(4 * std::pow(static_cast<double>(n) / 100, 2.0 / 9)));
  for (Eigen::Index j = 0; j < z.cols(); ++j) {
    const VectorXd change = z.col(j).tail(n) - z.col(j).head(n);
    const VectorXd about = change.array() - change.mean();
    const double error = std::sqrt(newey_west(about, lag)(0, 0));
    if (std::fabs(change.sum()) > kDrift * error) return true;
  }
  return false;
}

// A constant without restriction gives every variable a trend: where none has one, Johansen's test of
// the last rank would reject too often.
DeterministicCase johansen_terms(DeterministicCase terms, const MatrixXd& z) {
  const bool constant = has_constant(terms) && !has_trend(terms);
  if (!constant) return terms;
  return drifts(z) ? DeterministicCase::constant : DeterministicCase::restricted_constant;
}

std::optional<Johansen> add_johansen(const CointegrationInput& input, const MatrixXd& z,
                                     ResultTable& table) {
  std::optional<Johansen> result;
  attempted(table, "Johansen", [&] {
    std::vector<std::string> names = {input.target};
    names.insert(names.end(), input.names.begin(), input.names.end());
    // Rows enough for the longest autoregression.
    const auto p = static_cast<int>(z.cols()), n = static_cast<int>(z.rows());
    const int most = std::clamp((n / 3 - 2) / p, 1, input.max_lag);
    VarSpec var;
    var.terms = var_terms(input.terms);
    JohansenSpec spec;
    spec.terms = johansen_terms(input.terms, z);
    spec.lags = std::max(choose_var_lags(z, names, var, most).bic, 1);
    result = johansen(z, names, spec);
    const auto add = [&](const char* name, int rank, double value,
                         const std::optional<CriticalValues>& critical, double p_value) {
      add_test(table, fmt::format("Johansen {}, rank {}", name, rank),
               fmt::format("rank at most {}", rank), value, critical ? critical->pct5 : kMissing,
               p_value,
               fmt::format("{}; case {}, {} in levels", rejection(p_value < kLevel),
                           static_cast<int>(spec.terms), lags_text(spec.lags)));
    };
    for (int r = 0; r < p; ++r) {
      add("trace", r, result->trace(r), osterwald_lenum_trace(spec.terms, p - r),
          result->trace_p(r));
    }
    for (int r = 0; r < p; ++r) {
      add("largest eigenvalue", r, result->max_eigenvalue(r),
          osterwald_lenum_max(spec.terms, p - r), result->max_p(r));
    }
  });
  return result;
}

std::string verdict(const std::optional<bool>& engle_granger, const std::optional<int>& rank,
                    int variables, int stationary) {
  if (stationary == variables) {
    return "a unit root is rejected for every variable: they look stationary, so that a regression "
           "of levels is not spurious and cointegration is no question";
  }
  if (!engle_granger && !rank) return "no test could be run";
  if (rank && *rank == variables) {
    return fmt::format(
        "Johansen's trace test finds {} relations among {} variables, as of "
        "stationary ones: cointegration is no question, or lags are missing",
        *rank, variables);
  }
  const bool by_residuals = engle_granger.value_or(*rank > 0);
  const bool by_rank = rank ? *rank > 0 : by_residuals;
  const std::string relations =
      rank ? fmt::format(", {} relation{} by Johansen's trace test", *rank, *rank == 1 ? "" : "s")
           : "";
  if (by_residuals && by_rank) return "the variables are cointegrated" + relations;
  if (!by_residuals && !by_rank) {
    return "no sign of cointegration: the regression of levels may be spurious, and long-run "
           "elasticities mean nothing then";
  }
  return fmt::format("the tests disagree: Engle-Granger {} a relation, Johansen's trace test {}",
                     by_residuals ? "finds" : "does not find",
                     by_rank ? fmt::format("finds {}", *rank) : std::string("does not"));
}

// ---- long-run elasticities ---------------------------------------------------------------------

void add_regression(const CointegrationInput& input, const std::string& method,
                    const CointegratingRegression& fit, const std::string& says,
                    ResultTable& table) {
  const auto terms = static_cast<Eigen::Index>(fit.names.size()) - input.x.cols();
  const double quantile = student_t_quantile(0.975, fit.df);
  for (std::size_t j = 0; j < input.names.size(); ++j) {
    const auto at = terms + static_cast<Eigen::Index>(j);
    const double b = fit.coefficients(at), se = fit.standard_error(static_cast<int>(at));
    table.rows.push_back(
        {input.names[j], method, b, se, b - quantile * se, b + quantile * se, says});
  }
}

template <class Work>
void add_method(ResultTable& table, const std::string& method, const Work& work) {
  try {
    work();
  } catch (const InputError& error) {
    table.rows.push_back(
        {std::string(), method, kMissing, kMissing, kMissing, kMissing,
         "not run: " + (error.problems().empty() ? std::string(error.what())
                                                 : error.problems().front().message)});
  }
}

void add_dynamic(const CointegrationInput& input, const MatrixXd& z, ResultTable& table) {
  add_method(table, "dynamic OLS", [&] {
    const VectorXd y = z.col(0);
    const MatrixXd x = z.rightCols(z.cols() - 1);
    DynamicOlsSpec spec;
    spec.terms = static_terms(input.terms);
    // A third of the rows at most goes to leads and lags.
    const int k = static_cast<int>(x.cols());
    const int most = std::clamp((static_cast<int>(y.size()) / (3 * k) - 1) / 2, 0, input.max_lag);
    spec.leads = spec.lags = choose_leads_and_lags(y, x, spec.terms, most);
    add_regression(input, "dynamic OLS", dynamic_ols(y, x, spec),
                   fmt::format("{} lead{} and lag{} by BIC", spec.leads, spec.leads == 1 ? "" : "s",
                               spec.leads == 1 ? "" : "s"),
                   table);
  });
}

void add_fully_modified(const CointegrationInput& input, const MatrixXd& z, ResultTable& table) {
  add_method(table, "fully modified OLS", [&] {
    FullyModifiedSpec spec;
    spec.terms = static_terms(input.terms);
    const CointegratingRegression fit =
        fully_modified_ols(z.col(0), z.rightCols(z.cols() - 1), spec);
    add_regression(input, "fully modified OLS", fit,
                   "quadratic spectral, bandwidth " + format_significant(fit.bandwidth, 3), table);
  });
}

// y - theta'x of the first relation; theta has no standard error here.
void add_relation(const CointegrationInput& input, const Johansen& johansen, int rank,
                  ResultTable& table) {
  if (rank < 1 || rank >= johansen.variables) return;
  const std::string says =
      rank == 1 ? "maximum likelihood"
                : fmt::format("the first of {} relations: any mixture of them is one", rank);
  for (std::size_t j = 0; j < input.names.size(); ++j) {
    const double theta = -johansen.beta(static_cast<Eigen::Index>(j) + 1, 0);
    table.rows.push_back(
        {input.names[j], std::string("Johansen"), theta, kMissing, kMissing, kMissing, says});
  }
}

}  // namespace

CointegrationReport cointegration_report(const CointegrationInput& input) {
  CointegrationReport report;
  ResultTable tests{"cointegration_tests",
                    "Do the levels belong together? Tests of cointegration",
                    {"test", "null", "statistic", "critical5", "p_value", "says"},
                    {}};
  ResultTable methods{"long_run_methods",
                      "Long-run elasticity by method",
                      {"term", "method", "estimate", "std_error", "low95", "high95", "says"},
                      {}};
  for (const OwnElasticity& own : input.own) {
    methods.rows.push_back(
        {own.term, input.estimator, own.estimate, own.std_error, own.low, own.high, own.says});
  }
  const Run run = longest_run(input);
  const PeriodRange range{input.range[run.begin], run.rows};
  if (run.rows < kShortest) {
    const std::string why =
        fmt::format("the longest run of periods without a gap has {}, but must have at least {}",
                    run.rows, kShortest);
    add_test(tests, "Engle-Granger, Johansen", "", kMissing, kMissing, kMissing, "not run: " + why);
    report.notes.push_back("cointegration: not tested, " + why);
  } else {
    const MatrixXd z = variables_of(input, run);
    const int stationary = add_unit_roots(input, z, tests);
    const std::optional<bool> residuals = add_engle_granger(input, z, tests);
    const std::optional<Johansen> system = add_johansen(input, z, tests);
    const std::optional<int> rank =
        system ? std::optional<int>(system->rank(kLevel)) : std::nullopt;
    add_dynamic(input, z, methods);
    add_fully_modified(input, z, methods);
    if (system) add_relation(input, *system, *rank, methods);
    report.notes.push_back("cointegration: " +
                           verdict(residuals, rank, static_cast<int>(z.cols()), stationary));
    if (run.rows < input.y.size()) {
      report.notes.push_back(
          fmt::format("cointegration is tested on {}, the longest run without a gap: {} of {} "
                      "periods",
                      format_range(range), run.rows, input.y.size()));
    }
    if (input.seasons.cols() > 0) {
      report.notes.emplace_back("seasonal means are taken out before cointegration is tested");
    }
  }
  report.tables = {std::move(tests), std::move(methods)};
  return report;
}

}  // namespace amnok
