#include "models/structural_break/permanence.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/solver/linear_least_squares.h"
#include "models/structural_break/permanence_search.h"
#include "tests/support/permanence_series.h"

namespace amnok {

namespace {

ResponseShape shape_of(Response response, int start) {
  return {response, start, response == Response::decay ? 0.7 : 12};
}

Response largest(const Permanence& result) {
  const ShapeAlternative* best = &result.alternatives.front();
  for (const ShapeAlternative& a : result.alternatives) {
    if (a.weights.bayes > best->weights.bayes) best = &a;
  }
  return best->best.response;
}

const ShapeAlternative& alternative(const Permanence& result, Response response) {
  for (const ShapeAlternative& a : result.alternatives) {
    if (a.best.response == response) return a;
  }
  throw std::runtime_error("no such alternative");
}

}  // namespace

TEST_CASE("response shape: columns follow their definitions") {
  const ObservedPeriods all{{0, 1, 2, 3, 4, 5}, 6};
  const auto column = [&](Response response, double shape) {
    return response_column({response, 2, shape}, all);
  };
  CHECK(column(Response::pulse, 0) == (VectorXd(6) << 0, 0, 1, 0, 0, 0).finished());
  CHECK(column(Response::block, 2) == (VectorXd(6) << 0, 0, 1, 1, 0, 0).finished());
  CHECK(column(Response::level_shift, 0) == (VectorXd(6) << 0, 0, 1, 1, 1, 1).finished());
  CHECK(column(Response::slope_shift, 0) == (VectorXd(6) << 0, 0, 1, 2, 3, 4).finished());
  CHECK(column(Response::ramp, 2) == (VectorXd(6) << 0, 0, 0.5, 1, 1, 1).finished());
  CHECK(column(Response::decay, 0.5) == (VectorXd(6) << 0, 0, 1, 0.5, 0.25, 0.125).finished());
}

TEST_CASE("response shape: half-lives and shares belong together") {
  const ResponseShape decay{Response::decay, 0, decay_of_half_life(36)};
  CHECK(decay.half_life() == Approx(36));
  CHECK(decay.share_left(36) == Approx(0.5));
  CHECK(ResponseShape{Response::block, 0, 12}.share_left(11) == 1);
  CHECK(ResponseShape{Response::block, 0, 12}.share_left(12) == 0);
  CHECK(std::isinf(ResponseShape{Response::ramp, 0, 6}.half_life()));
}

TEST_CASE("response shape: a block needs an end that is seen, away from other breaks") {
  ObservedPeriods all{{}, 20};
  for (int t = 0; t < 20; ++t) all.at.push_back(t);
  const auto blocks = response_shapes(Response::block, {5}, all);
  for (const ResponseShape& block : blocks) CHECK(20 - (5 + block.shape) >= 3);
  CHECK(blocks.size() == 11);  // 2 .. 12 periods
  for (const ResponseShape& block : response_shapes(Response::block, {5}, all, {12})) {
    CHECK(std::fabs(5 + block.shape - 12) > 3);
  }
}

TEST_CASE("permanence: the scan of shapes agrees with regressions one by one") {
  PermanenceProblem problem = permanence_series(shape_of(Response::ramp, 20), 60, 2, 5);
  problem.y(7) = problem.y(30) = kMissing;
  problem.controls = {40};
  const PermanenceData data = permanence_data(problem);
  const std::vector<double> phi = {0.4, 0.2};
  for (Response response : {Response::block, Response::decay, Response::ramp}) {
    const auto shapes = response_shapes(response, {20}, data.observed, data.controls);
    const ShapeScan scan = scan_shapes(data, shapes, phi);
    REQUIRE(scan.usable());
    for (std::size_t s = 0; s < shapes.size(); s += 5) {
      const ArRegressionFit fit =
          ar_regression_at(phi, data.observed, data.y,
                           with_column(data.base, response_column(shapes[s], data.observed)));
      CHECK(scan.log_likelihood(static_cast<Eigen::Index>(s)) ==
            Approx(fit.log_likelihood).epsilon(1e-9));
    }
  }
}

TEST_CASE("permanence: a marginal likelihood is the integral over the effect's prior") {
  const PermanenceProblem problem =
      permanence_series(shape_of(Response::level_shift, 25), 50, 1, 2);
  const PermanenceData data = permanence_data(problem);
  const std::vector<double> phi = {0.5};
  const std::vector<ResponseShape> both = {{}, shape_of(Response::level_shift, 25)};
  const ShapeScan scan = scan_shapes(data, both, phi);
  // Given sigma^2 and omega, flat b integrates to |X~'X~|^-1/2 sigma^-(N-k) exp(-rss / 2 sigma^2);
  // sigma under 1 / sigma, omega = 3 sd(z) g with g standard normal, by brute force.
  const VectorXd column = response_column(both[1], data.observed);
  const ArWhitened y = ar_whitened(phi, data.observed, data.y);
  const ArWhitened v = ar_whitened(phi, data.observed, column);
  const ArWhitened x = ar_whitened(phi, data.observed, data.base);
  const auto less_base = [&](const MatrixXd& w) {
    return VectorXd(solve(LinearLeastSquares{x.rows, w.col(0)}).residuals);
  };
  const VectorXd ry = less_base(y.rows), rv = less_base(v.rows);
  const double power = static_cast<double>(data.y.size() - data.base.cols());
  const double sd = std::sqrt(1 / (1 - 0.25));
  const auto integral = [&](bool effect) {
    double sum = 0;
    for (double log_sigma = -2; log_sigma < 2; log_sigma += 0.01) {
      const double sigma = std::exp(log_sigma);
      for (double g = effect ? -6 : 0; g <= (effect ? 6 : 0.001); g += 0.01) {
        const double omega = effect ? 3 * sd * sigma * g : 0;
        const double density = effect ? std::exp(-0.5 * g * g) / std::sqrt(2 * M_PI) * 0.01 : 1;
        sum += density * std::pow(sigma, -power) *
               std::exp(-0.5 * (ry - omega * rv).squaredNorm() / (sigma * sigma));
      }
    }
    return sum;
  };
  CHECK(scan.log_marginal(1) - scan.log_marginal(0) ==
        Approx(std::log(integral(true) / integral(false))).epsilon(1e-4));
}

TEST_CASE("permanence: what later breaks take back is no lasting effect") {
  // Down by 5 in 30, up by 4.5 in 60, the second a control.
  PermanenceProblem problem = permanence_series(shape_of(Response::level_shift, 30), 96, -5, 3);
  for (int t = 60; t < 96; ++t) problem.y(t) += 4.5;
  problem.controls = {60};
  const Permanence result = permanence(problem);
  CHECK(largest(result) == Response::level_shift);
  CHECK(result.verdict == Verdict::temporary);
  CHECK(result.taken_back == Approx(0.9).margin(0.15));
  CHECK(result.share.back().mean == Approx(0.1).margin(0.15));
  CHECK(result.half_life.mean == Approx(30));
}

TEST_CASE("permanence: a later break undoes the youngest shift before it") {
  // Down in 20, down again in 50, and what came last goes in 70: the first effect stays.
  PermanenceProblem problem = permanence_series(shape_of(Response::level_shift, 20), 110, -5, 4);
  for (int t = 50; t < 110; ++t) problem.y(t) -= 5;
  for (int t = 54; t < 110; ++t) problem.y(t) += 5;
  problem.controls = {50, 54};
  CHECK(permanence(problem).verdict == Verdict::lasting);
}

TEST_CASE("permanence: without noise the simplest exact response has all the weight") {
  // What came of rounding, or exactly zero, must not hand the verdict to another response.
  for (const double base : {10.0, 0.1}) {
    for (const Response response :
         {Response::level_shift, Response::pulse, Response::block, Response::slope_shift}) {
      const ResponseShape shape = shape_of(response, 60);
      PermanenceProblem problem = permanence_series(shape, 120, 0, 5);
      for (int t = 0; t < 120; ++t) problem.y(t) = base + 5 * shape.at(t - 60);
      const Permanence result = permanence(problem);
      INFO(response_name(response) << " " << base);
      REQUIRE(result.exact);
      CHECK(largest(result) == response);
      const bool lasts = response == Response::level_shift || response == Response::slope_shift;
      CHECK(result.verdict == (lasts ? Verdict::lasting : Verdict::temporary));
      CHECK(result.p_permanent == (lasts ? 1 : 0));
      CHECK(result.p_low == result.p_permanent);
      CHECK(result.p_high == result.p_permanent);
      CHECK(result.share.back().mean == Approx(lasts ? 1 : 0).margin(1e-9));
      if (lasts) CHECK(std::isinf(result.half_life.mean));
    }
  }
}

TEST_CASE("permanence: an effect that is not there is said not to be") {
  int none = 0;
  for (std::uint32_t draw = 0; draw < 20; ++draw) {
    const Permanence result = permanence(permanence_series({}, 96, 0, 300 + draw));
    none += result.weight_of_none > 0.2 ? 1 : 0;
    CHECK(result.p_low <= result.p_high);
  }
  CHECK(none >= 15);
}

TEST_CASE("permanence: the effect, its decay and the noise are recovered") {
  const Permanence decay =
      permanence(permanence_series(shape_of(Response::decay, 60), 200, 12, 11));
  const ShapeAlternative& best = alternative(decay, Response::decay);
  CHECK(best.best.shape == Approx(0.7).margin(0.1));
  CHECK(best.omega_low < 12);
  CHECK(best.omega_high > 12);
  CHECK(decay.half_life.mean == Approx(std::log(0.5) / std::log(0.7)).margin(1));
  const Permanence ramp = permanence(permanence_series(shape_of(Response::ramp, 60), 200, 6, 12));
  CHECK(alternative(ramp, Response::ramp).best.shape == Approx(12).margin(6));
  CHECK(ramp.verdict == Verdict::lasting);
  CHECK(ramp.effect.back().low < 6);
  CHECK(ramp.effect.back().high > 6);
}

TEST_CASE("permanence: gaps at the end give the numbers of the shorter series") {
  const PermanenceProblem shorter =
      permanence_series(shape_of(Response::level_shift, 40), 90, 3, 8);
  PermanenceProblem longer = shorter;
  longer.y.conservativeResize(95);
  longer.x.conservativeResize(95, 1);
  longer.y.tail(5).setConstant(kMissing);
  longer.x.bottomRows(5).setOnes();
  const Permanence a = permanence(shorter), b = permanence(longer);
  REQUIRE(a.alternatives.size() == b.alternatives.size());
  CHECK(a.p_permanent == Approx(b.p_permanent).epsilon(1e-4));
  for (std::size_t i = 0; i < a.alternatives.size(); ++i) {
    CHECK(a.alternatives[i].fit.log_likelihood ==
          Approx(b.alternatives[i].fit.log_likelihood).epsilon(1e-5));
  }
}

TEST_CASE("permanence: units and a change of sign do not matter") {
  const PermanenceProblem problem = permanence_series(shape_of(Response::block, 40), 96, 3, 9);
  PermanenceProblem other = problem;
  other.y = (problem.y.array() * -1e4 + 7e5).matrix();
  const Permanence a = permanence(problem), b = permanence(other);
  CHECK(a.p_permanent == Approx(b.p_permanent).margin(1e-3));
  CHECK(a.effect[0].mean * -1e4 == Approx(b.effect[0].mean).epsilon(1e-2).margin(50));
  CHECK(a.verdict == b.verdict);
}

TEST_CASE("permanence: too little after the start is said with the numbers") {
  PermanenceProblem problem = permanence_series(shape_of(Response::level_shift, 58), 60, 3, 1);
  const Permanence result = permanence(problem);
  CHECK(result.status == FitStatus::failed);
  CHECK_THAT(result.message, Catch::Contains("60 observations, 2 from the start on"));
  CHECK(result.verdict == Verdict::unknown);
}

TEST_CASE("permanence: seasonal dummies take a season out") {
  PermanenceProblem problem = permanence_series(shape_of(Response::level_shift, 60), 144, 3, 6);
  for (int t = 0; t < 144; ++t) problem.y(t) += 4 * std::cos(2 * M_PI * t / 12);
  problem.season = 12;
  const Permanence result = permanence(problem);
  CHECK(result.verdict == Verdict::lasting);
  CHECK(alternative(result, Response::level_shift).fit.sigma2 < 1.2);
}

TEST_CASE("permanence: a clear case is settled at once, one without an effect is not") {
  const MatrixXd future = MatrixXd::Ones(60, 1);
  const PermanenceProblem clear = permanence_series(shape_of(Response::level_shift, 40), 96, 6, 3);
  SettleOptions few;
  few.futures = 20;
  CHECK(periods_to_settle(clear, permanence(clear), future, {}, few).months == 1);
  const PermanenceProblem small = permanence_series(shape_of(Response::pulse, 40), 96, 0.2, 3);
  const SettleResult open = periods_to_settle(small, permanence(small), future, {}, few);
  CHECK(open.months != 1);
  CHECK(open.share < 0.95);
}

TEST_CASE("permanence: the right response has the largest weight at n = 96 and 4 sd", "[slow]") {
  constexpr int kSeries = 25;
  PermanenceOptions options;
  options.bootstrap = 1;
  options.draws = 50;
  for (Response truth : {Response::decay, Response::block, Response::ramp, Response::level_shift}) {
    int right = 0, verdicts = 0;
    for (std::uint32_t draw = 0; draw < kSeries; ++draw) {
      const Permanence result =
          permanence(permanence_series(shape_of(truth, 38), 96, 4, 700 + draw), options);
      right += largest(result) == truth ? 1 : 0;
      const bool lasts = truth == Response::ramp || truth == Response::level_shift;
      verdicts += result.verdict == (lasts ? Verdict::lasting : Verdict::temporary) ? 1 : 0;
    }
    INFO(response_name(truth) << ": " << right << " and " << verdicts << " of " << kSeries);
    CHECK(right > kSeries / 2);
    CHECK(verdicts > 0.8 * kSeries);
  }
}

TEST_CASE("permanence: P(permanent) is near the share of lasting truths", "[slow]") {
  // Half of the truths last; effects of 1, 2 and 4 sd. Of those given 0.7 or more, most last.
  PermanenceOptions options;
  options.bootstrap = 1;
  options.draws = 50;
  double high = 0, high_lasting = 0, low = 0, low_lasting = 0;
  for (std::uint32_t draw = 0; draw < 20; ++draw) {
    for (Response truth :
         {Response::decay, Response::block, Response::ramp, Response::level_shift}) {
      for (double size : {1.0, 2.0, 4.0}) {
        const bool lasts = truth == Response::ramp || truth == Response::level_shift;
        const double p =
            permanence(permanence_series(shape_of(truth, 38), 96, size, 900 + draw), options)
                .p_permanent;
        high += p > 0.7 ? 1 : 0;
        high_lasting += p > 0.7 && lasts ? 1 : 0;
        low += p < 0.3 ? 1 : 0;
        low_lasting += p < 0.3 && lasts ? 1 : 0;
      }
    }
  }
  CHECK(high_lasting > 0.85 * high);
  CHECK(low_lasting < 0.15 * low);
  CHECK(high + low > 160);  // and it does say something
}

}  // namespace amnok
