#include "engine/evaluation/forecast_comparison.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/evaluation/combination_weights.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

VectorXd normals(int count, std::uint32_t draw) {
  VectorXd x(count);
  fill_normals({11, Purpose::simulation, 2}, draw, {x.data(), static_cast<std::size_t>(count)});
  return x;
}

}  // namespace

TEST_CASE("diebold-mariano: one step ahead it is the t test of mean losses", "[comparison]") {
  const VectorXd a = normals(40, 0), b = 0.6 * normals(40, 1);
  const VectorXd d = a.array().square() - b.array().square();
  const double sd = std::sqrt((d.array() - d.mean()).square().sum() / 39);
  const ComparisonTest test = diebold_mariano(a, b);
  CHECK(test.statistic == Approx(d.mean() / (sd / std::sqrt(40.0))));
  CHECK(test.p_value == Approx(student_t_two_sided_p(test.statistic, 39)));
}

TEST_CASE("diebold-mariano: sides add up and swapping turns the sign", "[comparison]") {
  const VectorXd a = normals(50, 2), b = 1.2 * normals(50, 3);
  ComparisonOptions options;
  options.horizon = 3;
  options.variance = LossVariance::bartlett;
  CHECK(diebold_mariano(a, b, options).statistic ==
        Approx(-diebold_mariano(b, a, options).statistic));
  options.alternative = Alternative::first_is_better;
  const double first = diebold_mariano(a, b, options).p_value;
  options.alternative = Alternative::second_is_better;
  CHECK(first + diebold_mariano(a, b, options).p_value == Approx(1));
}

TEST_CASE("diebold-mariano: equal errors have no statistic, and it says so", "[comparison]") {
  const VectorXd a = normals(20, 4);
  const ComparisonTest test = diebold_mariano(a, a);
  CHECK(std::isnan(test.statistic));
  CHECK(test.note.find("do not vary") != std::string::npos);
}

TEST_CASE("diebold-mariano: a negative variance falls back to horizon one", "[comparison]") {
  VectorXd a(8), b = VectorXd::Zero(8);
  a << 1, 2, 1, 2, 1, 2, 1, 2.2;  // alternating losses: gamma_1 near -gamma_0
  ComparisonOptions options;
  options.horizon = 2;
  const ComparisonTest test = diebold_mariano(a, b, options);
  CHECK(test.horizon == 1);
  CHECK_FALSE(test.note.empty());
}

TEST_CASE("diebold-mariano: the test has its size", "[comparison]") {
  int rejections = 0;
  constexpr int kRuns = 1000;
  for (std::uint32_t r = 0; r < kRuns; ++r) {
    if (diebold_mariano(normals(30, 100 + 2 * r), normals(30, 101 + 2 * r)).p_value < 0.1) {
      ++rejections;
    }
  }
  CHECK(std::fabs(rejections / double(kRuns) - 0.1) < 0.03);
}

TEST_CASE("encompassing: a forecast that adds noise is encompassed, one with news is not",
          "[comparison]") {
  const VectorXd u = normals(200, 5), v = normals(200, 6), w = normals(200, 7);
  CHECK(encompassing_test(u, u + v).p_value > 0.01);      // the second only adds noise
  CHECK(encompassing_test(u + v, u + w).p_value < 0.01);  // each knows what the other does not
}

TEST_CASE("giacomini-white: a difference that can be foretold is found", "[comparison]") {
  const VectorXd z = normals(300, 8);
  VectorXd a(300), b = VectorXd::Ones(300);
  for (Eigen::Index t = 0; t < 300; ++t) a(t) = (t / 20) % 2 == 0 ? 1.5 : 0.2 + 0.01 * z(t);
  CHECK(giacomini_white(a, b).p_value < 1e-4);
}

TEST_CASE("combination weights: a mixture recovers the shares it was made of", "[comparison]") {
  MatrixXd f(60, 3);
  for (int j = 0; j < 3; ++j) f.col(j) = normals(60, 20 + static_cast<std::uint32_t>(j));
  const VectorXd y = 0.25 * f.col(0) + 0.75 * f.col(2);
  const VectorXd w = mixture_weights(y, f);
  CHECK(w(0) == Approx(0.25));
  CHECK(w(1) == Approx(0).margin(1e-12));
  CHECK(w(2) == Approx(0.75));
  CHECK(inverse_mse_weights(y, f).sum() == Approx(1));
  CHECK(granger_ramanathan_weights(y.array() + 3, f)(0) == Approx(3));
}

}  // namespace amnok
