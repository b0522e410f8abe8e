// Automatic orders (Hyndman & Khandakar 2008, J. Statist. Software 27(3)).
//
//   D   a seasonal difference where the STL strength of the season is above 0.64
//   d   as many differences as KPSS tests at 5 % ask for
//   p, q, P, Q and the constant by AICc (AIC, BIC) of the exact likelihood, whatever the method of
//   the final fit: stepwise from four starts to better neighbours, or every combination within
//   limits
//
// A candidate whose AR or MA part has a root within 1 % of the unit circle does not count. With
// regressors and interventions, d and D come from the residuals of their least-squares fit; all
// candidates carry them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "models/arima/arima.h"

namespace amnok {

inline constexpr const char* kTooFewObservations = "too few observations";

struct OrderCandidate {
  ArimaOrder order;
  ArimaConstant constant = ArimaConstant::no;  // yes or no
  double log_likelihood = kMissing;
  double criterion = kMissing;  // infinite: does not count
  // With a constant: the criterion of its differences, the constant integrated out, to compare with
  // models of one difference more; else infinite.
  double restricted_criterion = INFINITY;
  std::string why;  // it does not count
  VectorXd u;       // its optimum
};

struct OrderChoice {
  OrderCandidate best;
  std::vector<OrderCandidate> candidates;  // in the order in which they were tried
  std::vector<std::string> notes;
};

// spec.search must be there. A constant series, or one too short to compare, ends in a fallback
// that a note names. relatives: candidates of a search that differs in the constant or the
// transformation; their optima are where those of the same order start.
OrderChoice choose_order(const ArimaSpec& spec, const Sample& sample,
                         const std::vector<OrderCandidate>& relatives = {});

// One candidate, searched also from the optimum of `parent` (null: none).
OrderCandidate evaluated_candidate(const ArimaSpec& spec, const Sample& sample,
                                   const ArimaOrder& order, ArimaConstant constant,
                                   const OrderCandidate* parent);

// A candidate as a fitted model, at its optimum.
FittedModel fitted_candidate(const ArimaSpec& spec, const OrderCandidate& candidate,
                             const Sample& sample);

// The bound model of the chosen order, with the table of candidates.
std::unique_ptr<BoundModel> bind_automatic(const ArimaSpec& spec, const Sample& sample);

}  // namespace amnok
