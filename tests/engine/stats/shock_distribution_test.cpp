#include "engine/stats/shock_distribution.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

constexpr double kDegrees[] = {2.5, 2.9, 4, 7.3, 30, 200};

VectorXd normals(int n, std::uint32_t draw) {
  std::vector<double> u(static_cast<std::size_t>(n));
  fill_normals({8, Purpose::simulation, 4}, draw, u);
  return Eigen::Map<const VectorXd>(u.data(), n);
}

// E x^power by the trapezoidal rule in u, which is exact to rounding for such integrands.
double moment(const ShockDistribution& shocks, int power) {
  double sum = 0;
  constexpr double kStep = 1.0 / 64;
  for (int i = -12 * 64; i <= 12 * 64; ++i) {
    const double u = i * kStep;
    sum += kStep * normal_pdf(u) * std::pow(shocks(u), power);
  }
  return sum;
}

double shock(double df, double u) {
  return StudentTMap(df)(u);
}

}  // namespace

TEST_CASE("shocks: gaussian ones are the normals, to the last bit") {
  const VectorXd u = normals(999, 0);
  DrawMatrix shocks = u.reshaped<Eigen::RowMajor>(9, 111);
  const DrawMatrix before = shocks;
  ShockDistribution().apply(shocks);
  CHECK((shocks.array() == before.array()).all());
  CHECK(ShockDistribution()(-1.25) == -1.25);
  CHECK(ShockDistribution().words() == "gaussian");
}

TEST_CASE("shocks: the table of Student t agrees with its quantiles to eight digits") {
  for (double df : kDegrees) {
    const StudentTMap map(df);
    const double scale = std::sqrt((df - 2) / df);
    double worst = 0;
    for (double u = -9.99; u < 10; u += 0.0137) {
      const double tail = student_t_quantile(normal_cdf(-std::fabs(u)), df);
      const double expected = u < 0 ? scale * tail : -scale * tail;
      worst = std::max(worst, std::fabs(map(u) / expected - 1));
    }
    INFO("df " << df);
    CHECK(worst < 1e-8);
  }
}

TEST_CASE("shocks: Student t is odd, increasing and defined beyond its table") {
  for (double df : kDegrees) {
    INFO("df " << df);
    CHECK(shock(df, 0) == 0);
    CHECK(shock(df, -1.7) == -shock(df, 1.7));
    double before = shock(df, -12);
    for (double u = -11.9; u <= 12; u += 0.1) {
      const double x = shock(df, u);
      CHECK(x > before);
      before = x;
    }
    CHECK(shock(df, 10) == Approx(shock(df, 10 - 1e-9)).epsilon(1e-6));
  }
}

TEST_CASE("shocks: Student t has variance one and the kurtosis of its degrees of freedom") {
  for (double df : {5.0, 8.0, 30.0}) {
    const ShockDistribution shocks{StudentTMap(df)};
    INFO("df " << df);
    CHECK(moment(shocks, 1) == Approx(0).margin(1e-12));
    CHECK(moment(shocks, 2) == Approx(1).epsilon(1e-8));
  }
  for (double df : {12.0, 30.0}) {
    CHECK(moment(ShockDistribution{StudentTMap(df)}, 4) == Approx(3 + 6 / (df - 4)).epsilon(1e-6));
  }
}

TEST_CASE("shocks: a bootstrap takes each value with the same probability, and nothing else") {
  for (int n : {2, 20, 97, 1000}) {
    const VectorXd values = normals(n, static_cast<std::uint32_t>(n));
    VectorXd sorted = values;
    std::sort(sorted.begin(), sorted.end());
    const EmpiricalQuantile quantile(values);
    int wrong = 0;
    for (double u = -6; u < 6; u += 0.000731) {
      const double rank = std::floor(n * normal_cdf(u));
      wrong += quantile(u) != sorted(static_cast<Eigen::Index>(rank)) ? 1 : 0;
    }
    INFO(n << " values");
    CHECK(wrong == 0);
    CHECK(quantile(-40) == sorted(0));
    CHECK(quantile(40) == sorted(n - 1));
    // The thresholds themselves belong to the value above.
    for (int i = 1; i < n; ++i) {
      CHECK(quantile(normal_quantile(static_cast<double>(i) / n)) == sorted(i));
    }
  }
}

TEST_CASE("shocks: a bootstrap of equal values") {
  VectorXd values(30);
  values << VectorXd::Constant(15, -1), VectorXd::Constant(15, 1);
  const ShockDistribution shocks{EmpiricalQuantile(values)};
  CHECK(shocks(-0.001) == -1);
  CHECK(shocks(0.001) == 1);
  CHECK(shocks.size() == 30);
  CHECK(shocks.words() == "30 residuals, drawn with replacement");
}

TEST_CASE("shocks: normal scores undo the distribution") {
  for (double df : kDegrees) {
    const ShockDistribution shocks{StudentTMap(df)};
    for (double u : {-6.0, -1.3, 0.0, 0.02, 2.5, 7.0}) {
      INFO("df " << df << ", u " << u);
      CHECK(shocks.score(shocks(u)) == Approx(u).epsilon(1e-7).margin(1e-12));
    }
  }
  CHECK(ShockDistribution().score(0.3) == 0.3);
  const VectorXd values = VectorXd::LinSpaced(20, -1, 1);
  const ShockDistribution shocks{EmpiricalQuantile(values)};
  for (int i = 0; i < 20; ++i) {
    CHECK(shocks.score(values(i)) == Approx(normal_quantile((i + 0.5) / 20)).margin(1e-12));
  }
  CHECK(shocks.score(5) == Approx(normal_quantile(0.975)));
}

TEST_CASE("shocks: the degrees of freedom are found again") {
  const StudentTMap map(5);
  const VectorXd z = normals(20000, 1).unaryExpr([&](double u) { return map(u); });
  const TailFit fit = fit_student_t(z);
  CHECK(fit.df == Approx(5).epsilon(0.06));
  CHECK(fit.likelihood_ratio > 1000);
}

TEST_CASE("shocks: normal residuals do not ask for fat tails, but in 5 % of samples") {
  constexpr int kSamples = 1000, kSize = 200;
  int rejected = 0;
  for (std::uint32_t i = 0; i < kSamples; ++i) {
    VectorXd z = normals(kSize, 100 + i);
    z.array() -= z.mean();
    z /= std::sqrt(z.squaredNorm() / kSize);
    const TailFit fit = fit_student_t(z);
    CHECK(fit.df >= kLowestTailDf);
    CHECK(fit.df <= kHighestTailDf);
    rejected += fit.likelihood_ratio > kTailCritical ? 1 : 0;
  }
  CHECK(rejected < 0.08 * kSamples);  // the asymptotic size, with room for n = 200
  CHECK(rejected > 0.005 * kSamples);
}

TEST_CASE("shocks: degrees of freedom stay in their range") {
  // Two values have the thinnest tails there are; one far outlier the fattest.
  VectorXd flat(40), spiked = VectorXd::Zero(400);
  flat << VectorXd::Constant(20, -1), VectorXd::Constant(20, 1);
  spiked(0) = 20;
  CHECK(fit_student_t(flat).df == Approx(kHighestTailDf));
  CHECK(fit_student_t(flat).likelihood_ratio < 0);
  CHECK(fit_student_t(spiked).df == Approx(kLowestTailDf));
}

}  // namespace amnok
