#include "engine/regression/synthetic_control.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/stats/random_stream.h"
#include "tests/support/message_of.h"

namespace amnok {

namespace {

MatrixXd normals(Eigen::Index rows, Eigen::Index columns, std::uint32_t draw) {
  MatrixXd x(rows, columns);
  fill_normals({29, Purpose::simulation, 8}, draw, {x.data(), static_cast<std::size_t>(x.size())});
  return x;
}

// Units with two factors; the treated one is 0.6 of donor 1 and 0.4 of donor 4, then `effect`.
SyntheticControlData data_with_effect(double effect) {
  constexpr int kPeriods = 30, kDonors = 10, kEvent = 20;
  SyntheticControlData data;
  const MatrixXd factors = normals(kPeriods, 2, 1), loadings = normals(2, kDonors, 2);
  data.donor_outcomes =
      (10 + (3 * factors * loadings).array()).matrix() + 0.1 * normals(kPeriods, kDonors, 3);
  data.outcome = 0.6 * data.donor_outcomes.col(1) + 0.4 * data.donor_outcomes.col(4);
  data.outcome.tail(kPeriods - kEvent).array() += effect;
  data.donor_predictors = normals(3, kDonors, 4);
  data.donor_predictors.topRows(2) += 3 * loadings;
  data.predictors = 0.6 * data.donor_predictors.col(1) + 0.4 * data.donor_predictors.col(4);
  for (int j = 0; j < kDonors; ++j) data.donors.push_back("d" + std::to_string(j));
  for (int t = 0; t < kEvent; ++t) data.fitting.push_back(t);
  data.treated_from = kEvent;
  return data;
}

}  // namespace

TEST_CASE("synthetic control: the mixture that made the treated unit is found", "[synthetic]") {
  const SyntheticControlData data = data_with_effect(2);
  const SyntheticControl fit = synthetic_control_of_outcomes(data);
  CHECK(fit.weights(1) == Approx(0.6));
  CHECK(fit.weights(4) == Approx(0.4));
  CHECK(fit.pre_rmspe < 1e-10);
  CHECK(fit.gaps(25) == Approx(2));
}

TEST_CASE("synthetic control: the search for V does at least as well as equal weights",
          "[synthetic]") {
  SyntheticControlData data = data_with_effect(2);
  data.outcome += 0.5 * normals(30, 1, 9);
  data.predictors += 0.3 * normals(3, 1, 10);
  const SyntheticControl equal = synthetic_control(data, VectorXd::Constant(3, 1.0 / 3));
  const SyntheticControl searched = synthetic_control(data);
  CHECK(searched.mspe <= equal.mspe);
  CHECK(searched.mspe >= synthetic_control_of_outcomes(data).mspe * (1 - 1e-9));
  CHECK(searched.predictor_weights.sum() == Approx(1));
  // The scale of V and the units of predictors do not matter.
  CHECK((synthetic_control(data, VectorXd::Constant(3, 7.0)).weights - equal.weights).norm() <
        1e-9);
  data.donor_predictors.row(0) *= 1000;
  data.predictors(0) *= 1000;
  CHECK((synthetic_control(data, VectorXd::Constant(3, 1.0)).weights - equal.weights).norm() <
        1e-9);
}

TEST_CASE("synthetic control: placebos in space rank a large effect first", "[synthetic]") {
  SyntheticControlData data = data_with_effect(5);
  data.outcome += 0.1 * normals(30, 1, 11);
  data.predictors.resize(0);
  data.donor_predictors.resize(0, 10);
  const PlaceboUnits placebos = placebo_units(data);
  CHECK(placebos.placebos.size() == 10);
  CHECK(placebos.p_value == Approx(1.0 / 11));
  const auto left = leave_one_donor_out(data);
  CHECK(left.size() >= 2);
  for (const LeftOutDonor& l : left) {
    CHECK(l.fit.mspe >= synthetic_control(data).mspe * (1 - 1e-9));
  }
}

TEST_CASE("synthetic control: problems of the data are told together", "[synthetic]") {
  SyntheticControlData data = data_with_effect(0);
  data.treated_from = 30;
  data.outcome(3) = kMissing;
  try {
    synthetic_control_of_outcomes(data);
    FAIL("no error");
  } catch (const InputError& error) {
    CHECK(error.problems().size() == 2);
  }
}

}  // namespace amnok
