#include "models/arima/arima_average.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "engine/base/input_error.h"
#include "engine/model/forecast_mixture.h"
#include "models/arima/arima_selection.h"
#include "models/arima/cleaned_series.h"

namespace amnok {

namespace {

constexpr double kDifferenceMargin = 3.5;
constexpr double kWithoutDrift = 0.6;  // in logarithms
constexpr double kLeastShare = 0.03;
constexpr std::size_t kParents = 3;  // candidates from which others are derived

struct Group {
  double share = 1;
  std::vector<OrderCandidate> candidates;
};

std::vector<double> criteria_of(const std::vector<OrderCandidate>& candidates) {
  std::vector<double> criteria;
  for (const OrderCandidate& c : candidates) criteria.push_back(c.criterion);
  return criteria;
}

std::vector<OrderCandidate> heaviest_candidates(const std::vector<OrderCandidate>& candidates) {
  std::vector<OrderCandidate> result;
  for (const auto& [i, weight] : heaviest(criterion_weights(criteria_of(candidates)))) {
    if (result.size() < kParents) result.push_back(candidates[i]);
  }
  return result;
}

// A search of its own without a constant: what stands in for it takes other lags.
std::vector<OrderCandidate> without_constant(ArimaSpec spec, const Sample& sample,
                                             const OrderChoice& with) {
  spec.constant = ArimaConstant::no;
  spec.search->d = with.best.order.d;
  spec.search->seasonal_d = with.best.order.seasonal_d;
  return choose_order(spec, sample, with.candidates).candidates;
}

// One difference more, without a constant: phi(B) gives up a root near one, or theta(B) takes one in.
std::vector<OrderCandidate> differenced_once_more(const ArimaSpec& spec, const Sample& sample,
                                                  const std::vector<OrderCandidate>& from) {
  std::vector<OrderCandidate> result;
  const auto add = [&](ArimaOrder order, const OrderCandidate& parent) {
    ++order.d;
    const bool known = std::any_of(result.begin(), result.end(),
                                   [&](const OrderCandidate& c) { return c.order == order; });
    if (known) return;
    result.push_back(evaluated_candidate(spec, sample, order, ArimaConstant::no, &parent));
  };
  for (const OrderCandidate& c : from) {
    ArimaOrder fewer = c.order, more = c.order;
    if (fewer.p > 0) --fewer.p;
    ++more.q;
    add(fewer, c);
    add(more, c);
  }
  return result;
}

double least(const std::vector<OrderCandidate>& candidates) {
  double result = INFINITY;
  for (const OrderCandidate& c : candidates) result = std::min(result, c.criterion);
  return result;
}

// Of the models with a constant, that constant integrated out.
double least_restricted(const std::vector<OrderCandidate>& candidates) {
  double result = INFINITY;
  for (const OrderCandidate& c : candidates) {
    if (std::isfinite(c.criterion)) result = std::min(result, c.restricted_criterion);
  }
  return result;
}

std::vector<Group> groups_of(const ArimaSpec& spec, const Sample& sample, bool log) {
  const OrderChoice choice = choose_order(spec, sample);
  std::vector<Group> groups = {{1, choice.candidates}};
  const int differences = choice.best.order.d + choice.best.order.seasonal_d;
  const std::vector<OrderCandidate> best = heaviest_candidates(choice.candidates);
  if (best.empty()) {  // too short to compare: the fallback stands alone
    groups.front().candidates = {
        evaluated_candidate(spec, sample, choice.best.order, choice.best.constant, nullptr)};
    return groups;
  }
  if (log && differences == 1) {
    groups.front().share = 1 - kWithoutDrift;
    groups.push_back({kWithoutDrift, without_constant(spec, sample, choice)});
  }
  if (choice.best.order.d < spec.search->max_d && differences < 2) {
    std::vector<OrderCandidate> more = differenced_once_more(spec, sample, best);
    const double excess = least(more) - least_restricted(choice.candidates) + kDifferenceMargin;
    if (std::isfinite(excess)) {
      groups.push_back({std::exp(std::min(-excess / 4, 100.0)), std::move(more)});
    }
  }
  double total = 0;
  for (const Group& group : groups) total += group.share;
  for (Group& group : groups) group.share /= total;
  return groups;
}

void add_members(const ArimaSpec& spec, const Sample& sample, double share,
                 std::vector<WeightedFit>& members) {
  const bool log = sample.target.transform.kind == Transform::Kind::log;
  for (const Group& group : groups_of(spec, sample, log)) {
    if (group.share < kLeastShare) continue;
    const auto weights = group.candidates.size() == 1
                             ? std::vector<std::pair<std::size_t, double>>{{0, 1}}
                             : heaviest(criterion_weights(criteria_of(group.candidates)));
    for (const auto& [i, weight] : weights) {
      if (group.candidates[i].why == kTooFewObservations) continue;
      members.push_back({share * group.share * weight, sample.target.transform,
                         fitted_candidate(spec, group.candidates[i], sample)});
    }
  }
}

}  // namespace

std::vector<WeightedFit> average_arima(const Sample& sample) {
  ArimaSpec spec;
  spec.order.period = sample.season;
  spec.search = OrderSearch{};
  const double in_logs = log_share(sample);
  std::vector<WeightedFit> members;
  const auto add = [&](const Sample& own, double share) {
    if (share <= kLeastShare) return;
    const std::optional<Sample> cleaned = without_outliers(own);
    add_members(spec, own, cleaned ? share / 2 : share, members);
    if (!cleaned) return;
    try {
      add_members(spec, *cleaned, share / 2, members);
    } catch (const InputError&) {  // no noise is left: the series as it was has all the weight
    }
  };
  add(sample, 1 - in_logs);
  spec.search->max_d = 1;  // a growth rate that wanders has no forecast
  if (in_logs > 0) add(in_logarithms(sample), in_logs);
  double total = 0;
  for (const WeightedFit& member : members) total += member.weight;
  for (WeightedFit& member : members) member.weight /= total;
  return members;
}

}  // namespace amnok
