// The exponential smoothing family in state-space form (Hyndman, Koehler, Snyder & Grose 2002, Int.
// J. Forecasting 18, 439-454; Hyndman, Koehler, Ord & Snyder 2008, Forecasting with Exponential
// Smoothing).
//
// With q_t = l_{t-1} + phi b_{t-1} and the season's state s_{t-m}:
//   mean        mu_t = q_t,   q_t + s_{t-m}   or   q_t s_{t-m}
//   error       additive  y_t = mu_t + e_t    or multiplicative  y_t = mu_t (1 + e_t)
//   with x_t = y_t - mu_t  (divided by s_{t-m} for l and b, by q_t for s, when the season
//   multiplies)
//     l_t = q_t + alpha x_t,   b_t = phi b_{t-1} + beta x_t,   s_t = s_{t-m} + gamma x_t
//
// Multiplicative trends are left out: they explode, and nobody's defaults use them.
#pragma once

#include <string>
#include <vector>

namespace amnok {

struct EtsForm {
  enum class Season { none, additive, multiplicative };
  bool multiplicative_error = false;
  bool trend = false, damped = false;
  Season season = Season::none;
  int period = 1;

  bool seasonal() const { return season != Season::none; }
  // alpha, beta, gamma, phi as far as the form has them.
  int smoothing_count() const {
    return 1 + (trend ? 1 : 0) + (seasonal() ? 1 : 0) + (damped ? 1 : 0);
  }
  // Free initial states: level, trend, all but one season (they add up to 0, or to the period).
  int state_count() const { return 1 + (trend ? 1 : 0) + (seasonal() ? period - 1 : 0); }
  bool operator==(const EtsForm&) const = default;
};

std::string form_text(const EtsForm& form);   // ETS(M,Ad,A)
std::string short_name(const EtsForm& form);  // MAdA

// A short name; false: not a form of this family (with a season, when the period is 1).
bool parse_form(const std::string& text, int period, EtsForm& form);

// The forms that automatic choice compares: those that do not divide by what may be zero (no
// additive error with a multiplicative season); multiplicative ones only for positive data.
std::vector<EtsForm> candidate_forms(int period, bool positive);

}  // namespace amnok
