#include "models/structural_break/further_tests.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/regression/lee_strazicich.h"
#include "engine/regression/perron_yabu.h"
#include "engine/regression/persistence_tests.h"
#include "engine/regression/unit_root_tests.h"
#include "engine/stats/residual_tests.h"
#include "models/structural_break/fluctuation_distribution.h"
#include "models/structural_break/variance_breaks.h"

namespace amnok {

namespace {

constexpr int kShortest = 20;         // observations of a test
constexpr double kCorrelated = 0.05;  // p-value of Ljung and Box's test below which errors are

const std::vector<std::string> kColumns = {
    "test", "null", "statistic", "critical", "p_value", "last_period_before", "says"};

// A row of a table, and what a verdict needs of it.
struct Outcome {
  std::string test, null;
  double statistic = kMissing, critical = kMissing, p_value = kMissing;
  bool rejects = false;
  std::string date = {}, says = {};
};

void add(const Outcome& o, ResultTable& table) {
  table.rows.push_back({o.test, o.null, o.statistic, o.critical, o.p_value, o.date, o.says});
}

Outcome not_run(const std::string& test, const std::string& null, const std::string& why) {
  Outcome outcome{test, null};
  outcome.says = "not run: " + why;
  return outcome;
}

// The sentence of an input error without its place.
std::string words_of(const InputError& error) {
  return error.problems().empty() ? std::string(error.what()) : error.problems().front().message;
}

std::string rejection(bool rejects, double level) {
  return fmt::format("{} at {:g} %", rejects ? "rejects" : "does not reject", 100 * level);
}

// ---- variance ----------------------------------------------------------------------------------

struct VarianceLine {
  VarianceTest test;
  const char *name, *assumes;
};
constexpr VarianceLine kVarianceLines[] = {
    {VarianceTest::inclan_tiao, "Inclan-Tiao", "if errors are independent and normal"},
    {VarianceTest::kappa1, "kappa1", "if errors are independent"},
    {VarianceTest::kappa2, "kappa2", "errors may be correlated"}};

// Which of them dates the changes: correlated errors have but one.
VarianceTest dating_test(const FurtherTestInput& input) {
  const int lag = std::min(8, static_cast<int>(input.residuals.size()) / 5);
  const bool correlated =
      input.errors == Errors::hac || ljung_box(input.residuals, lag, 0).p_value < kCorrelated;
  return correlated ? VarianceTest::kappa2 : VarianceTest::kappa1;
}

std::string variance_obstacle(const FurtherTestInput& input) {
  if (input.residuals.size() < kShortest) {
    return fmt::format("{} observations, but at least {} are needed", input.residuals.size(),
                       kShortest);
  }
  return input.exact ? "the regression fits exactly" : "";
}

ResultTable variance_segment_table(const FurtherTestInput& input, const std::vector<int>& last) {
  ResultTable table{"variance_segments",
                    "Standard deviation of the errors between changes of their variance",
                    {"first_period", "last_period", "observations", "sd"},
                    {}};
  int begin = 0;
  for (std::size_t i = 0; i <= last.size(); ++i) {
    const int end = i < last.size() ? last[i] + 1 : static_cast<int>(input.residuals.size());
    const double squares = input.residuals.segment(begin, end - begin).squaredNorm();
    table.rows.push_back({input.residual_date(begin), input.residual_date(end - 1),
                          static_cast<double>(end - begin), std::sqrt(squares / (end - begin))});
    begin = end;
  }
  return table;
}

// "it changes after 2010-03 and 2015-07: standard deviation 1.02, 3.4, 0.9"
std::string variance_verdict(VarianceTest dating, const ResultTable& segments, bool any_rejects) {
  const char* name = dating == VarianceTest::kappa1 ? "kappa1" : "kappa2";
  if (segments.rows.size() == 1) {
    return any_rejects ? fmt::format(
                             "no change that {} dates, but another test rejects: see "
                             "variance_tests",
                             name)
                       : "no sign of a change";
  }
  std::vector<std::string> dates, sizes;
  for (const auto& row : segments.rows) {
    dates.push_back(std::get<std::string>(row[1]));
    sizes.push_back(format_significant(std::get<double>(row[3]), 3));
  }
  dates.pop_back();
  return fmt::format("it changes after {} ({}): standard deviation {}", join(dates, ", "), name,
                     join(sizes, ", then "));
}

std::string add_variance(const FurtherTestInput& input, std::vector<ResultTable>& tables) {
  ResultTable table{"variance_tests", "Does the variance of the errors change?", kColumns, {}};
  const std::string null = "one variance", obstacle = variance_obstacle(input);
  if (!obstacle.empty()) {
    add(not_run("cumulated squares", null, obstacle), table);
    tables.push_back(std::move(table));
    return "not run: " + obstacle;
  }
  bool any = false;
  for (const VarianceLine& line : kVarianceLines) {
    const VarianceBreak found = cusum_of_squares(input.residuals, line.test);
    Outcome outcome{line.name, null, found.statistic, bridge_critical_value(input.level, 1),
                    found.p_value};
    outcome.rejects = found.statistic > outcome.critical;
    any = any || outcome.rejects;
    if (outcome.rejects) outcome.date = input.residual_date(found.last);
    outcome.says = std::isnan(found.statistic)
                       ? std::string("not defined: all squares are the same")
                       : rejection(outcome.rejects, input.level) + "; " + line.assumes;
    add(outcome, table);
  }
  const VarianceTest dating = dating_test(input);
  ResultTable segments =
      variance_segment_table(input, variance_breaks(input.residuals, dating, input.level));
  const std::string verdict = variance_verdict(dating, segments, any);
  tables.push_back(std::move(table));
  tables.push_back(std::move(segments));
  return verdict;
}

std::string series_obstacle(const FurtherTestInput& input, int longest) {
  if (!input.obstacle.empty()) return input.obstacle;
  if (input.y.size() >= kShortest && input.y.size() <= longest) return "";
  return fmt::format("{} observations, but must be {} to {}: every date is tried", input.y.size(),
                     kShortest, longest);
}

// ---- persistence -------------------------------------------------------------------------------

struct Direction {
  const char* name;
  PersistenceStatistics value, p;
  int at = 0;  // observations before; 0: not of one direction

  // Two of the three statistics.
  bool rejects(double level) const {
    return (p.mean <= level ? 1 : 0) + (p.exp <= level ? 1 : 0) + (p.sup <= level ? 1 : 0) >= 2;
  }
};

void add_direction(const FurtherTestInput& input, const Direction& direction, ResultTable& table) {
  const auto line = [&](const char* statistic, double value, double p) {
    Outcome outcome{fmt::format("{}, {}", direction.name, statistic), "stationary throughout",
                    value, kMissing, p};
    outcome.rejects = p <= input.level;
    if (outcome.rejects && direction.at > 0) outcome.date = input.date(direction.at - 1);
    outcome.says = std::isnan(value) ? std::string("not defined: a part does not vary")
                                     : rejection(outcome.rejects, input.level);
    add(outcome, table);
  };
  line("mean", direction.value.mean, direction.p.mean);
  line("exp", direction.value.exp, direction.p.exp);
  line("sup", direction.value.sup, direction.p.sup);
}

int largest_lag(Eigen::Index n, double divisor = 4) {
  const auto size = static_cast<double>(n);
  return std::max(static_cast<int>(std::min(12 * std::pow(size / 100, 0.25), size / divisor)) - 1,
                  0);
}

// The part that is said to be stationary must not look like a random walk itself.
std::string doubt(const VectorXd& part, Deterministics terms, double level) {
  if (part.size() < kShortest) return "";
  const double p = dickey_fuller(part, terms, largest_lag(part.size()), LagCriterion::bic).p_value;
  if (!(p > level)) return "";
  return fmt::format(
      "; but a unit root is not rejected in the stationary part either (Dickey-Fuller p = {:.2f}): "
      "a random walk throughout makes the ratios reject as well",
      p);
}

// The test of unknown direction decides whether there is a change, so that the verdict has its size;
// the others tell which.
std::string persistence_verdict(const FurtherTestInput& input, const Direction& to_walk,
                                const Direction& from_walk, const Direction& either,
                                Deterministics terms) {
  const bool change = either.rejects(input.level);
  const bool to = change && to_walk.rejects(input.level);
  const bool from = change && from_walk.rejects(input.level);
  if (to && from) {
    return "both directions reject: the series is not stationary throughout, as a random walk or a "
           "break of the level is not either; no single change is seen";
  }
  if (!to && !from) return "no sign of a change";
  const int at = to ? to_walk.at : from_walk.at;
  const VectorXd part =
      to ? VectorXd(input.y.head(at)) : VectorXd(input.y.tail(input.y.size() - at));
  const std::string date = input.date(at - 1);
  std::string words = to ? fmt::format("stationary until {}, then like a random walk", date)
                         : fmt::format("like a random walk until {}, then stationary", date);
  words += doubt(part, terms, input.level);
  if (input.breaks > 0) words += "; the breaks of the coefficients make the ratios reject as well";
  return words;
}

std::string add_persistence(const FurtherTestInput& input, std::vector<ResultTable>& tables) {
  ResultTable table{
      "persistence_tests", "Does the series turn into a random walk, or back?", kColumns, {}};
  std::string verdict, obstacle = series_obstacle(input, kLongestPersistence);
  const Deterministics terms = input.trend ? Deterministics::trend : Deterministics::constant;
  if (obstacle.empty()) {
    PersistenceOptions options;
    options.terms = terms;
    options.lags = static_cast<int>(4 * std::pow(static_cast<double>(input.y.size()) / 100, 0.25));
    options.seed = input.seed;
    try {
      const PersistenceTest test = persistence_test(input.y, options);
      const Direction to{"stationary to random walk", test.to_walk, test.to_walk_p,
                         test.to_walk_at};
      const Direction from{"random walk to stationary", test.from_walk, test.from_walk_p,
                           test.from_walk_at};
      add_direction(input, to, table);
      add_direction(input, from, table);
      const Direction either{"either", test.either, test.either_p};
      add_direction(input, either, table);
      verdict = std::isnan(test.either.mean) ? std::string("not defined: a part does not vary")
                                             : persistence_verdict(input, to, from, either, terms);
    } catch (const InputError& error) {
      obstacle = words_of(error);
    }
  }
  if (!obstacle.empty()) {
    add(not_run("ratios of cumulated residuals", "stationary throughout", obstacle), table);
    verdict = "not run: " + obstacle;
  }
  tables.push_back(std::move(table));
  return verdict;
}

// ---- trend -------------------------------------------------------------------------------------

// The tables have 10, 5 and 1 %: the next that is not laxer.
double tabulated_level(double level) {
  return level > 0.09 ? 0.10 : level > 0.04 ? 0.05 : 0.01;
}

double at_level(const CriticalValues& critical, double level) {
  const double tabulated = tabulated_level(level);
  return tabulated > 0.09 ? critical.pct10 : tabulated > 0.04 ? critical.pct5 : critical.pct1;
}

double nearest_table_trim(double trim) {
  double nearest = 0.15;
  for (const double known : {0.01, 0.05, 0.10, 0.25}) {
    if (std::fabs(known - trim) < std::fabs(nearest - trim)) nearest = known;
  }
  return nearest;
}

const char* what_breaks(BreakIn model) {
  return model == BreakIn::intercept ? "level"
         : model == BreakIn::trend   ? "slope"
                                     : "level and slope";
}
constexpr BreakIn kModels[] = {BreakIn::intercept, BreakIn::trend, BreakIn::both};

// Runs a test; an input error becomes a row in words.
template <class Run>
Outcome attempted(const std::string& test, const std::string& null, const Run& run) {
  Outcome outcome{test, null};
  try {
    run(outcome);
    if (std::isnan(outcome.statistic)) {
      outcome.says = "not defined: the series has no noise about its trend";
    }
  } catch (const InputError& error) {
    return not_run(test, null, words_of(error));
  }
  return outcome;
}

Outcome perron_yabu_row(const FurtherTestInput& input, BreakIn model) {
  return attempted(
      fmt::format("Perron-Yabu, {}", what_breaks(model)), "no break", [&](Outcome& outcome) {
        TrendBreakOptions options;
        options.model = model;
        options.trim = nearest_table_trim(input.trim);
        const TrendBreak test = perron_yabu(input.y, options);
        outcome.statistic = test.exp_wald;
        outcome.critical = at_level(test.critical, input.level);
        outcome.rejects = test.exp_wald > outcome.critical;
        if (outcome.rejects) outcome.date = input.date(test.last_observation_before - 1);
        outcome.says =
            rejection(outcome.rejects, tabulated_level(input.level)) +
            (test.ar == 1
                 ? std::string("; noise taken as a random walk")
                 : fmt::format("; noise taken as stationary, autoregression {:.2f}", test.ar));
      });
}

Outcome zivot_andrews_row(const FurtherTestInput& input, BreakIn model, int lag) {
  return attempted(fmt::format("Zivot-Andrews, {}", what_breaks(model)),
                   "unit root without a break", [&](Outcome& outcome) {
                     const ZivotAndrews test = zivot_andrews(input.y, model, lag);
                     outcome.statistic = test.t;
                     outcome.critical = at_level(test.critical, input.level);
                     outcome.rejects = test.t < outcome.critical;
                     if (outcome.rejects)
                       outcome.date = input.date(test.last_observation_before - 1);
                     outcome.says = fmt::format(
                         "{}; {} lag{}", rejection(outcome.rejects, tabulated_level(input.level)),
                         lag, lag == 1 ? "" : "s");
                   });
}

Outcome lee_strazicich_row(const FurtherTestInput& input, LmBreak model) {
  return attempted(
      fmt::format("Lee-Strazicich, {}", model == LmBreak::crash ? "level" : "level and slope"),
      "unit root with a break", [&](Outcome& outcome) {
        LeeStrazicichOptions options;
        options.model = model;
        options.max_lag = std::clamp((static_cast<int>(input.y.size()) - 12) / 2, 0,
                                     std::min(8, largest_lag(input.y.size(), 5)));
        const LeeStrazicich test = lee_strazicich(input.y, options);
        outcome.statistic = test.t;
        outcome.critical = at_level(test.critical, input.level);
        outcome.rejects = test.t < outcome.critical;
        if (outcome.rejects && !test.last_observation_before.empty()) {
          outcome.date = input.date(test.last_observation_before.front() - 1);
        }
        outcome.says =
            fmt::format("{}; {} lag{}", rejection(outcome.rejects, tabulated_level(input.level)),
                        test.lag, test.lag == 1 ? "" : "s");
      });
}

bool any_rejects(const std::vector<Outcome>& outcomes) {
  return std::any_of(outcomes.begin(), outcomes.end(), [](const Outcome& o) { return o.rejects; });
}

std::string unit_root_words(const std::vector<Outcome>& zivot, const std::vector<Outcome>& lee) {
  if (any_rejects(lee)) return "a unit root is rejected in favour of a trend";
  if (any_rejects(zivot)) {
    return "Zivot-Andrews rejects a unit root without a break, Lee-Strazicich does not reject one "
           "with a break: the break may be the reason";
  }
  return "a unit root is not rejected";
}

// The test of level and slope together decides, so that the verdict has its size; those of one of
// them tell which.
std::string trend_verdict(const std::vector<Outcome>& breaks, const std::vector<Outcome>& zivot,
                          const std::vector<Outcome>& lee) {
  std::vector<std::string> found;
  for (std::size_t i = 0; i < breaks.size() && breaks.back().rejects; ++i) {
    if (breaks[i].rejects) {
      found.push_back(fmt::format("{} after {}", what_breaks(kModels[i]), breaks[i].date));
    }
  }
  const std::string words = found.empty()
                                ? "no sign of a break, whatever the noise"
                                : "a break whatever the noise (" + join(found, "; ") + ")";
  return words + "; " + unit_root_words(zivot, lee);
}

std::string add_trend(const FurtherTestInput& input, std::vector<ResultTable>& tables) {
  ResultTable table{
      "trend_tests", "Does the trend break, whether or not there is a unit root?", kColumns, {}};
  const std::string obstacle = series_obstacle(input, kLongestTrend);
  if (!obstacle.empty()) {
    add(not_run("Perron-Yabu, Zivot-Andrews, Lee-Strazicich", "no break; unit root", obstacle),
        table);
    tables.push_back(std::move(table));
    return "not run: " + obstacle;
  }
  const int lag = dickey_fuller(input.y, Deterministics::trend, largest_lag(input.y.size(), 5),
                                LagCriterion::bic)
                      .lag;
  std::vector<Outcome> breaks, zivot, lee;
  for (const BreakIn model : kModels) breaks.push_back(perron_yabu_row(input, model));
  for (const BreakIn model : kModels) zivot.push_back(zivot_andrews_row(input, model, lag));
  for (const LmBreak model : {LmBreak::crash, LmBreak::both}) {
    lee.push_back(lee_strazicich_row(input, model));
  }
  for (const auto* outcomes : {&breaks, &zivot, &lee}) {
    for (const Outcome& outcome : *outcomes) add(outcome, table);
  }
  tables.push_back(std::move(table));
  return trend_verdict(breaks, zivot, lee);
}

}  // namespace

std::vector<ResultTable> further_test_tables(const FurtherTests& wanted,
                                             const FurtherTestInput& input) {
  ResultTable answers{"further_tests", "Other kinds of breaks", {"question", "answer"}, {}};
  std::vector<ResultTable> tables;
  const auto answer = [&](const char* question, const std::string& words) {
    answers.rows.push_back({std::string(question), words});
  };
  if (wanted.variance) {
    answer("does the variance of the errors change?", add_variance(input, tables));
  }
  const std::string part = input.part.empty() ? "" : " (" + input.part + ")";
  if (wanted.persistence) {
    answer("does the persistence change?", add_persistence(input, tables) + part);
  }
  if (wanted.trend) answer("does the trend break?", add_trend(input, tables) + part);
  tables.insert(tables.begin(), std::move(answers));
  return tables;
}

}  // namespace amnok
