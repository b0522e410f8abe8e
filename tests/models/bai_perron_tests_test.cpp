#include "models/structural_break/bai_perron_tests.h"

#include <catch2/catch.hpp>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "models/structural_break/break_criteria.h"
#include "models/structural_break/f_tests.h"
#include "tests/support/break_series.h"
#include "tests/support/program.h"

namespace amnok {

namespace {

PartitionSearch two_shifts(std::uint32_t draw, double shift = 3) {
  const BreakSeries s = break_series(draw, 120, 1);
  PartitionSearch search{s.x, s.y, 18, 5};
  search.y.segment(40, 40).array() += shift;
  return search;
}

SegmentErrors one_variance() {
  SegmentErrors errors;
  errors.segment_variances = false;
  return errors;
}

}  // namespace

TEST_CASE("bai-perron: the tables are the authors' tables") {
  ProblemList problems;
  const CsvTable csv =
      read_csv(source_path("tests/reference/data/bai_perron_critical_values.csv"), problems);
  REQUIRE(csv.rows() == 3480);
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    const auto number = [&](const std::string& name) {
      const auto value = parse_double(csv.cell(row, static_cast<std::size_t>(csv.column(name))));
      return value ? *value : 0;
    };
    const std::string& name = csv.cell(row, static_cast<std::size_t>(csv.column("statistic")));
    const auto statistic = name == "supF_k"  ? BaiPerronStatistic::sup_f
                           : name == "UDmax" ? BaiPerronStatistic::udmax
                           : name == "WDmax" ? BaiPerronStatistic::wdmax
                                             : BaiPerronStatistic::sequential;
    const CriticalValue critical = bai_perron_critical_value(
        statistic, number("eps"), number("level_pct") / 100, static_cast<int>(number("q")),
        static_cast<int>(number("k_or_l")));
    CHECK(critical.value == number("value"));
    CHECK(critical.words.empty());
  }
}

TEST_CASE("bai-perron: outside the tables there are words") {
  using Statistic = BaiPerronStatistic;
  const auto words = [](Statistic statistic, double trimming, double level, int q, int index) {
    const CriticalValue critical = bai_perron_critical_value(statistic, trimming, level, q, index);
    CHECK(std::isnan(critical.value));
    return critical.words;
  };
  CHECK_THAT(words(Statistic::sup_f, 0.12, 0.05, 1, 1),
             Catch::Contains("trimming is 0.12, but must"));
  CHECK_THAT(words(Statistic::sup_f, 0.15, 0.05, 11, 1),
             Catch::Contains("are 11, but must be in [1, 10]"));
  CHECK_THAT(words(Statistic::sup_f, 0.15, 0.05, 1, 6),
             Catch::Contains("breaks are 6, but must be in [1, 5]"));
  CHECK_THAT(words(Statistic::sequential, 0.15, 0.05, 1, 10), Catch::Contains("[0, 9]"));
  CHECK_THAT(words(Statistic::udmax, 0.15, 0.02, 1, 0), Catch::Contains("level is 0.02, but must"));
}

TEST_CASE("bai-perron: supF of one break is the sup of the F path") {
  const BreakSeries s = break_series(3, 100, 2, 0.5);
  const PartitionSearch search{s.x, s.y, 15, 3};
  const PartitionFit fit = solve(search);
  const FPath path = f_path(s.x, s.y, {15, 85, Errors::classical, false});
  const BaiPerronTests tests = bai_perron_tests(search, fit, one_variance());
  CHECK(tests.sup_f[0] == Approx(path.sup).epsilon(1e-9));
  CHECK(tests.sequential[0] == Approx(path.sup).epsilon(1e-9));
  CHECK(fit.best[1].last[0] + 1 == path.argmax);
  CHECK(tests.udmax == *std::max_element(tests.sup_f.begin(), tests.sup_f.end()));
  const double c1 = 11.47, c2 = 9.75, c3 = 8.36;  // q = 2, trimming 0.15, 5 %
  const CriticalValue weighted = tests.wdmax(0.15, 0.05, 2);
  CHECK(weighted.value ==
        Approx(std::max({tests.sup_f[0], c1 / c2 * tests.sup_f[1], c1 / c3 * tests.sup_f[2]})));
}

TEST_CASE("bai-perron: supF of two breaks by hand") {
  // Means 0, 3 and 0 of 40 observations each with one variance: R V R' / s2 = [[2, -1], [-1, 2]]
  // / 40.
  const PartitionSearch search = two_shifts(4);
  const std::vector<int> last = {39, 79};
  const SegmentedFit fit = fit_segments(search.x, search.y, last, one_variance());
  const double d1 = fit.coefficients(1, 0) - fit.coefficients(0, 0);
  const double d2 = fit.coefficients(2, 0) - fit.coefficients(1, 0);
  const double s2 = fit.residuals.squaredNorm() / 120;
  const double wald = 40 / s2 * (2 * d1 * d1 + 2 * d1 * d2 + 2 * d2 * d2) / 3;
  CHECK(sup_f_at(search.x, search.y, last, one_variance()) ==
        Approx((120 - 3) / (120.0 * 2) * wald));
}

TEST_CASE("bai-perron: two clear shifts are found one at a time, under all errors") {
  const PartitionSearch search = two_shifts(5, 6);
  for (const Errors errors : {Errors::classical, Errors::hc, Errors::hac}) {
    SegmentErrors options;
    options.errors = errors;
    const SequentialBreaks found = sequential_breaks(search, 0.15, 0.05, options);
    REQUIRE(found.last.size() == 2);
    CHECK(found.words.empty());
    CHECK(std::abs(found.last[0] - 39) <= 3);
    CHECK(std::abs(found.last[1] - 79) <= 3);
    CHECK(repartitioned(search, found.last) == solve(search).best[2].last);
  }
}

TEST_CASE("bai-perron: without a published value the sequence says so") {
  const SequentialBreaks found = sequential_breaks(two_shifts(5), 0.12, 0.05, {});
  CHECK(found.last.empty());
  CHECK_THAT(found.words, Catch::Contains("trimming is 0.12"));
}

TEST_CASE("bai-perron: no room for a further break counts as zero") {
  PartitionSearch search = two_shifts(6);
  search.min_segment = 40;
  const InsertedBreak inserted = best_inserted_break(search.x, search.y, {39, 79}, 40, {});
  CHECK(inserted.statistic == 0);
  CHECK(inserted.last == -1);
}

TEST_CASE("bai-perron: units do not matter") {
  const PartitionSearch search = two_shifts(7, 1);
  for (const Errors errors : {Errors::classical, Errors::hc, Errors::hac}) {
    SegmentErrors options;
    options.errors = errors;
    const BaiPerronTests one = bai_perron_tests(search, solve(search), options);
    for (const double c : {1e-9, 1e9}) {
      PartitionSearch scaled = search;
      scaled.y *= c;
      const BaiPerronTests other = bai_perron_tests(scaled, solve(scaled), options);
      for (std::size_t k = 0; k < one.sup_f.size(); ++k) {
        CHECK(other.sup_f[k] == Approx(one.sup_f[k]).epsilon(1e-8));
        CHECK(other.sequential[k] == Approx(one.sequential[k]).epsilon(1e-8));
      }
      const BreakAnalysis a = analyse_breaks(search, solve(search)),
                          b = analyse_breaks(scaled, solve(scaled));
      CHECK(a.breaks_by_kt == b.breaks_by_kt);
      CHECK(a.breaks_by_lwz_df == b.breaks_by_lwz_df);
    }
  }
}

}  // namespace amnok
