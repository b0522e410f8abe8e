#include "models/structural_break/date_sets.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "engine/solver/partition_search.h"
#include "tests/support/break_series.h"

namespace amnok {

namespace {

constexpr StreamKey kKey = {11, Purpose::break_date, 0};

SegmentErrors one_variance() {
  SegmentErrors errors;
  errors.segment_moments = errors.segment_variances = false;
  return errors;
}

}  // namespace

TEST_CASE("date sets: the critical value of equal sides is Hansen's") {
  // Hansen (2000, Econometrica 68, table I): 5.94, 7.35 and 10.59 at 90, 95 and 99 %.
  CHECK(likelihood_ratio_critical_value(0.90, 1, 1) == Approx(5.94).margin(0.005));
  CHECK(likelihood_ratio_critical_value(0.95, 1, 1) == Approx(7.35).margin(0.005));
  CHECK(likelihood_ratio_critical_value(0.99, 1, 1) == Approx(10.59).margin(0.005));
  CHECK(likelihood_ratio_critical_value(0.95, 3, 3) == Approx(3 * 7.352).margin(0.01));
  CHECK(std::isnan(likelihood_ratio_critical_value(0.95, 0, 1)));
}

TEST_CASE("date sets: they hold the estimate, lie in the sample and are ordered") {
  for (std::uint32_t draw = 0; draw < 20; ++draw) {
    const BreakSeries s = break_series(draw, 60, 2, 0.4);
    const std::vector<int> last = solve(PartitionSearch{s.x, s.y, 10, 2}).best[2].last;
    for (const DateSet& set : likelihood_ratio_sets(s.x, s.y, last, 10, {0.95, {}})) {
      CHECK(set.contains(set.last));
      CHECK(set.dates() >= 1);
      int before = 8;
      for (const DateRun& run : set.runs) {
        CHECK(run.begin > before);
        CHECK(run.end >= run.begin);
        before = run.end + 1;
      }
      CHECK(before <= 51);
    }
  }
}

TEST_CASE("date sets: two humps of the likelihood give two runs") {
  // A block of 12 in the middle: one break fits its start or its end nearly as well.
  BreakSeries s = break_series(9, 100, 1);
  s.y.segment(44, 12).array() += 5;
  s.y.tail(44).array() += 0.05;
  const std::vector<int> last = solve(PartitionSearch{s.x, s.y, 10, 1}).best[1].last;
  CHECK(likelihood_ratio_sets(s.x, s.y, last, 10, {0.95, one_variance()})[0].runs.size() >= 2);
}

TEST_CASE("date sets: coverage of 95 % sets is at least 92 %, for shifts of one and two sd",
          "[slow]") {
  constexpr int kDraws = 1000, kObservations = 100;
  for (const double shift : {1.0, 2.0}) {
    int covered = 0;
    for (std::uint32_t r = 0; r < kDraws; ++r) {
      const BreakSeries s = break_series(3000 + r, kObservations, 1, shift);
      const std::vector<int> last = solve(PartitionSearch{s.x, s.y, 15, 1}).best[1].last;
      const DateSet set = likelihood_ratio_sets(s.x, s.y, last, 15, {0.95, one_variance()})[0];
      covered += set.contains(kObservations / 2 - 1) ? 1 : 0;
    }
    INFO("shift " << shift << ": " << covered);
    CHECK(covered >= 0.92 * kDraws);
  }
}

TEST_CASE("date sets: under hac errors they cover with errors AR(1) of 0.5 as well", "[slow]") {
  // Docs: docs/structural_break.md. Sets that count the errors as independent are too short.
  constexpr int kDraws = 500, kObservations = 100;
  for (const double shift : {1.0, 2.0}) {
    std::map<Errors, int> covered;
    for (std::uint32_t r = 0; r < kDraws; ++r) {
      const BreakSeries s = break_series(5000 + r, kObservations + 20, 1);
      VectorXd e = s.y.array() - 1;
      for (Eigen::Index t = 1; t < e.size(); ++t) e(t) += 0.5 * e(t - 1);
      VectorXd y = e.tail(kObservations);
      y.tail(kObservations / 2).array() += shift;
      const MatrixXd x = MatrixXd::Ones(kObservations, 1);
      const std::vector<int> last = solve(PartitionSearch{x, y, 15, 1}).best[1].last;
      for (const Errors kind : {Errors::classical, Errors::hac}) {
        SegmentErrors errors;
        errors.errors = kind;
        const DateSet set = likelihood_ratio_sets(x, y, last, 15, {0.95, errors})[0];
        covered[kind] += set.contains(kObservations / 2 - 1) ? 1 : 0;
      }
    }
    INFO("shift " << shift << ": " << covered[Errors::classical] << ", " << covered[Errors::hac]);
    CHECK(covered[Errors::hac] >= 0.92 * kDraws);
    CHECK(covered[Errors::classical] < 0.92 * kDraws);
  }
}

TEST_CASE("date draws: ordered, in the sample, segments long enough, the same for the same key") {
  const BreakSeries s = break_series(4, 90, 2, 1);
  const std::vector<int> last = solve(PartitionSearch{s.x, s.y, 12, 3}).best[3].last;
  const Eigen::MatrixXi dates = draw_break_dates(s.x, s.y, last, 12, {}, kKey, 500);
  REQUIRE(dates.rows() == 3);
  for (Eigen::Index r = 0; r < dates.cols(); ++r) {
    CHECK(dates(0, r) >= 11);
    CHECK(dates(1, r) - dates(0, r) >= 12);
    CHECK(dates(2, r) - dates(1, r) >= 12);
    CHECK(dates(2, r) <= 90 - 13);
  }
  CHECK(draw_break_dates(s.x, s.y, last, 12, {}, kKey, 200) == dates.leftCols(200));
  CHECK(draw_break_dates(s.x, s.y, {}, 12, {}, kKey, 7).rows() == 0);
}

TEST_CASE("date draws: shares are the likelihood's, by enumeration of all pairs") {
  const int n = 40, h = 6, draws = 40000;
  BreakSeries s = break_series(12, n, 1);
  s.y.segment(13, 13).array() += 1.2;
  const std::vector<int> last = solve(PartitionSearch{s.x, s.y, h, 2}).best[2].last;
  const SegmentTable table(s.x, s.y, h);
  const double rss =
      table.at(0, last[0]) + table.at(last[0] + 1, last[1]) + table.at(last[1] + 1, n - 1);
  const double v = rss / (n - 3);
  std::map<std::pair<int, int>, double> share;
  double sum = 0;
  for (int a = h - 1; a < n; ++a) {
    for (int b = a + h; b + h < n; ++b) {
      const double value = table.at(0, a) + table.at(a + 1, b) + table.at(b + 1, n - 1);
      sum += share[{a, b}] = std::exp(-(value - rss) / (2 * v));
    }
  }
  std::map<std::pair<int, int>, double> drawn;
  const Eigen::MatrixXi dates = draw_break_dates(s.x, s.y, last, h, {}, kKey, draws);
  for (Eigen::Index r = 0; r < draws; ++r) drawn[{dates(0, r), dates(1, r)}] += 1.0 / draws;
  double distance = 0;
  for (const auto& [pair, weight] : share) distance += std::fabs(drawn[pair] - weight / sum);
  CHECK(distance < 0.10);  // about sqrt(2 cells / (pi draws)) of sampling noise
  for (const auto& [pair, weight] : share) {
    const double p = weight / sum;
    if (p > 0.02) CHECK(drawn[pair] == Approx(p).margin(5 * std::sqrt(p / draws)));
  }
}

}  // namespace amnok
