#include "models/arima/arima_boundary.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "models/arima/arima.h"
#include "tests/support/arima_series.h"

namespace amnok {

namespace {

VectorXd values(std::initializer_list<double> x) {
  return Eigen::Map<const VectorXd>(x.begin(), static_cast<Eigen::Index>(x.size()));
}

std::string only(const std::vector<std::string>& notes) {
  REQUIRE(notes.size() == 1);
  return notes.front();
}

}  // namespace

TEST_CASE("arima boundary: parameters well inside say nothing") {
  CHECK(boundary_notes({1, 1, 1, 0, 1, 1, 12}, values({0.5, -0.2, -0.6})).empty());
  CHECK(boundary_notes({0, 1, 0, 0, 0, 0, 1}, {}).empty());
  CHECK(boundary_notes({1, 0, 0, 0, 0, 0, 1}, values({0.98})).empty());
}

TEST_CASE("arima boundary: a unit root of the AR part asks for a difference") {
  CHECK_THAT(only(boundary_notes({1, 0, 0, 0, 0, 0, 1}, values({0.995}))),
             Catch::Contains("modulus 1.0050") && Catch::Contains("one more difference"));
  CHECK_THAT(only(boundary_notes({0, 0, 0, 1, 0, 0, 12}, values({0.999}))),
             Catch::Contains("seasonal autoregression") && Catch::Contains("seasonal difference"));
  // (1 - 2 r cos w B + r^2 B^2): a cycle of 2 pi / w periods.
  const double r = 0.998, w = 2 * 3.14159265358979 / 20;
  CHECK_THAT(only(boundary_notes({2, 0, 0, 0, 0, 0, 1}, values({2 * r * std::cos(w), -r * r}))),
             Catch::Contains("a cycle of 20 periods"));
  CHECK_THAT(only(boundary_notes({1, 0, 0, 0, 0, 0, 1}, values({-0.995}))),
             Catch::Contains("a cycle of 2 periods"));
}

TEST_CASE(
    "arima boundary: a unit root of the MA part after a difference is one difference too many") {
  CHECK_THAT(only(boundary_notes({0, 1, 1, 0, 0, 0, 1}, values({-0.9999}))),
             Catch::Contains("differenced once too often (one difference less"));
  CHECK_THAT(only(boundary_notes({0, 0, 1, 0, 0, 0, 1}, values({0.9999}))),
             Catch::Contains("too short for this part"));
  CHECK_THAT(only(boundary_notes({0, 1, 0, 0, 1, 1, 12}, values({-1.0}))),
             Catch::Contains("seasonal moving average"));
}

TEST_CASE("arima boundary: AR and MA factors that cancel") {
  CHECK_THAT(only(boundary_notes({1, 0, 1, 0, 0, 0, 1}, values({0.7, -0.65}))),
             Catch::Contains("nearly cancel") && Catch::Contains("0.700 and 0.650"));
  CHECK(boundary_notes({1, 0, 1, 0, 0, 0, 1}, values({0.7, -0.55})).empty());
  CHECK(boundary_notes({1, 0, 1, 0, 0, 0, 1}, values({0.7, 0.7})).empty());
  // (1 - 0.8 B)(1 + 0.5 B) over (1 - 0.78 B)(1 - 0.1 B): only the first pair.
  CHECK_THAT(only(boundary_notes({2, 0, 2, 0, 0, 0, 1}, values({0.3, 0.4, -0.88, 0.078}))),
             Catch::Contains("0.800 and 0.780"));
  // Complex pairs with the same angle.
  CHECK_THAT(only(boundary_notes({2, 0, 2, 0, 0, 0, 1}, values({1.0, -0.5, -0.96, 0.5}))),
             Catch::Contains("0.500 +- 0.500i"));
}

TEST_CASE("arima boundary: different optima say how far apart they are") {
  CHECK(optima_note({-120.0}).empty());
  CHECK(optima_note({-120.0, -120.01}).empty());
  CHECK(optima_note({-INFINITY, -120.0}).empty());
  CHECK_THAT(optima_note({-123.5, -120.0}),
             Catch::Contains("of 2 searches the worst ended 3.50 below the best"));
}

TEST_CASE("arima boundary: an over-differenced series is told in its fit") {
  // White noise about a mean, differenced: theta = -1.
  const VectorXd y = simulated_arima({0, 0, 0, 0, 0, 0, 1}, VectorXd(0), 120, 41);
  ArimaSpec spec;
  spec.order = {0, 1, 1, 0, 0, 0, 1};
  const FitResult fit = fit_model(*make_arima(spec), arima_sample(y)).result;
  CHECK(std::any_of(fit.notes.begin(), fit.notes.end(), [](const std::string& note) {
    return note.find("differenced once too often") != std::string::npos;
  }));
}

}  // namespace amnok
