#include "models/structural_break/monitoring.h"

#include <catch2/catch.hpp>
#include <cmath>
#include <map>

#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"
#include "tests/support/break_series.h"

namespace amnok {

namespace {

MonitoringOptions with(MonitoringProcess process) {
  MonitoringOptions options;
  options.process = process;
  return options;
}

const std::vector<MonitoringProcess> kAll = {
    MonitoringProcess::recursive_cusum, MonitoringProcess::ols_cusum, MonitoringProcess::ols_mosum};

}  // namespace

TEST_CASE("monitoring: CUSUM critical values solve the crossing probability") {
  for (double level : {0.01, 0.05, 0.10, 0.5}) {
    const double a = monitoring_cusum_critical_value(level);
    CHECK(2 * (1 - normal_cdf(a) + a * normal_pdf(a)) == Approx(level));
  }
  // a^2 = 6.25 at 10 % (Chu, Stinchcombe & White 1996, p. 1053).
  CHECK(std::pow(monitoring_cusum_critical_value(0.10), 2) == Approx(6.25).margin(0.005));
}

TEST_CASE("monitoring: MOSUM critical values rise with the horizon and fall with the level") {
  for (double window : {0.25, 0.5, 1.0}) {
    double before = 0;
    for (double horizon : {2.0, 2.5, 3.0, 7.0, 10.0}) {
      const double value = monitoring_mosum_critical_value(0.05, window, horizon);
      CHECK(value > before);
      CHECK(value > monitoring_mosum_critical_value(0.10, window, horizon));
      before = value;
    }
  }
  CHECK(std::isnan(monitoring_mosum_critical_value(0.05, 0.3, 10)));
  CHECK(std::isnan(monitoring_mosum_critical_value(0.05, 0.5, 11)));
  CHECK(std::isnan(monitoring_mosum_critical_value(0.07, 0.5, 10)));
}

TEST_CASE("monitoring: processes are sums of residuals by hand") {
  const BreakSeries series = break_series(7, 60, 2);
  const int m = 40;
  const LinearFit past = solve(LinearLeastSquares{series.x.topRows(m), series.y.head(m)});
  const VectorXd e = series.y - series.x * past.coefficients;
  const double scale = std::sqrt(past.sigma2() * m);
  const Monitoring cusum = monitor(series.x, series.y, m);
  CHECK(cusum.process(9) == Approx(e.head(50).sum() / scale));
  CHECK(cusum.boundary(9) ==
        Approx(std::sqrt(1.25 * 0.25 * (std::pow(cusum.critical, 2) + std::log(5)))));
  const Monitoring mosum = monitor(series.x, series.y, m, with(MonitoringProcess::ols_mosum));
  CHECK(mosum.process(9) == Approx(e.segment(30, 20).sum() / scale));
  CHECK(mosum.boundary(9) == Approx(mosum.critical));
  // One recursive residual by its definition.
  const Monitoring recursive =
      monitor(series.x, series.y, m, with(MonitoringProcess::recursive_cusum));
  const Eigen::RowVectorXd x = series.x.row(m + 1);
  const LinearFit before = solve(LinearLeastSquares{series.x.topRows(m + 1), series.y.head(m + 1)});
  const double w = (series.y(m + 1) - x.dot(before.coefficients)) /
                   std::sqrt(1 + (x * before.xtx_inverse * x.transpose())(0, 0));
  CHECK(std::fabs(recursive.process(1) - recursive.process(0)) ==
        Approx(std::fabs(w) / (recursive.sigma * std::sqrt(m))));
}

TEST_CASE("monitoring: what comes later changes nothing before it") {
  const BreakSeries series = break_series(8, 90, 1);
  for (MonitoringProcess process : kAll) {
    const Monitoring all = monitor(series.x, series.y, 50, with(process));
    const Monitoring part = monitor(series.x.topRows(70), series.y.head(70), 50, with(process));
    CHECK(part.process.isApprox(all.process.head(20)));
    CHECK(part.boundary.isApprox(all.boundary.head(20)));
  }
}

TEST_CASE("monitoring: a shift of two sd is found within three years, not before it") {
  BreakSeries series = break_series(9, 120, 1);
  for (int t = 72; t < 120; ++t) series.y(t) += 2;
  for (MonitoringProcess process : kAll) {
    const Monitoring found = monitor(series.x, series.y, 60, with(process));
    CHECK(found.alarm >= 72);
    CHECK(found.alarm < 72 + 36);
    CHECK(found.statistic > 1);
  }
}

TEST_CASE("monitoring: a history that is too short is refused with the numbers") {
  const BreakSeries series = break_series(9, 30, 2);
  CHECK_THROWS_WITH(monitor(series.x, series.y, 3),
                    Catch::Contains("history is 3, but must be in [4, 29]"));
  MonitoringOptions mosum = with(MonitoringProcess::ols_mosum);
  mosum.window = 0.3;
  CHECK_THROWS_WITH(monitor(series.x, series.y, 20, mosum), Catch::Contains("window 0.3"));
}

TEST_CASE("monitoring: alarms without a change are as rare as the level says", "[slow]") {
  // 5 %, history 100, monitored up to ten histories. The MOSUM's values are simulated for that
  // horizon, the CUSUMs' for one without end.
  constexpr int kSamples = 600;
  std::map<MonitoringProcess, int> alarms;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    const BreakSeries series = break_series(2000 + s, 1000, 1);
    for (MonitoringProcess process : kAll) {
      alarms[process] += monitor(series.x, series.y, 100, with(process)).alarm >= 0 ? 1 : 0;
    }
  }
  const double error = std::sqrt(0.05 * 0.95 * kSamples);
  for (const auto& [process, count] : alarms) {
    INFO("process " << static_cast<int>(process) << ": " << count << " of " << kSamples);
    CHECK(count < 0.05 * kSamples + 3 * error);
  }
  CHECK(alarms[MonitoringProcess::ols_mosum] > 0.05 * kSamples - 3 * error);
}

TEST_CASE("monitoring: under hac, autocorrelated errors raise few false alarms", "[slow]") {
  constexpr int kSamples = 300;
  int classical = 0, hac = 0;
  MonitoringOptions robust;
  robust.errors = Errors::hac;
  for (std::uint32_t s = 0; s < kSamples; ++s) {
    BreakSeries series = break_series(4000 + s, 400, 1);
    for (int t = 1; t < 400; ++t) series.y(t) += 0.5 * (series.y(t - 1) - 1);
    classical += monitor(series.x, series.y, 200).alarm >= 0 ? 1 : 0;
    hac += monitor(series.x, series.y, 200, robust).alarm >= 0 ? 1 : 0;
  }
  INFO(classical << " and " << hac << " of " << kSamples);
  CHECK(hac < classical);
  CHECK(hac < 0.10 * kSamples);
}

}  // namespace amnok
