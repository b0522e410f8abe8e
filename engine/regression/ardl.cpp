#include "engine/regression/ardl.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

void check_column(ProblemList& problems, const std::string& name, const VectorView& column,
                  Eigen::Index n, bool gaps) {
  if (column.size() != n) {
    problems.error({}, fmt::format("{} has {} observations, but must have the {} of the dependent "
                                   "variable",
                                   name, column.size(), n));
    return;
  }
  if (gaps) return;
  const auto missing =
      std::count_if(column.begin(), column.end(), [](double v) { return !std::isfinite(v); });
  if (missing > 0) {
    problems.error({}, fmt::format("{} has {} missing values, but must have none", name, missing));
  }
}

void check_data(const ArdlData& data, const ArdlOrder& order) {
  ProblemList problems;
  AMNOK_CHECK(data.x.cols() == static_cast<Eigen::Index>(data.x_names.size()),
              "{} columns, {} names", data.x.cols(), data.x_names.size());
  AMNOK_CHECK(data.fixed.cols() == static_cast<Eigen::Index>(data.fixed_names.size()),
              "{} columns, {} names", data.fixed.cols(), data.fixed_names.size());
  check_column(problems, data.y_name, data.y, data.y.size(), data.gaps);
  for (Eigen::Index j = 0; j < data.x.cols(); ++j) {
    check_column(problems, data.x_names[static_cast<std::size_t>(j)], data.x.col(j), data.y.size(),
                 data.gaps);
  }
  for (Eigen::Index j = 0; j < data.fixed.cols(); ++j) {
    check_column(problems, data.fixed_names[static_cast<std::size_t>(j)], data.fixed.col(j),
                 data.y.size(), data.gaps);
  }
  if (order.p < 1) {
    problems.error({}, fmt::format("p is {}, but must be at least 1", order.p),
                   "without a lag of the dependent variable there is no adjustment to estimate");
  }
  if (order.q.size() != data.x_names.size()) {
    problems.error({}, fmt::format("q has {} orders, but must have one for each of {} regressors",
                                   order.q.size(), data.x_names.size()));
  }
  for (int q : order.q) {
    if (q < 0) problems.error({}, fmt::format("q is {}, but must be at least 0", q));
  }
  problems.throw_if_errors();
}

// Columns of one regression as they are found.
class Columns {
 public:
  Columns(Eigen::Index first, Eigen::Index n) : first_(first), rows_(n - first) {}

  Eigen::Index rows() const { return rows_; }
  int add(const std::string& name, const VectorXd& values) {
    names.push_back(name);
    values_.push_back(values);
    return static_cast<int>(names.size()) - 1;
  }
  VectorXd lag(const VectorView& series, int lag) const {
    return series.segment(first_ - lag, rows_);
  }
  VectorXd change(const VectorView& series, int at) const {
    return lag(series, at) - lag(series, at + 1);
  }
  MatrixXd matrix() const {
    MatrixXd m(rows_, static_cast<Eigen::Index>(values_.size()));
    for (std::size_t j = 0; j < values_.size(); ++j)
      m.col(static_cast<Eigen::Index>(j)) = values_[j];
    return m;
  }

  std::vector<std::string> names;

 private:
  Eigen::Index first_, rows_;
  std::vector<VectorXd> values_;
};

void fill_design(const ArdlData& data, const ArdlOrder& order, DeterministicCase terms,
                 Columns& columns, ArdlFit& fit) {
  const Eigen::Index rows = columns.rows();
  if (has_constant(terms)) fit.constant = columns.add("const", VectorXd::Ones(rows));
  if (has_trend(terms)) {
    fit.trend = columns.add(
        "trend", VectorXd::LinSpaced(rows, fit.first + 1, static_cast<double>(data.y.size())));
  }
  fit.level = columns.add("L." + data.y_name, columns.lag(data.y, 1));
  const std::size_t k = data.x_names.size();
  for (std::size_t j = 0; j < k; ++j) {
    const auto x = data.x.col(static_cast<Eigen::Index>(j));
    const bool at_t = order.q[j] == 0;
    fit.forcing.push_back(
        columns.add((at_t ? "" : "L.") + data.x_names[j], columns.lag(x, at_t ? 0 : 1)));
  }
  for (int i = 1; i < order.p; ++i) {
    columns.add(fmt::format("dL{}.{}", i, data.y_name), columns.change(data.y, i));
  }
  for (std::size_t j = 0; j < k; ++j) {
    for (int l = 0; l < order.q[j]; ++l) {
      columns.add(fmt::format("dL{}.{}", l, data.x_names[j]),
                  columns.change(data.x.col(static_cast<Eigen::Index>(j)), l));
    }
  }
  for (Eigen::Index j = 0; j < data.fixed.cols(); ++j) {
    columns.add(data.fixed_names[static_cast<std::size_t>(j)], columns.lag(data.fixed.col(j), 0));
  }
}

void fill_criteria(ArdlFit& fit) {
  const auto n = static_cast<double>(fit.target.size());
  const double parameters = fit.fit.rank + 1;
  fit.log_likelihood = -n / 2 * (std::log(2 * std::numbers::pi * fit.fit.rss / n) + 1);
  fit.aic = -2 * fit.log_likelihood + 2 * parameters;
  fit.bic = -2 * fit.log_likelihood + std::log(n) * parameters;
  if (n - parameters > 1) {
    fit.aicc = fit.aic + 2 * parameters * (parameters + 1) / (n - parameters - 1);
  }
}

// Keeps the rows without a missing value.
void drop_gaps(ArdlFit& fit) {
  std::vector<int> complete;
  for (int i = 0; i < static_cast<int>(fit.target.size()); ++i) {
    if (!std::isfinite(fit.target(i)) || !fit.design.row(i).allFinite()) continue;
    complete.push_back(i);
    fit.rows.push_back(fit.first + i);
  }
  if (complete.size() == static_cast<std::size_t>(fit.target.size())) return;
  fit.design = fit.design(complete, Eigen::all).eval();
  fit.target = fit.target(complete).eval();
}

double t_quantile(const ArdlFit& fit, double level) {
  AMNOK_CHECK(level > 0 && level < 1, "level {}", level);
  return student_t_quantile(0.5 + level / 2, fit.fit.df_residual());
}

Ratio ratio_to_level(const ArdlFit& fit, int column) {
  return {fit.coefficient(column), fit.coefficient(fit.level), fit.covariance(column, column),
          fit.covariance(column, fit.level), fit.covariance(fit.level, fit.level)};
}

}  // namespace

int ArdlOrder::longest() const {
  int longest = p;
  for (int lag : q) longest = std::max(longest, lag);
  return longest;
}

std::string ArdlOrder::name() const {
  std::string text = fmt::format("ARDL({}", p);
  for (int lag : q) text += fmt::format(",{}", lag);
  return text + ")";
}

double ArdlFit::standard_error(int column) const {
  return std::sqrt(covariance(column, column));
}

std::vector<int> ArdlFit::level_columns() const {
  std::vector<int> columns = {level};
  columns.insert(columns.end(), forcing.begin(), forcing.end());
  if (terms == DeterministicCase::restricted_constant) columns.push_back(constant);
  if (terms == DeterministicCase::restricted_trend) columns.push_back(trend);
  return columns;
}

ArdlFit fit_ardl(const ArdlData& data, const ArdlOrder& order, DeterministicCase terms,
                 const CovarianceChoice& covariance, std::optional<int> first) {
  check_data(data, order);
  ArdlFit fit;
  fit.order = order;
  fit.terms = terms;
  fit.y_name = data.y_name;
  fit.x_names = data.x_names;
  fit.first = first.value_or(order.longest());
  AMNOK_CHECK(fit.first >= order.longest(), "first {}, longest lag {}", fit.first, order.longest());
  const auto n = static_cast<int>(data.y.size());
  int width = order.p + static_cast<int>(data.fixed.cols()) + (has_constant(terms) ? 1 : 0) +
              (has_trend(terms) ? 1 : 0);
  for (int q : order.q) width += q + 1;
  const auto need_rows = [&](int rows) {
    if (rows > width) return;
    throw InputError(
        fmt::format("{} leaves {} observations of {}, but must leave at least {} for "
                    "its {} coefficients",
                    order.name(), rows, n, width + 1, width));
  };
  need_rows(std::max(n - fit.first, 0));
  Columns columns(fit.first, n);
  fill_design(data, order, terms, columns, fit);
  fit.names = columns.names;
  fit.design = columns.matrix();
  fit.target = columns.change(data.y, 0);
  drop_gaps(fit);
  need_rows(static_cast<int>(fit.target.size()));
  fit.fit = solve(LinearLeastSquares{fit.design, fit.target});
  if (!fit.fit.aliased.empty()) {
    std::vector<std::string> aliased;
    for (int j : fit.fit.aliased) aliased.push_back(fit.names[static_cast<std::size_t>(j)]);
    throw InputError(fmt::format("{} has collinear terms: {} is a linear combination of those "
                                 "before it",
                                 order.name(), join(aliased, ", ")),
                     "leave it out, or shorten the lags");
  }
  const CoefficientCovariance chosen = coefficient_covariance(fit.design, fit.fit, covariance);
  fit.covariance = chosen.matrix;
  fit.covariance_name = chosen.name;
  fill_criteria(fit);
  return fit;
}

ArdlLevels ardl_levels(const ArdlFit& fit) {
  const ArdlOrder& order = fit.order;
  const auto k = static_cast<Eigen::Index>(fit.names.size());
  int count = order.p;
  for (int q : order.q) count += q + 1;
  ArdlLevels levels;
  levels.jacobian = MatrixXd::Zero(count, k);
  VectorXd constant = VectorXd::Zero(count);
  // The differences stand in order after the levels: of y, then of each x.
  int difference = fit.level + 1 + static_cast<int>(fit.forcing.size());
  // dz_{t-l} = z_{t-l} - z_{t-l-1}: its coefficient enters those of lags l and l + 1.
  const auto spread = [&](int column, int row) {
    levels.jacobian(row, column) += 1;
    levels.jacobian(row + 1, column) -= 1;
  };
  constant(0) = 1;
  levels.jacobian(0, fit.level) = 1;
  for (int i = 1; i <= order.p; ++i) {
    levels.names.push_back(fmt::format("L{}.{}", i, fit.y_name));
    if (i < order.p) spread(difference++, i - 1);
  }
  int row = order.p;
  for (std::size_t j = 0; j < order.q.size(); ++j) {
    levels.jacobian(row + (order.q[j] > 0 ? 1 : 0), fit.forcing[j]) = 1;
    for (int l = 0; l <= order.q[j]; ++l) {
      levels.names.push_back(l == 0 ? fit.x_names[j] : fmt::format("L{}.{}", l, fit.x_names[j]));
      if (l < order.q[j]) spread(difference++, row + l);
    }
    row += order.q[j] + 1;
  }
  levels.coefficients = constant + levels.jacobian * fit.fit.coefficients;
  levels.covariance = levels.jacobian * fit.covariance * levels.jacobian.transpose();
  return levels;
}

std::vector<LongRunCoefficient> long_run(const ArdlFit& fit, double level) {
  const double quantile = t_quantile(fit, level);
  std::vector<LongRunCoefficient> all;
  const auto add = [&](const std::string& name, int column) {
    const Ratio ratio = ratio_to_level(fit, column);
    all.push_back({name, ratio, delta_interval(ratio, quantile), fieller_set(ratio, quantile)});
  };
  for (std::size_t j = 0; j < fit.forcing.size(); ++j) add(fit.x_names[j], fit.forcing[j]);
  if (fit.terms == DeterministicCase::restricted_constant) add("const", fit.constant);
  if (fit.terms == DeterministicCase::restricted_trend) add("trend", fit.trend);
  return all;
}

Adjustment adjustment(const ArdlFit& fit, double level) {
  Adjustment result;
  result.speed = fit.coefficient(fit.level);
  result.standard_error = fit.standard_error(fit.level);
  result.t = result.speed / result.standard_error;
  if (result.speed > -1 && result.speed < 0) {
    result.half_life = std::log(0.5) / std::log1p(result.speed);
  }
  result.identified = std::fabs(result.t) > t_quantile(fit, level);
  const std::string figures =
      fmt::format("the speed of adjustment is {:.4g} (t = {:.2f})", result.speed, result.t);
  if (!result.identified) {
    result.words =
        figures +
        ", which does not differ from zero: the long run is not identified, its "
        "coefficients and their delta-method errors mean nothing, and their Fieller sets "
        "are unbounded";
  } else if (result.speed >= 0) {
    result.words = figures + ": deviations grow, so there is no long run to return to";
  } else if (result.speed <= -2) {
    result.words = figures +
                   ": adjustment overshoots by more than the deviation, so it does not "
                   "settle";
  } else if (result.half_life) {
    result.words = figures + fmt::format("; half of a deviation is gone after {:.2g} periods",
                                         *result.half_life);
  } else {
    result.words = figures + ": adjustment overshoots and settles";
  }
  return result;
}

RestrictedEcm restricted_ecm(const ArdlFit& fit) {
  const std::vector<int> levels = fit.level_columns();
  RestrictedEcm ecm;
  ecm.names = {"ec"};
  // sum of level terms / speed = y_{t-1} - theta'x - ...
  ecm.deviation = VectorXd::Zero(fit.design.rows());
  std::vector<int> others;
  for (int j = 0; j < static_cast<int>(fit.names.size()); ++j) {
    if (std::find(levels.begin(), levels.end(), j) == levels.end()) {
      others.push_back(j);
      ecm.names.push_back(fit.names[static_cast<std::size_t>(j)]);
    } else {
      ecm.deviation += fit.design.col(j) * (fit.coefficient(j) / fit.coefficient(fit.level));
    }
  }
  MatrixXd x(fit.design.rows(), static_cast<Eigen::Index>(others.size()) + 1);
  x.col(0) = ecm.deviation;
  x.rightCols(x.cols() - 1) = fit.design(Eigen::all, others);
  ecm.fit = solve(LinearLeastSquares{x, fit.target});
  return ecm;
}

DynamicMultipliers dynamic_multipliers(const ArdlFit& fit, const VectorView& change, int horizon,
                                       double level) {
  AMNOK_CHECK(change.size() == static_cast<Eigen::Index>(fit.forcing.size()) && horizon >= 0,
              "{} changes, {} regressors, horizon {}", change.size(), fit.forcing.size(), horizon);
  const ArdlLevels levels = ardl_levels(fit);
  const VectorXd& b = levels.coefficients;
  const Eigen::Index h_count = horizon + 1;
  DynamicMultipliers result;
  result.cumulative = VectorXd::Zero(h_count);
  MatrixXd gradient = MatrixXd::Zero(b.size(), h_count);  // of each multiplier, by b
  for (Eigen::Index h = 0; h < h_count; ++h) {
    for (int i = 1; i <= std::min<Eigen::Index>(fit.order.p, h); ++i) {
      const double f = b(i - 1), before = result.cumulative(h - i);
      result.cumulative(h) += f * before;
      gradient.col(h) += f * gradient.col(h - i);
      gradient(i - 1, h) += before;
    }
    Eigen::Index row = fit.order.p;
    for (std::size_t j = 0; j < fit.order.q.size(); ++j) {
      const double by = change(static_cast<Eigen::Index>(j));
      for (int l = 0; l <= std::min<Eigen::Index>(fit.order.q[j], h); ++l) {
        result.cumulative(h) += b(row + l) * by;
        gradient(row + l, h) += by;
      }
      row += fit.order.q[j] + 1;
    }
  }
  result.standard_error =
      (gradient.transpose() * levels.covariance).cwiseProduct(gradient.transpose()).rowwise().sum();
  result.standard_error = result.standard_error.cwiseMax(0).cwiseSqrt().eval();
  const double quantile = t_quantile(fit, level);
  result.lower = result.cumulative - quantile * result.standard_error;
  result.upper = result.cumulative + quantile * result.standard_error;
  result.long_run = 0;
  for (std::size_t j = 0; j < fit.forcing.size(); ++j) {
    result.long_run -= change(static_cast<Eigen::Index>(j)) * fit.coefficient(fit.forcing[j]) /
                       fit.coefficient(fit.level);
  }
  return result;
}

}  // namespace amnok
