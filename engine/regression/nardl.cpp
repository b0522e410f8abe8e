#include "engine/regression/nardl.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/regression/wald.h"

namespace amnok {

namespace {

void check_split(const std::string& name, const VectorView& x, double threshold) {
  const VectorXd change = x.tail(x.size() - 1) - x.head(x.size() - 1);
  const auto rises = (change.array() > threshold).count();
  const auto falls = (change.array() < threshold).count();
  if (rises < 2 || falls < 2) {
    throw InputError(
        fmt::format("{} has {} changes above {} and {} below, but must have at least 2 "
                    "of each to be split",
                    name, rises, threshold, falls));
  }
}

// The columns dL0.name .. of the fit.
std::vector<int> differences(const ArdlFit& fit, int regressor) {
  std::vector<int> columns;
  const auto at = static_cast<std::size_t>(regressor);
  for (int l = 0; l < fit.order.q[at]; ++l) {
    const auto found =
        std::find(fit.names.begin(), fit.names.end(), fmt::format("dL{}.{}", l, fit.x_names[at]));
    columns.push_back(static_cast<int>(found - fit.names.begin()));
  }
  return columns;
}

Diagnostic equal(const std::string& name, const ArdlFit& fit, const MatrixXd& restrictions) {
  if (restrictions.rows() == 0) {
    Diagnostic none;
    none.name = name;
    return none;
  }
  return wald_test(name, fit.fit.coefficients, fit.covariance, restrictions,
                   VectorXd::Zero(restrictions.rows()), fit.fit.df_residual());
}

}  // namespace

PartialSums partial_sums(const VectorView& x, double threshold) {
  PartialSums sums{VectorXd::Zero(x.size()), VectorXd::Zero(x.size())};
  for (Eigen::Index t = 1; t < x.size(); ++t) {
    const double change = x(t) - x(t - 1);
    sums.positive(t) = sums.positive(t - 1) + (change > threshold ? change : 0);
    sums.negative(t) = sums.negative(t - 1) + (change > threshold ? 0 : change);
  }
  return sums;
}

NardlFit fit_nardl(const ArdlData& data, const NardlSpec& spec) {
  const auto k = static_cast<int>(data.x.cols());
  AMNOK_CHECK(static_cast<int>(spec.order.q.size()) == k, "{} orders, {} regressors",
              spec.order.q.size(), k);
  for (int column : spec.asymmetric) {
    if (column < 0 || column >= k) {
      throw InputError(fmt::format("the regressor to split is number {}, but must be in [0, {}]",
                                   column, k - 1));
    }
  }
  ArdlData split = data;
  split.x_names.clear();
  split.x.resize(data.y.size(), 0);
  ArdlOrder order{spec.order.p, {}};
  NardlFit result;
  const auto add = [&](const std::string& name, const VectorXd& values, int q) {
    split.x_names.push_back(name);
    split.x.conservativeResize(Eigen::NoChange, split.x.cols() + 1);
    split.x.rightCols(1) = values;
    order.q.push_back(q);
    return static_cast<int>(split.x.cols()) - 1;
  };
  for (int j = 0; j < k; ++j) {
    const std::string& name = data.x_names[static_cast<std::size_t>(j)];
    const int q = spec.order.q[static_cast<std::size_t>(j)];
    if (std::find(spec.asymmetric.begin(), spec.asymmetric.end(), j) == spec.asymmetric.end()) {
      add(name, data.x.col(j), q);
      continue;
    }
    check_split(name, data.x.col(j), spec.threshold);
    const PartialSums sums = partial_sums(data.x.col(j), spec.threshold);
    SplitRegressor parts{name};
    parts.positive = add(name + "_pos", sums.positive, q);
    parts.negative = add(name + "_neg", sums.negative, q);
    result.split.push_back(parts);
  }
  result.ardl = fit_ardl(split, order, spec.terms, spec.covariance);
  return result;
}

SymmetryTests symmetry_tests(const NardlFit& fit, const SplitRegressor& split) {
  const ArdlFit& ardl = fit.ardl;
  const auto k = static_cast<Eigen::Index>(ardl.names.size());
  const auto level = [&](int regressor) {
    return ardl.forcing[static_cast<std::size_t>(regressor)];
  };
  MatrixXd long_run = MatrixXd::Zero(1, k);
  long_run(0, level(split.positive)) = 1;
  long_run(0, level(split.negative)) = -1;
  const std::vector<int> rises = differences(ardl, split.positive),
                         falls = differences(ardl, split.negative);
  const auto count = static_cast<Eigen::Index>(rises.size());
  MatrixXd each = MatrixXd::Zero(count, k);
  for (Eigen::Index l = 0; l < count; ++l) {
    each(l, rises[static_cast<std::size_t>(l)]) = 1;
    each(l, falls[static_cast<std::size_t>(l)]) = -1;
  }
  const MatrixXd sum = each.colwise().sum();
  return {equal("long_run_symmetry", ardl, long_run),
          equal("short_run_symmetry", ardl, count > 0 ? sum : each),
          equal("short_run_symmetry_each", ardl, each)};
}

AsymmetricMultipliers asymmetric_multipliers(const NardlFit& fit, const SplitRegressor& split,
                                             int horizon, double level) {
  VectorXd rise = VectorXd::Zero(static_cast<Eigen::Index>(fit.ardl.forcing.size()));
  VectorXd fall = rise;
  rise(split.positive) = 1;
  fall(split.negative) = -1;
  const auto path = [&](const VectorXd& change) {
    return dynamic_multipliers(fit.ardl, change, horizon, level);
  };
  return {path(rise), path(fall), path(rise + fall)};
}

}  // namespace amnok
