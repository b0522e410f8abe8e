#include "engine/regression/simultaneous_equations.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/data/csv.h"
#include "engine/solver/linear_least_squares.h"
#include "tests/support/dynamic_series.h"
#include "tests/support/klein.h"
#include "tests/support/message_of.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

SystemFit fit(const EquationSystem& system, SystemMethod method,
              SystemDivisor divisor = SystemDivisor::observations, bool iterate = false) {
  SystemOptions options;
  options.method = method;
  options.divisor = divisor;
  options.iterate = iterate;
  return fit_system(system, options);
}

// Supply and demand: q = 1 - p + 0.5 income + u, q = 0.5 p + weather + v, errors correlated.
EquationSystem market(std::uint32_t draw, int n) {
  const MatrixXd z = normal_matrix(1962, draw, n, 4);
  const VectorXd income = z.col(0), weather = z.col(1), u = z.col(2);
  const VectorXd v = 0.6 * u + 0.8 * z.col(3);
  const VectorXd p = (1 + (0.5 * income - weather + u - v).array()) / 1.5;
  const VectorXd q = 0.5 * p + weather + v;
  EquationSystem system;
  system.columns = {"const", "income", "weather", "p", "q"};
  system.values.resize(n, 5);
  system.values << VectorXd::Ones(n), income, weather, p, q;
  system.equations = {{"demand", "q", {"const", "p", "income"}},
                      {"supply", "q", {"const", "p", "weather"}}};
  system.instruments = {"const", "income", "weather"};
  return system;
}

}  // namespace

TEST_CASE("simultaneous equations: Klein's model has the published FIML estimates") {
  // Greene (2012, Econometric Analysis, 7th ed., table 10.6), to the digits printed there.
  const SystemFit fiml = fit(klein_system(), SystemMethod::fiml);
  CHECK(fiml.status == FitStatus::converged);
  CHECK(fiml.coefficients[0](0) == Approx(18.34).margin(0.01));
  CHECK(fiml.coefficients[0](1) == Approx(-0.232).margin(0.001));
  CHECK(fiml.coefficients[0](2) == Approx(0.386).margin(0.001));
  CHECK(fiml.coefficients[0](3) == Approx(0.802).margin(0.001));
  CHECK(fiml.coefficients[1](1) == Approx(-0.801).margin(0.001));
  CHECK(fiml.coefficients[2](1) == Approx(0.234).margin(0.001));
  CHECK(fiml.log_likelihood == Approx(-83.324).margin(0.001));
}

TEST_CASE("simultaneous equations: the FIML optimum is a maximum") {
  const EquationSystem system = market(1, 60);
  const SystemFit best = fit(system, SystemMethod::fiml);
  CHECK(best.status == FitStatus::converged);
  // Exactly identified equations: all system estimators are indirect least squares.
  const SystemFit alone = fit(system, SystemMethod::two_stage);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK((best.coefficients[i] - alone.coefficients[i]).norm() < 1e-6);
  }
}

TEST_CASE("simultaneous equations: exactly identified, 3SLS is 2SLS") {
  const EquationSystem system = market(2, 80);
  const SystemFit three = fit(system, SystemMethod::three_stage);
  const SystemFit two = fit(system, SystemMethod::two_stage);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK((three.coefficients[i] - two.coefficients[i]).norm() < 1e-10);
    CHECK((three.standard_errors(i) - two.standard_errors(i)).norm() < 1e-10);
  }
  CHECK((three.covariance - two.covariance).norm() < 1e-10);
  CHECK(std::isnan(system_overidentification(system, three).statistic));
}

TEST_CASE("simultaneous equations: equal regressors, SUR is least squares") {
  EquationSystem system = market(3, 50);
  system.equations = {{"one", "q", {"const", "income", "weather"}},
                      {"two", "p", {"const", "income", "weather"}}};
  const SystemFit sur = fit(system, SystemMethod::sur), ols = fit(system, SystemMethod::ols);
  for (std::size_t i = 0; i < 2; ++i) {
    CHECK((sur.coefficients[i] - ols.coefficients[i]).norm() < 1e-12);
  }
  CHECK((sur.covariance - ols.covariance).norm() < 1e-12);
}

TEST_CASE("simultaneous equations: 3SLS is GLS of the stacked moments") {
  const EquationSystem system = klein_system();
  const SystemFit two = fit(system, SystemMethod::two_stage);
  const SystemFit three = fit(system, SystemMethod::three_stage);
  const MatrixXd z = system.columns_of(system.instruments);
  const MatrixXd projector = z * (z.transpose() * z).ldlt().solve(z.transpose());
  const MatrixXd weight = two.residual_covariance.inverse();
  MatrixXd left(12, 12);
  VectorXd right = VectorXd::Zero(12);
  for (std::size_t i = 0; i < 3; ++i) {
    const MatrixXd xi = system.columns_of(system.equations[i].regressors);
    for (std::size_t j = 0; j < 3; ++j) {
      const auto a = static_cast<Eigen::Index>(i), b = static_cast<Eigen::Index>(j);
      const MatrixXd xj = system.columns_of(system.equations[j].regressors);
      left.block(4 * a, 4 * b, 4, 4) = weight(a, b) * xi.transpose() * projector * xj;
      right.segment(4 * a, 4) +=
          weight(a, b) * xi.transpose() * projector * system.column(system.equations[j].dependent);
    }
  }
  const VectorXd expected = left.fullPivLu().solve(right);
  for (std::size_t i = 0; i < 3; ++i) {
    CHECK((three.coefficients[i] - expected.segment(4 * static_cast<Eigen::Index>(i), 4)).norm() <
          1e-6);
  }
}

TEST_CASE("simultaneous equations: iterated SUR is maximum likelihood") {
  EquationSystem system = market(4, 60);
  system.equations = {{"one", "q", {"const", "income"}}, {"two", "p", {"const", "weather"}}};
  const SystemFit once = fit(system, SystemMethod::sur);
  const SystemFit iterated = fit(system, SystemMethod::sur, SystemDivisor::observations, true);
  CHECK(iterated.status == FitStatus::converged);
  CHECK(iterated.log_likelihood >= once.log_likelihood);
  // FIML without simultaneity maximises the same.
  system.instruments = {"const", "income", "weather"};
  const SystemFit fiml = fit(system, SystemMethod::fiml);
  CHECK_THAT(fiml.log_likelihood, AgreesTo(iterated.log_likelihood, 9));
}

TEST_CASE("simultaneous equations: identification is said for each equation") {
  EquationSystem system = market(5, 40);
  auto found = identification(system);
  CHECK(found[0].words == "exactly identified");
  CHECK(identification(klein_system())[0].words == "over-identified by 4");
  system.instruments = {"const", "income"};
  CHECK(message_of([&] { fit(system, SystemMethod::two_stage); }) ==
        "demand is not identified: 0 instruments are excluded, but must be at least 1, its "
        "endogenous regressors (order condition)");
  // Two endogenous regressors that the instruments move together.
  system = market(5, 40);
  system.columns.push_back("twice");
  system.values.conservativeResize(Eigen::NoChange, 6);
  system.values.col(5) = 2 * system.values.col(3);
  system.columns.push_back("other");
  system.values.conservativeResize(Eigen::NoChange, 7);
  system.values.col(6) = system.values.col(0).cwiseProduct(system.values.col(1)).array().square();
  system.instruments.push_back("other");
  system.equations[0].regressors.push_back("twice");
  found = identification(system);
  CHECK(found[0].order());
  CHECK_FALSE(found[0].identified());
  CHECK_THAT(found[0].words, Catch::Contains("rank condition"));
}

TEST_CASE("simultaneous equations: unknown columns are named with what is near") {
  EquationSystem system = market(6, 40);
  system.equations[1].regressors[2] = "wether";
  CHECK(message_of([&] { fit(system, SystemMethod::ols); }) ==
        "supply uses wether, but must use columns of the data");
}

TEST_CASE("simultaneous equations: FIML wants a complete system") {
  EquationSystem system = klein_system();
  system.identities.pop_back();
  CHECK_THAT(message_of([&] { fit(system, SystemMethod::fiml); }),
             Catch::Contains("the number of equations and identities is 5, but must be 6"));
}

TEST_CASE("simultaneous equations: 3SLS intervals cover and the J test has its size", "[slow]") {
  constexpr int kDraws = 400;
  int covered = 0, rejected = 0;
  for (int r = 0; r < kDraws; ++r) {
    EquationSystem system = market(static_cast<std::uint32_t>(1000 + r), 200);
    // An instrument of no use in either equation overidentifies both.
    system.columns.push_back("noise");
    system.values.conservativeResize(Eigen::NoChange, 6);
    system.values.col(5) = normal_matrix(1962, static_cast<std::uint32_t>(9000 + r), 200, 1);
    system.instruments.push_back("noise");
    const SystemFit three = fit(system, SystemMethod::three_stage);
    const double se = three.standard_errors(0)(1);
    covered += std::fabs(three.coefficients[0](1) + 1) < 1.96 * se;
    rejected += system_overidentification(system, three).p_value < 0.1;
  }
  CHECK(covered / double(kDraws) == Approx(0.95).margin(0.035));
  CHECK(rejected / double(kDraws) == Approx(0.10).margin(0.05));
}

}  // namespace amnok
