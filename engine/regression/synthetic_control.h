// The synthetic control: a mixture of units without an event that resembles the unit with it before
// the event, and stands for it afterwards (Abadie & Gardeazabal 2003, Amer. Econ. Rev. 93, 113-132;
// Abadie, Diamond & Hainmueller 2010, JASA 105, 493-505).
//
//   w(V) = argmin sum_m v_m (X_1m - X_0m w)^2    w >= 0, sum w = 1       (a QP, solved exactly)
//   V    = argmin mean over the fitting periods of (Z_1t - Z_0t w(V))^2  v >= 0, sum v = 1
//   gap_t = Y_1t - Y_0t w
//
// X are predictors, each divided by its standard deviation over all units (n - 1); Z = Y at the
// fitting periods. Without predictors w fits Z itself. The search for V is not convex and V itself
// is rarely unique: it runs from equal weights, from the size of regression coefficients of Z on X
// (Synth's), and from the predictor that fits best, without derivatives. w may not be unique either
// where the treated unit lies inside the hull of the donors.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

struct SyntheticControlData {
  VectorXd outcome;                 // T, of the treated unit
  MatrixXd donor_outcomes;          // T x J
  VectorXd predictors;              // K, of the treated unit; empty: fit the outcomes
  MatrixXd donor_predictors;        // K x J
  std::vector<std::string> donors;  // J names
  std::vector<int> fitting;         // rows of the outcomes on which V is judged
  int treated_from = 0;             // the first row with the event
};

struct SyntheticControl {
  VectorXd weights;            // J
  VectorXd predictor_weights;  // K, summing to one as given ones are not made to
  VectorXd gaps;               // T
  double mspe = kMissing;      // mean squared gap over the fitting periods
  double pre_rmspe = kMissing, post_rmspe = kMissing;  // before the event, from it on
  double ratio() const { return post_rmspe / pre_rmspe; }
  int evaluations = 0;  // of the inner problem
};

// predictor_weights: V, K values; nothing: searched for. Throws InputError with all problems of the
// data: sizes, missing values, no donors, no period before or after the event, a predictor that
// does not vary.
SyntheticControl synthetic_control(const SyntheticControlData& data,
                                   const std::optional<VectorXd>& predictor_weights = std::nullopt);
// The same without predictors.
SyntheticControl synthetic_control_of_outcomes(const SyntheticControlData& data);

// Every donor as if it had had the event, with the other donors as its controls (the treated unit
// is none of them).
struct PlaceboUnit {
  std::string unit;
  double pre_rmspe = kMissing, post_rmspe = kMissing;
  double ratio() const { return post_rmspe / pre_rmspe; }
  VectorXd gaps;
};
struct PlaceboUnits {
  PlaceboUnit treated;
  std::vector<PlaceboUnit> placebos;
  // The rank of the treated unit's ratio: the share of all units with one at least as large.
  double p_value = kMissing;
};
// Units that fit worse before the event than `largest_pre_ratio` times the treated one are left
// out (infinity: none), as in Abadie, Diamond & Hainmueller's figures 5 to 7.
PlaceboUnits placebo_units(const SyntheticControlData& data,
                           const std::optional<VectorXd>& predictor_weights = std::nullopt,
                           double largest_pre_ratio = INFINITY);

// Again without each donor that has weight.
struct LeftOutDonor {
  std::string donor;
  SyntheticControl fit;
};
std::vector<LeftOutDonor> leave_one_donor_out(
    const SyntheticControlData& data,
    const std::optional<VectorXd>& predictor_weights = std::nullopt);

}  // namespace amnok
