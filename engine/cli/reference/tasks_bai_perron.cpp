// Bai-Perron tests and their published critical values.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/cli/reference/tasks.h"
#include "models/structural_break/bai_perron_tests.h"
#include "models/structural_break/break_criteria.h"
#include "models/structural_break/break_dates.h"

namespace amnok {

namespace {

// A switch that cases write as 1, 0, true or false.
bool switched(const ReferenceCase& c, std::string_view key, bool fallback) {
  return c.flag(key, c.number(key, fallback ? 1 : 0) != 0);
}

bool is_constant(const std::string& name) {
  return name == "constant" || name == "const" || name == "(Intercept)" || name == "1" ||
         name == "constant only";
}

PartitionSearch regression_of(const ReferenceCase& c) {
  const DataTable& data = c.data.at(0);
  PartitionSearch search;
  search.y = data.column(c.text("y"));
  const std::vector<std::string> names = c.texts("z");
  search.x.resize(search.y.size(), static_cast<Eigen::Index>(names.size()));
  for (std::size_t j = 0; j < names.size(); ++j) {
    search.x.col(static_cast<Eigen::Index>(j)) =
        is_constant(names[j]) ? VectorXd(VectorXd::Ones(search.y.size())) : data.column(names[j]);
  }
  const int n = static_cast<int>(search.y.size());
  search.min_segment =
      c.integer("min_segment", static_cast<int>(std::floor(c.number("eps", 0.15) * n + 1e-9)));
  search.max_breaks = c.integer("max_breaks", 5);
  return search;
}

SegmentErrors errors_of(const ReferenceCase& c) {
  SegmentErrors errors;
  errors.errors = switched(c, "robust", true) ? Errors::hac : Errors::classical;
  errors.prewhiten = switched(c, "prewhiten", true);
  errors.segment_moments = switched(c, "hetdat", true);
  errors.segment_variances = switched(c, "hetvar", true);
  return errors;
}

std::string per_cent(double level) {
  return fmt::format("{:g}", 100 * level);
}

std::vector<int> one_based(std::vector<int> last) {
  for (int& index : last) ++index;
  return last;
}

// The ends that mbreaks 1.0.1 prints: each later break adds one to the upper ends of all before it
// (its rounding stands inside the loop over breaks), and under robust errors it divides the second
// side's score variance by the first side's regressor moments.
std::vector<double> mbreaks_ends(const std::vector<BreakLimit>& limits,
                                 const std::vector<int>& last, double p, bool robust, bool upper) {
  std::vector<double> ends;
  for (std::size_t i = 0; i < last.size(); ++i) {
    BreakLimit limit = limits[i];
    if (robust) limit.phi2 *= std::sqrt(limit.xi);
    const auto added = static_cast<double>(upper ? last.size() - i : 0);
    ends.push_back(std::round(last[i] + 1 - limit.scale * limit.quantile(p)) + added);
  }
  return ends;
}

bool within_one(const std::vector<double>& a, const std::vector<double>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](double x, double y) { return std::fabs(x - y) <= 1; });
}

void add_intervals(const ReferenceCase& c, const PartitionSearch& search,
                   const std::vector<int>& last, const SegmentErrors& errors, Quantities& q) {
  // The programs let each side of a break have its own moments whatever the tests assume.
  SegmentErrors sides = errors;
  sides.segment_moments = sides.segment_variances = true;
  const auto limits = break_limits(search.x, search.y, last, sides);
  for (const double level : {0.90, 0.95}) {
    const auto intervals = bai_intervals(search.x, search.y, last, {level, sides});
    for (const bool upper : {false, true}) {
      std::vector<double> ends;
      for (const BreakInterval& interval : intervals) {
        const int end = upper ? interval.upper : interval.lower;
        ends.push_back(interval.exists ? end + 1 : kMissing);
      }
      const std::string name = "ci" + per_cent(level) + (upper ? "_upper" : "_lower");
      q[name] = ends;
      const double p = upper ? (1 - level) / 2 : (1 + level) / 2;
      const auto theirs = mbreaks_ends(limits, last, p, errors.errors != Errors::classical, upper);
      for (const Expectation& expected : c.expected) {
        if (expected.name != name || !within_one(theirs, expected.value.numbers)) continue;
        q[name].alternative =
            "the expected ends come out with two slips of mbreaks 1.0.1 (known_differences.md)";
      }
    }
  }
}

// The regimes that the sequential procedure finds at 5 %.
void add_regimes(const PartitionSearch& search, const std::vector<int>& last,
                 const SegmentErrors& errors, Quantities& q) {
  const SegmentedFit fit = fit_segments(search.x, search.y, last, errors);
  std::vector<double> coefficients, standard_errors;
  for (Eigen::Index j = 0; j < fit.coefficients.rows(); ++j) {
    const MatrixXd& covariance = fit.covariance[static_cast<std::size_t>(j)];
    for (Eigen::Index i = 0; i < fit.coefficients.cols(); ++i) {
      coefficients.push_back(fit.coefficients(j, i));
      standard_errors.push_back(std::sqrt(covariance(i, i)));
    }
  }
  q["coef_sequential"] = coefficients;
  q["se_corrected_sequential"] = standard_errors;
}

}  // namespace

Quantities run_bai_perron_tests(const ReferenceCase& c) {
  const PartitionSearch search = regression_of(c);
  const SegmentErrors errors = errors_of(c);
  const double trimming = c.number("eps", 0.15);
  const PartitionFit fit = solve(search);
  const BaiPerronTests tests = bai_perron_tests(search, fit, errors);
  Quantities q;
  q["supF_k"] = tests.sup_f;
  q["supF_next"] = tests.sequential;
  q["udmax"] = tests.udmax;
  for (const double level : bai_perron_levels()) {
    const std::string suffix = "_" + per_cent(level) + "pct";
    q["wdmax" + suffix] = tests.wdmax(trimming, level, static_cast<int>(search.x.cols())).value;
    const std::vector<int> last = sequential_breaks(search, trimming, level, errors).last;
    q["n_breaks_sequential" + suffix] = static_cast<int>(last.size());
    q["n_breaks_repartition" + suffix] = static_cast<int>(last.size());
    q["dates_sequential" + suffix] = one_based(last);
    q["dates_repartition" + suffix] = one_based(repartitioned(search, last));
    if (level == 0.05) {
      q["dates_sequential"] = q["dates_sequential" + suffix];
      q["dates_repartition"] = q["dates_repartition" + suffix];
      if (last.empty()) continue;
      add_regimes(search, last, errors, q);
      add_intervals(c, search, last, errors, q);
    }
  }
  const BreakAnalysis analysis = analyse_breaks(search, fit);
  q["n_breaks_bic_mbreaks"] = analysis.breaks_by_bic;
  q["n_breaks_lwz_mbreaks"] = analysis.breaks_by_lwz_df;
  q["n_breaks_kt"] = analysis.breaks_by_kt;
  return q;
}

// Every published value by name: supF2_q1_eps15_5, supF_next_l1_q1_eps15_5, udmax_q1_eps15_5.
Quantities run_critical_values(const ReferenceCase& c) {
  Quantities q;
  // The columns say whose table it is.
  const std::vector<std::string> columns = c.texts("columns");
  const auto has = [&](const char* name) {
    return std::find(columns.begin(), columns.end(), name) != columns.end();
  };
  if (has("I0") && has("I1")) return bounds_critical_value_quantities();
  if (!has("eps")) return q;
  int count = 0;
  const auto add = [&](const std::string& name, BaiPerronStatistic statistic, double trimming,
                       double level, int coefficients, int index) {
    const CriticalValue critical =
        bai_perron_critical_value(statistic, trimming, level, coefficients, index);
    if (!critical.words.empty()) return;
    ++count;
    q[fmt::format("{}_q{}_eps{:g}_{}", name, coefficients, 100 * trimming, per_cent(level))] =
        critical.value;
  };
  for (const double trimming : bai_perron_trimmings()) {
    for (const double level : bai_perron_levels()) {
      for (int coefficients = 1; coefficients <= 10; ++coefficients) {
        for (int i = 0; i <= 10; ++i) {
          add(fmt::format("supF{}", i), BaiPerronStatistic::sup_f, trimming, level, coefficients,
              i);
          add(fmt::format("supF_next_l{}", i), BaiPerronStatistic::sequential, trimming, level,
              coefficients, i);
        }
        add("udmax", BaiPerronStatistic::udmax, trimming, level, coefficients, 0);
        add("wdmax", BaiPerronStatistic::wdmax, trimming, level, coefficients, 0);
      }
    }
  }
  q["n_rows"] = count;
  return q;
}

}  // namespace amnok
