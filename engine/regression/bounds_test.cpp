#include "engine/regression/bounds_test.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <array>
#include <cmath>

#include "engine/base/check.h"
#include "engine/regression/bounds_table.h"
#include "engine/regression/pss_table.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

bool in_table(int k, double df) {
  return k >= 0 && k <= kMostForcing && df >= kLeastBoundsDf;
}

// t of a restricted term's regression is that of the free one's.
int surface_case(BoundsStatistic statistic, DeterministicCase terms) {
  if (statistic == BoundsStatistic::t) {
    if (terms == DeterministicCase::restricted_constant) terms = DeterministicCase::constant;
    if (terms == DeterministicCase::restricted_trend) terms = DeterministicCase::trend;
  }
  return static_cast<int>(terms) - 1;
}

using Quantiles = std::array<double, kBoundsLevels.size()>;

// By rising rejection: of F upwards, of -t upwards, so that both read the same way.
Quantiles quantiles(BoundsStatistic statistic, DeterministicCase terms, int k, int bound,
                    double df) {
  const bool f = statistic == BoundsStatistic::f;
  const BoundsSurface& surface =
      (f ? kFSurfaces : kTSurfaces)[surface_case(statistic, terms)][k][bound];
  Quantiles q{};
  const double v = 1 / df;
  for (std::size_t l = 0; l < q.size(); ++l) {
    const float* c = surface.c[l];
    q[l] = (f ? 1 : -1) * (c[0] + v * (c[1] + v * (c[2] + v * c[3])));
  }
  return q;
}

double interpolate(double x, double x0, double x1, double y0, double y1) {
  return y0 + (y1 - y0) * (x - x0) / (x1 - x0);
}

BoundsPValue p_value(const Quantiles& q, double value) {
  if (value <= q.front()) return {kBoundsLevels.front(), true};
  if (value >= q.back()) return {kBoundsLevels.back(), true};
  std::size_t l = 1;
  while (value > q[l]) ++l;
  return {normal_cdf(interpolate(value, q[l - 1], q[l], normal_quantile(kBoundsLevels[l - 1]),
                                 normal_quantile(kBoundsLevels[l]))),
          false};
}

double critical_value(const Quantiles& q, double level) {
  std::size_t l = 1;
  while (level < kBoundsLevels[l] && l + 1 < q.size()) ++l;
  return interpolate(normal_quantile(level), normal_quantile(kBoundsLevels[l - 1]),
                     normal_quantile(kBoundsLevels[l]), q[l - 1], q[l]);
}

void judge(BoundsTest& test, DeterministicCase terms, double level) {
  test.finite = bounds_p_values(test.statistic, terms, test.k, test.value, test.df);
  test.asymptotic = bounds_p_values(test.statistic, terms, test.k, test.value, INFINITY);
  const std::string name =
      fmt::format("{} = {:.3f}", test.statistic == BoundsStatistic::f ? "F" : "t", test.value);
  if (!test.finite) {
    test.words = fmt::format(
        "{}: there are no bounds for {} forcing variables and {} degrees of "
        "freedom",
        name, test.k, test.df);
    return;
  }
  const std::string figures = fmt::format("{}, p between {} and {}", name, test.finite->i0.words(),
                                          test.finite->i1.words());
  if (test.finite->i1.p < level) {
    test.verdict = BoundsTest::Verdict::relationship;
    test.words = figures + ": a relationship in levels, whatever the order of integration";
  } else if (test.finite->i0.p >= level) {
    test.verdict = BoundsTest::Verdict::none;
    test.words = figures + ": no sign of a relationship in levels";
  } else {
    test.verdict = BoundsTest::Verdict::inconclusive;
    test.words = figures + ": it depends on the order of integration of the forcing variables";
  }
}

}  // namespace

std::optional<BoundsPair> pss_critical_values(BoundsStatistic statistic, DeterministicCase terms,
                                              int k, double level) {
  for (std::size_t l = 0; l < kPssLevels.size(); ++l) {
    if (level != kPssLevels[l] || k < 0 || k > 10) continue;
    const int c = static_cast<int>(terms);
    if (statistic == BoundsStatistic::f) {
      return BoundsPair{kPssF[c - 1][k][l][0], kPssF[c - 1][k][l][1]};
    }
    if (c % 2 == 0) return {};
    return BoundsPair{kPssT[c / 2][k][l][0], kPssT[c / 2][k][l][1]};
  }
  return {};
}

std::optional<BoundsPair> bounds_critical_values(BoundsStatistic statistic, DeterministicCase terms,
                                                 int k, double level, double df) {
  if (!in_table(k, df) || level > kBoundsLevels.front() || level < kBoundsLevels.back()) return {};
  const double sign = statistic == BoundsStatistic::f ? 1 : -1;
  return BoundsPair{sign * critical_value(quantiles(statistic, terms, k, 0, df), level),
                    sign * critical_value(quantiles(statistic, terms, k, 1, df), level)};
}

std::string BoundsPValue::words() const {
  if (!beyond) return fmt::format("{:.4f}", p);
  return fmt::format("{} {}", p < 0.5 ? "<" : ">", p);
}

std::optional<BoundsPValues> bounds_p_values(BoundsStatistic statistic, DeterministicCase terms,
                                             int k, double value, double df) {
  if (!in_table(k, df) || std::isnan(value)) return {};
  const double sign = statistic == BoundsStatistic::f ? 1 : -1;
  return BoundsPValues{p_value(quantiles(statistic, terms, k, 0, df), sign * value),
                       p_value(quantiles(statistic, terms, k, 1, df), sign * value)};
}

BoundsTest bounds_f_test(const ArdlFit& fit, double level) {
  const std::vector<int> columns = fit.level_columns();
  const VectorXd b = fit.fit.coefficients(columns);
  const MatrixXd v = fit.covariance(columns, columns);
  BoundsTest test;
  test.k = static_cast<int>(fit.forcing.size());
  test.restrictions = static_cast<int>(columns.size());
  test.df = fit.fit.df_residual();
  // Scaled, as the columns have units of their own.
  const VectorXd scale = v.diagonal().cwiseSqrt().cwiseInverse();
  const MatrixXd scaled = scale.asDiagonal() * v * scale.asDiagonal();
  const VectorXd z = scale.cwiseProduct(b);
  test.value = z.dot(scaled.ldlt().solve(z)) / test.restrictions;
  judge(test, fit.terms, level);
  return test;
}

BoundsTest bounds_t_test(const ArdlFit& fit, double level) {
  BoundsTest test;
  test.statistic = BoundsStatistic::t;
  test.k = static_cast<int>(fit.forcing.size());
  test.restrictions = 1;
  test.df = fit.fit.df_residual();
  test.value = fit.coefficient(fit.level) / fit.standard_error(fit.level);
  judge(test, fit.terms, level);
  return test;
}

}  // namespace amnok
