// What the interventions of a fit amount to, with intervals from the fit's covariance.
//
// An event's input u_t (engine/time/event.h) acts through
//
//   v(B) = B^b (omega_0 + omega_1 B + ... + omega_r B^r) / (1 - delta B) = sum_j v_j B^j
//   v_j = sum_i omega_i delta^(j - b - i) over j >= b + i    (delta = 0: no denominator, 0^0 = 1)
//
//   immediate        omega_0
//   long_run_gain    G = sum omega_i / (1 - delta): where the effect of an input that lasts ends
//                    up; of a pulse, the sum of all its effects; of a ramp, the slope in the end
//   half_life        h = log 0.5 / log delta, in periods: until half of a decaying effect is gone,
//                    or half of the way to the long run is made; only where 0 < delta < 1
//   after_k          R_k = sum_{j=0..k} v_j = sum_i omega_i S(k - b - i),
//                    S(m) = 1 + delta + ... + delta^m: the effect k periods after the start of an
//                    input that lasts (step, block, transfer, a series that moved by one), the sum
//                    of the effects until then of a pulse or decay; of a ramp, its effect then,
//                    sum_j (k + 1 - j) v_j
//
// Intervals are 95 %, f +- 1.96 sqrt(g' V g), with V of (omega, delta) and the gradients
//
//   dG/domega_i = 1 / (1 - delta),      dG/ddelta = sum omega / (1 - delta)^2
//   dR/domega_i = S(k - b - i),         dR/ddelta = sum_i omega_i S'(k - b - i)
//
// h is monotone in delta, so its interval is that of delta, delta +- 1.96 se, carried over: it is
// not symmetric, and has no upper end (empty) where delta's reaches 1.
//
// With a log target also in per cent: 100 (exp(f) - 1), ends of intervals alike; empty where f adds
// up the effects of several periods (a pulse's sums), which no exponential turns into a percentage.
#pragma once

#include "engine/model/fit_result.h"
#include "models/arima/arima_data.h"

namespace amnok {

// A value with the ends of its 95 % interval; missing ends where there is none.
struct IntervalEstimate {
  double value = kMissing, low = kMissing, high = kMissing;
};

struct TransferSummary {
  IntervalEstimate immediate, long_run_gain, half_life;
  std::vector<IntervalEstimate> after;  // of each lag asked for
};

// input: its numerator, denominator and delay; omega, then delta (none without a denominator), and
// their covariance (empty: no intervals). ramp: the input grows by one a period.
TransferSummary summarise_transfer(const TransferInput& input, bool ramp, const VectorXd& omega,
                                   double delta, const MatrixXd& covariance,
                                   const std::vector<int>& lags);

// Adds the table "interventions": of each intervention (or input given as a series) a row a
// quantity, with columns event, shape, quantity, estimate, low, high and, of a log target,
// per_cent, per_cent_low, per_cent_high.
void report_interventions(const ArimaSpec& spec, const ArimaData& data, const Sample& sample,
                          FitResult& fit);

}  // namespace amnok
