#include "models/trade_elasticity/elasticity_prior.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/regression/wald.h"

namespace amnok {

namespace {

constexpr std::size_t kMostRanges = 8;  // 3^8 sets of active bounds

MatrixXd inverse(const MatrixXd& m) {
  return m.ldlt().solve(MatrixXd::Identity(m.rows(), m.cols()));
}

Eigen::Index column_of(const std::vector<std::string>& names, const std::string& name) {
  const auto found = std::find(names.begin(), names.end(), name);
  return found == names.end() ? -1 : found - names.begin();
}

void check_priors(const std::vector<std::string>& names,
                  const std::vector<CoefficientPrior>& priors) {
  ProblemList problems;
  for (std::size_t i = 0; i < priors.size(); ++i) {
    const CoefficientPrior& prior = priors[i];
    if (column_of(names, prior.name) < 0) {
      problems.error({}, fmt::format("prior names \"{}\", but must name a coefficient: {}",
                                     prior.name, join(names, ", ")));
    }
    for (std::size_t j = 0; j < i; ++j) {
      if (priors[j].name == prior.name) {
        problems.error({}, fmt::format("{} has two priors, but must have one", prior.name));
      }
    }
    if (prior.mean.has_value() != prior.sd.has_value()) {
      problems.error({},
                     fmt::format("the prior of {} has {}, but must have mean and sd, or neither",
                                 prior.name, prior.mean ? "a mean alone" : "an sd alone"));
    }
    if (prior.sd && !(*prior.sd > 0)) {
      problems.error(
          {}, fmt::format("the prior sd of {} is {}, but must be above 0", prior.name, *prior.sd));
    }
    if (prior.low && prior.high && !(*prior.low < *prior.high)) {
      problems.error({}, fmt::format("the range of {} is [{}, {}], but must have low < high",
                                     prior.name, *prior.low, *prior.high));
    }
  }
  const auto ranges = static_cast<std::size_t>(
      std::count_if(priors.begin(), priors.end(), [](const auto& p) { return p.low || p.high; }));
  if (ranges > kMostRanges) {
    problems.error({}, fmt::format("{} coefficients have a range, but must be at most {}", ranges,
                                   kMostRanges));
  }
  problems.throw_if_errors();
}

struct Range {
  Eigen::Index column;
  double low, high;
};

// The normal log density's fall from its mode, with some coefficients held at values.
struct Held {
  VectorXd coefficients;
  double fall = INFINITY;
  std::vector<bool> at_bound;
};

Held hold(const VectorXd& mode, const MatrixXd& precision, const std::vector<Range>& ranges,
          const std::vector<int>& state) {
  const Eigen::Index k = mode.size();
  Held held{mode, 0, std::vector<bool>(static_cast<std::size_t>(k), false)};
  std::vector<Eigen::Index> fixed, open;
  VectorXd moved = VectorXd::Zero(k);
  for (std::size_t i = 0; i < ranges.size(); ++i) {
    if (state[i] == 0) continue;
    const double bound = state[i] == 1 ? ranges[i].low : ranges[i].high;
    if (!std::isfinite(bound)) return {mode, INFINITY, held.at_bound};
    moved(ranges[i].column) = bound - mode(ranges[i].column);
    held.at_bound[static_cast<std::size_t>(ranges[i].column)] = true;
  }
  for (Eigen::Index j = 0; j < k; ++j) {
    (held.at_bound[static_cast<std::size_t>(j)] ? fixed : open).push_back(j);
  }
  if (!fixed.empty() && !open.empty()) {
    const VectorXd pull = precision(open, fixed) * VectorXd(moved(fixed));
    moved(open) = -MatrixXd(precision(open, open)).ldlt().solve(pull);
  }
  held.coefficients = mode + moved;
  held.fall = moved.dot(precision * moved);
  for (const Range& range : ranges) {
    const double value = held.coefficients(range.column);
    const double slack = 1e-12 * (1 + std::fabs(value));
    if (value < range.low - slack || value > range.high + slack) held.fall = INFINITY;
  }
  return held;
}

// The mode within the ranges: of all sets of active bounds, the one that falls least.
Held mode_within(const VectorXd& mode, const MatrixXd& precision,
                 const std::vector<Range>& ranges) {
  std::vector<int> state(ranges.size(), 0);
  Held best = hold(mode, precision, ranges, state);
  for (;;) {
    std::size_t i = 0;
    while (i < state.size() && ++state[i] > 2) state[i++] = 0;
    if (i == state.size()) return best;
    const Held next = hold(mode, precision, ranges, state);
    if (next.fall < best.fall) best = next;
  }
}

}  // namespace

MixedEstimate mixed_estimate(const VectorXd& least_squares, const MatrixXd& covariance,
                             const std::vector<std::string>& names,
                             const std::vector<CoefficientPrior>& priors) {
  check_priors(names, priors);
  const Eigen::Index k = least_squares.size();
  const MatrixXd sample = inverse(covariance);
  MatrixXd precision = sample;
  VectorXd weighted = sample * least_squares;
  std::vector<Eigen::Index> with_mean;
  VectorXd means(k), variances(k);
  std::vector<Range> ranges;
  for (const CoefficientPrior& prior : priors) {
    const Eigen::Index j = column_of(names, prior.name);
    if (prior.mean) {
      const double weight = 1 / (*prior.sd * *prior.sd);
      precision(j, j) += weight;
      weighted(j) += weight * *prior.mean;
      means(static_cast<Eigen::Index>(with_mean.size())) = *prior.mean;
      variances(static_cast<Eigen::Index>(with_mean.size())) = *prior.sd * *prior.sd;
      with_mean.push_back(j);
    }
    if (prior.low || prior.high) {
      ranges.push_back({j, prior.low.value_or(-INFINITY), prior.high.value_or(INFINITY)});
    }
  }
  MixedEstimate result;
  result.covariance = inverse(precision);
  result.coefficients = result.covariance * weighted;
  const MatrixXd share = result.covariance * sample;
  result.data_share = share.diagonal();
  result.theil_share = share.trace() / static_cast<double>(k);
  if (!with_mean.empty()) {
    const auto m = static_cast<Eigen::Index>(with_mean.size());
    MatrixXd pick = MatrixXd::Zero(m, k);
    for (Eigen::Index i = 0; i < m; ++i) pick(i, with_mean[static_cast<std::size_t>(i)]) = 1;
    // r - R b has covariance R V R' + Psi: the Wald test with b's covariance widened by Psi.
    MatrixXd widened = covariance;
    for (Eigen::Index i = 0; i < m; ++i) {
      const Eigen::Index j = with_mean[static_cast<std::size_t>(i)];
      widened(j, j) += variances(i);
    }
    result.compatibility =
        wald_test("prior_compatibility", least_squares, widened, pick, means.head(m));
  }
  const Held held = mode_within(result.coefficients, precision, ranges);
  result.coefficients = held.coefficients;
  result.at_bound = held.at_bound;
  std::vector<Eigen::Index> open;
  for (Eigen::Index j = 0; j < k; ++j) {
    if (!held.at_bound[static_cast<std::size_t>(j)]) open.push_back(j);
  }
  if (static_cast<Eigen::Index>(open.size()) < k) {
    result.covariance = MatrixXd::Zero(k, k);
    if (!open.empty()) result.covariance(open, open) = inverse(MatrixXd(precision(open, open)));
  }
  return result;
}

ResultTable prior_table(const MixedEstimate& estimate, const VectorXd& least_squares,
                        const std::vector<std::string>& names,
                        const std::vector<CoefficientPrior>& priors) {
  ResultTable table{
      "prior",
      fmt::format("Beliefs from outside the sample; {:.0f} % of the answer is the sample's",
                  100 * estimate.theil_share),
      {"term", "prior_mean", "prior_sd", "low", "high", "sample", "answer", "data_share",
       "verdict"},
      {}};
  for (const CoefficientPrior& prior : priors) {
    const Eigen::Index j = column_of(names, prior.name);
    const bool bound = estimate.at_bound[static_cast<std::size_t>(j)];
    table.rows.push_back(
        {prior.name, prior.mean.value_or(kMissing), prior.sd.value_or(kMissing),
         prior.low.value_or(kMissing), prior.high.value_or(kMissing), least_squares(j),
         estimate.coefficients(j), bound ? 0.0 : estimate.data_share(j),
         bound ? std::string("at its bound: the range decides, not the sample")
               : fmt::format("{:.0f} % from the sample", 100 * estimate.data_share(j))});
  }
  return table;
}

}  // namespace amnok
