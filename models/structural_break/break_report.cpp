#include "models/structural_break/break_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <variant>

#include "engine/base/text.h"
#include "engine/stats/distributions.h"
#include "models/structural_break/breaks_or_noise.h"
#include "models/structural_break/f_test_distribution.h"
#include "models/structural_break/f_tests.h"
#include "models/structural_break/fluctuation_distribution.h"
#include "models/structural_break/fluctuation_tests.h"
#include "models/structural_break/partial_break_tests.h"

namespace amnok {

namespace {

constexpr double kWindow = 0.15;          // of moving sums and estimates, as a share of the sample
constexpr int kMostPeriods = 400;         // of breaks against AR errors, which take time
constexpr double kSmallestTableP = 0.01;  // of simulated tables

struct TestLine {
  std::string test;
  double statistic = kMissing, critical = kMissing, p_value = kMissing;
  std::string words;  // beyond the verdict
};

std::string verdict(const TestLine& line, double level) {
  if (std::isnan(line.statistic)) return "not defined: the regression fits exactly";
  if (std::isnan(line.critical)) return "";
  return fmt::format("{} at {:g} %",
                     line.statistic >= line.critical ? "rejects" : "does not reject", 100 * level);
}

void add(ResultTable& table, const TestLine& line, double level) {
  const std::string says = verdict(line, level);
  const bool both = !says.empty() && !line.words.empty();
  table.rows.push_back({line.test, line.statistic, line.critical, line.p_value,
                        says + (both ? "; " : "") + line.words});
}

FPath path_of(const PartitionSearch& search, const BreakReportOptions& options) {
  const int n = static_cast<int>(search.y.size());
  const FPathOptions path = {search.min_segment, n - search.min_segment, options.errors, true};
  return options.partial ? f_path(*options.partial, path) : f_path(search.x, search.y, path);
}

BootstrapF bootstrap_of(const PartitionSearch& search, const BreakReportOptions& options,
                        const BreakBootstrapOptions& bootstrap) {
  const int n = static_cast<int>(search.y.size()), first = search.min_segment;
  return options.partial ? bootstrap_f_tests(*options.partial, first, n - first, bootstrap)
                         : bootstrap_f_tests(search.x, search.y, first, n - first, bootstrap);
}

// Bootstrap lines have no critical value: the verdict is the p-value's.
TestLine bootstrap_line(const std::string& test, double value, double p, double level,
                        const BreakBootstrapOptions& bootstrap) {
  const bool exact = std::isnan(value);
  const std::string says =
      exact
          ? ""
          : fmt::format("{} at {:g} %; ", p <= level ? "rejects" : "does not reject", 100 * level);
  return {test, value, kMissing, p,
          fmt::format("{}{}, {} replications of classical F", says,
                      bootstrap_name(bootstrap.scheme), bootstrap.replications)};
}

std::vector<TestLine> bootstrap_lines(const PartitionSearch& search,
                                      const BreakReportOptions& options) {
  if (!options.bootstrap) return {};
  const BootstrapF drawn = bootstrap_of(search, options, *options.bootstrap);
  const auto line = [&](const std::string& name, double value, double p) {
    return bootstrap_line(name + ", bootstrap", value, p, options.level, *options.bootstrap);
  };
  return {line("sup-F", drawn.sup, drawn.sup_p), line("ave-F", drawn.ave, drawn.ave_p),
          line("exp-F", drawn.exp, drawn.exp_p)};
}

std::vector<TestLine> f_lines(const PartitionSearch& search, const BreakReportOptions& options,
                              const DateOf& date) {
  const FPath path = path_of(search, options);
  const auto line = [&](const std::string& name, FStatistic statistic, double value) {
    TestLine result{name, value,
                    hansen_critical_value(statistic, options.level, path.k, path.lambda()),
                    hansen_p_value(statistic, value, path.k, path.lambda()), ""};
    if (std::isnan(result.critical)) result.words = "Hansen's p-values end at 40 coefficients";
    return result;
  };
  std::vector<TestLine> lines = {line("sup-F", FStatistic::sup, path.sup),
                                 line("ave-F", FStatistic::ave, path.ave),
                                 line("exp-F", FStatistic::exp, path.exp)};
  lines[0].words +=
      (lines[0].words.empty() ? "" : "; ") + fmt::format("largest after {}", date(path.argmax - 1));
  return lines;
}

std::string held_words(double p) {
  return p <= kSmallestTableP ? fmt::format("p at most {:g}", kSmallestTableP) : "";
}

std::vector<TestLine> fluctuation_lines(const PartitionSearch& search,
                                        const BreakReportOptions& options, const DateOf& date) {
  const int n = static_cast<int>(search.y.size()), k = static_cast<int>(search.x.cols());
  const double level = options.level;
  // Residual sums take a long-run variance; heteroskedasticity alone does not change their limit.
  const Errors errors = options.errors == Errors::hac ? Errors::hac : Errors::classical;
  std::vector<TestLine> lines;
  const auto line = [&](const std::string& name, const Fluctuation& f, double critical, double p,
                        std::string words, bool moving = false) {
    if (!std::isnan(f.statistic)) {
      words += (words.empty() ? "" : "; ") + fmt::format("farthest {} {}",
                                                         moving ? "in the window to" : "in",
                                                         date(std::clamp(f.at - 1, 0, n - 1)));
    }
    lines.push_back({name, f.statistic, critical, p, words});
  };
  const Fluctuation cusum = ols_cusum(search.x, search.y, errors);
  line("OLS-CUSUM", cusum, bridge_critical_value(level, 1), bridge_p_value(cusum.statistic, 1), "");
  const Fluctuation recursive = recursive_cusum(search.x, search.y);
  line("Rec-CUSUM", recursive, motion_critical_value(level), motion_p_value(recursive.statistic),
       "");
  if (kWindow * (n - k) >= 1) {
    const Fluctuation mosum = ols_mosum(search.x, search.y, kWindow, errors);
    const double p = bridge_increments_p_value(mosum.statistic, kWindow, 1);
    line("OLS-MOSUM", mosum, bridge_increments_critical_value(level, kWindow, 1), p, held_words(p),
         true);
    const Fluctuation moving = recursive_mosum(search.x, search.y, kWindow);
    const double p_moving = motion_increments_p_value(moving.statistic, kWindow);
    line("Rec-MOSUM", moving, motion_increments_critical_value(level, kWindow), p_moving,
         held_words(p_moving), true);
  }
  const Fluctuation re = recursive_estimates(search.x, search.y);
  line("RE", re, bridge_critical_value(level, k), bridge_p_value(re.statistic, k), "");
  if (kWindow * n >= k + 1) {
    const Fluctuation me = moving_estimates(search.x, search.y, kWindow);
    const double p = bridge_increments_p_value(me.statistic, kWindow, k);
    line("ME", me, bridge_increments_critical_value(level, kWindow, k), p,
         std::isnan(p) ? "published critical values end at 6 coefficients" : held_words(p), true);
  }
  const double l = nyblom_hansen(search.x, search.y);
  lines.push_back({"Nyblom-Hansen", l, bridge_square_integral_critical_value(level, k + 1),
                   bridge_square_integral_p_value(l, k + 1), "coefficients and variance together"});
  return lines;
}

std::vector<TestLine> known_date_lines(const PartitionSearch& search,
                                       const BreakReportOptions& options, const DateOf& date) {
  std::vector<TestLine> lines;
  const int n = static_cast<int>(search.y.size()), k = static_cast<int>(search.x.cols());
  const int split = options.known_split;
  if (split <= 0) return lines;
  const auto line = [&](const std::string& name, const FTest& test) {
    lines.push_back({name, test.statistic, f_quantile(1 - options.level, test.df1, test.df2),
                     test.p_value,
                     fmt::format("F({:g}, {:g}), after {}", test.df1, test.df2, date(split - 1))});
  };
  if (split > k && n - split > k) {
    line("Chow", chow_test(search.x, search.y, split, options.errors, true));
  }
  if (split > k) line("predictive Chow", predictive_chow_test(search.x, search.y, split));
  return lines;
}

int changing_coefficients(const PartitionSearch& search, const BreakReportOptions& options) {
  return static_cast<int>(options.partial ? options.partial->changing.cols() : search.x.cols());
}

// "; bootstrap p 0.012" of supF(l + 1 | l), given the best l breaks.
std::string bootstrap_words(const PartitionSearch& search, const BreakReportOptions& options,
                            const std::vector<int>& last) {
  if (!options.bootstrap || options.partial) return "";
  const double p =
      bootstrap_sequential(search.x, search.y, last, search.min_segment, *options.bootstrap)
          .p_value;
  return std::isnan(p) ? "" : fmt::format("; bootstrap p {:.3f}", p);
}

// "AR(2) errors (0.52, -0.11)" | "independent errors"
std::string noise_words(const std::vector<double>& phi) {
  if (phi.empty()) return "independent errors";
  std::vector<std::string> values;
  for (const double value : phi) values.push_back(fmt::format("{:.2f}", value));
  return fmt::format("AR({}) errors ({})", phi.size(), join(values, ", "));
}

std::string breaks_or_noise_words(const BreaksOrNoise& noise, double level) {
  std::string words = fmt::format("{} at {:g} %: no break and {}",
                                  noise.p_value <= level ? "rejects" : "does not reject",
                                  100 * level, noise_words(noise.phi_without));
  if (noise.breaks == 0) return words;
  return words + fmt::format(", against {} break{} and {}", noise.breaks,
                             noise.breaks == 1 ? "" : "s", noise_words(noise.phi));
}

PartialBreakSearch partial_of(const PartitionSearch& search, const BreakReportOptions& options) {
  if (options.partial) return *options.partial;
  return {MatrixXd(search.y.size(), 0), search.x, search.y, search.min_segment, search.max_breaks};
}

std::string dates_text(const std::vector<int>& last, const DateOf& date) {
  std::vector<std::string> dates;
  for (int index : last) dates.push_back(date(index));
  return join(dates, " ");
}

}  // namespace

SegmentErrors segment_errors(const BreakReportOptions& options) {
  SegmentErrors errors;
  errors.errors = options.errors;
  errors.segment_moments = !options.segments_alike;
  errors.segment_variances = !options.segments_alike && options.errors != Errors::classical;
  return errors;
}

ResultTable one_break_table(const PartitionSearch& search, const BreakReportOptions& options,
                            const DateOf& date) {
  ResultTable table{
      "break_tests", "Is there a break?", {"test", "statistic", "critical", "p_value", "says"}, {}};
  for (const auto& lines :
       {f_lines(search, options, date), bootstrap_lines(search, options),
        fluctuation_lines(search, options, date), known_date_lines(search, options, date)}) {
    for (const TestLine& line : lines) add(table, line, options.level);
  }
  return table;
}

void add_persistence_rows(const PartitionSearch& search, const BreakReportOptions& options,
                          const std::vector<int>& rows, int periods, ResultTable& tests) {
  const double level = options.level;
  const BootstrapF drawn = bootstrap_of(search, options, options.sieve);
  if (std::isnan(drawn.sup)) return;
  if (!options.bootstrap || options.bootstrap->scheme != Bootstrap::sieve) {
    add(tests,
        bootstrap_line("sup-F, sieve bootstrap", drawn.sup, drawn.sup_p, level, options.sieve),
        level);
  }
  double p = drawn.sup_p;
  if (2 * p > level && periods <= kMostPeriods) {
    BreaksOrNoiseOptions settings;
    settings.seed = options.sieve.seed;
    const BreaksOrNoise noise =
        breaks_or_noise(partial_of(search, options), rows, periods, settings);
    if (!noise.criterion.empty()) {
      tests.rows.push_back({"breaks or AR errors", noise.gain, kMissing, noise.p_value,
                            breaks_or_noise_words(noise, level)});
      p = std::min(p, noise.p_value);
    }
  }
  p = std::min(2 * p, 1.0);
  tests.rows.push_back({std::string(kPersistentErrors), kMissing, kMissing, p,
                        fmt::format("{} at {:g} %; twice the smaller p of the sieve's sup-F and of "
                                    "breaks or AR errors",
                                    p <= level ? "rejects" : "does not reject", 100 * level)});
}

ResultTable f_path_table(const PartitionSearch& search, const BreakReportOptions& options,
                         const DateOf& date) {
  const FPath path = path_of(search, options);
  const double critical =
      hansen_critical_value(FStatistic::sup, options.level, path.k, path.lambda());
  ResultTable table{
      "f_path", "F of a break at each date", {"last_period_before", "f", "critical"}, {}};
  for (Eigen::Index i = 0; i < path.f.size(); ++i) {
    table.rows.push_back({date(path.first + static_cast<int>(i) - 1), path.f(i), critical});
  }
  return table;
}

ResultTable cusum_path_table(const PartitionSearch& search, const BreakReportOptions& options,
                             const DateOf& date) {
  const Errors errors = options.errors == Errors::hac ? Errors::hac : Errors::classical;
  const Fluctuation cusum = ols_cusum(search.x, search.y, errors);
  const double boundary = bridge_critical_value(options.level, 1);
  const auto n = static_cast<Eigen::Index>(search.y.size());
  const Eigen::Index before = cusum.process.rows() - n;  // rows for no observation
  ResultTable table{"cusum_path", "Cumulated residuals", {"period", "cusum", "boundary"}, {}};
  for (Eigen::Index i = 0; i < n; ++i) {
    table.rows.push_back({date(static_cast<int>(i)), cusum.process(before + i, 0), boundary});
  }
  return table;
}

ResultTable multiple_break_table(const PartitionSearch& search, const PartitionFit& fit,
                                 const BreakReportOptions& options) {
  ResultTable table{"multiple_break_tests",
                    "How many breaks, by tests (Bai & Perron 1998)",
                    {"test", "statistic", "critical", "says"},
                    {}};
  const SegmentErrors errors = segment_errors(options);
  const BaiPerronTests tests = options.partial ? bai_perron_tests(*options.partial, fit, errors)
                                               : bai_perron_tests(search, fit, errors);
  const int q = changing_coefficients(search, options);
  const auto line = [&](const std::string& name, double statistic, BaiPerronStatistic kind,
                        int index) {
    const CriticalValue critical =
        bai_perron_critical_value(kind, options.trimming, options.level, q, index);
    const TestLine test{name, statistic, critical.value, kMissing, ""};
    table.rows.push_back({name, statistic, critical.value,
                          critical.words.empty() ? verdict(test, options.level) : critical.words});
  };
  for (std::size_t k = 1; k <= tests.sup_f.size(); ++k) {
    line(fmt::format("supF(0|{})", k), tests.sup_f[k - 1], BaiPerronStatistic::sup_f,
         static_cast<int>(k));
  }
  if (tests.sup_f.empty()) return table;
  line("UDmax", tests.udmax, BaiPerronStatistic::udmax, 0);
  const CriticalValue wdmax = tests.wdmax(options.trimming, options.level, q);
  if (wdmax.words.empty()) {
    line("WDmax", wdmax.value, BaiPerronStatistic::wdmax, 0);
  } else {
    table.rows.push_back({"WDmax", kMissing, kMissing, wdmax.words});
  }
  for (std::size_t l = 0; l < tests.sequential.size(); ++l) {
    line(fmt::format("supF({}|{})", l + 1, l), tests.sequential[l], BaiPerronStatistic::sequential,
         static_cast<int>(l));
    std::get<std::string>(table.rows.back().back()) +=
        bootstrap_words(search, options, fit.best[l].last);
  }
  // Bai and Perron (2003): shifts that cancel each other hide one break from its test.
  const double first = bai_perron_critical_value(BaiPerronStatistic::sequential, options.trimming,
                                                 options.level, q, 0)
                           .value;
  const double any =
      bai_perron_critical_value(BaiPerronStatistic::udmax, options.trimming, options.level, q, 0)
          .value;
  if (tests.sequential[0] < first && tests.udmax >= any) {
    std::get<std::string>(table.rows[table.rows.size() - tests.sequential.size()].back()) +=
        "; UDmax does: shifts that cancel each other hide from the sequence";
  }
  return table;
}

BreakChoices break_choices(const PartitionSearch& search, const BreakAnalysis& analysis,
                           const BreakReportOptions& options, const DateOf& date) {
  BreakChoices choices;
  choices.table = {"breaks_by_criterion",
                   "How many breaks, by criterion",
                   {"criterion", "breaks", "last_periods_before", "says"},
                   {}};
  std::set<int> counts;
  std::vector<std::string> opinions;
  const auto row = [&](const std::string& name, const std::vector<int>& last,
                       const std::string& words) {
    choices.table.rows.push_back(
        {name, static_cast<double>(last.size()), dates_text(last, date), words});
  };
  const auto opinion = [&](const std::string& name, int count) {
    counts.insert(count);
    opinions.push_back(fmt::format("{} {}", name, count));
  };
  const auto criterion = [&](const std::string& name, int count) {
    row(name, analysis.partitions[static_cast<std::size_t>(count)].last, "");
    opinion(name, count);
  };
  criterion("BIC", analysis.breaks_by_bic);
  criterion("LWZ", analysis.breaks_by_lwz);
  criterion("KT", analysis.breaks_by_kt);
  const SegmentErrors errors = segment_errors(options);
  if (options.partial) {
    choices.sequential =
        sequential_breaks(*options.partial, options.trimming, options.level, errors);
    choices.repartition = repartitioned(*options.partial, choices.sequential.last);
  } else {
    choices.sequential = sequential_breaks(search, options.trimming, options.level, errors);
    choices.repartition = repartitioned(search, choices.sequential.last);
  }
  const int found = static_cast<int>(choices.sequential.last.size());
  if (choices.sequential.words.empty()) {
    const std::string name = fmt::format("sequential {:g} %", 100 * options.level);
    row(name, choices.sequential.last, "");
    row("repartition", choices.repartition, "the sequential breaks, dated again");
    opinion("the sequential tests", found);
  } else {
    choices.table.rows.push_back({"sequential", kMissing, "", choices.sequential.words});
  }
  if (counts.size() > 1) {
    choices.disagreement = "the criteria disagree on the number of breaks: " + join(opinions, ", ");
  }
  return choices;
}

}  // namespace amnok
