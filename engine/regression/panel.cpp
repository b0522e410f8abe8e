#include "engine/regression/panel.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/covariance.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"
#include "engine/stats/hac.h"

namespace amnok {

namespace {

MatrixXd beside_ones(const MatrixXd& x, bool constant) {
  MatrixXd all(x.rows(), x.cols() + (constant ? 1 : 0));
  if (constant) all.col(0).setOnes();
  all.rightCols(x.cols()) = x;
  return all;
}

// Least squares of transformed rows. `shift`: 1 where column 0 is the constant.
PanelFit regression(std::string estimator, MatrixXd x, const VectorXd& y, bool constant) {
  if (y.size() <= x.cols()) {
    throw InputError(
        fmt::format("the number of rows of {} is {}, but must be above {}, the number "
                    "of coefficients",
                    estimator, y.size(), x.cols()));
  }
  LinearFit fit = solve(LinearLeastSquares{x, y});
  ProblemList problems;
  for (int j : fit.aliased) {
    problems.error(
        {},
        fmt::format("perfectly collinear in {}: column {} is a linear combination of "
                    "{}the columns before it",
                    estimator, j - (constant ? 1 : 0), constant ? "the constant and " : ""),
        "leave it out");
  }
  problems.throw_if_errors();
  PanelFit result;
  result.estimator = std::move(estimator);
  result.constant = constant;
  result.coefficients = std::move(fit.coefficients);
  result.xtx_inverse = std::move(fit.xtx_inverse);
  result.residuals = std::move(fit.residuals);
  result.rss = fit.rss;
  result.df_residual = static_cast<int>(y.size() - x.cols());
  result.x = std::move(x);
  return result;
}

void require_panel(const PanelData& data) {
  const Eigen::Index n = data.rows();
  AMNOK_CHECK(data.x.rows() == n && data.entity.size() == n && data.time.size() == n,
              "y has {} rows, x {}, entity {}, time {}", n, data.x.rows(), data.entity.size(),
              data.time.size());
  AMNOK_CHECK(group_sizes(data.entity).minCoeff() > 0, "an entity of {} has no row",
              data.entity.count);
  if (intersection(data.entity, data.time).count < n) {
    throw InputError("an entity is observed twice in one period, but must be once at most");
  }
}

int code(const Groups& groups, Eigen::Index row) {
  return groups.code[static_cast<std::size_t>(row)];
}

// Pairs of rows (before, now) of one entity in neighbouring periods.
struct Neighbours {
  std::vector<int> before, now;
};
Neighbours neighbours(const Groups& entity, const Groups& time) {
  std::vector<Eigen::Index> order(static_cast<std::size_t>(entity.size()));
  std::iota(order.begin(), order.end(), Eigen::Index{0});
  std::sort(order.begin(), order.end(), [&](Eigen::Index a, Eigen::Index b) {
    return std::pair(code(entity, a), code(time, a)) < std::pair(code(entity, b), code(time, b));
  });
  Neighbours pairs;
  for (std::size_t r = 1; r < order.size(); ++r) {
    const Eigen::Index before = order[r - 1], now = order[r];
    if (code(entity, before) != code(entity, now)) continue;
    if (code(time, now) != code(time, before) + 1) continue;
    pairs.before.push_back(static_cast<int>(before));
    pairs.now.push_back(static_cast<int>(now));
  }
  return pairs;
}

// Residuals as a table of periods by entities, zero where there is none, and which are there.
struct ResidualTable {
  MatrixXd values, present;
};
ResidualTable residual_table(const VectorView& residuals, const Groups& row, const Groups& column) {
  ResidualTable table{MatrixXd::Zero(row.count, column.count),
                      MatrixXd::Zero(row.count, column.count)};
  for (Eigen::Index t = 0; t < residuals.size(); ++t) {
    table.values(code(row, t), code(column, t)) = residuals(t);
    table.present(code(row, t), code(column, t)) = 1;
  }
  return table;
}

// sum over s of X_s' S X_s with S_ij the mean of e_i e_j over common s.
MatrixXd correlated_meat(const PanelFit& fit, const Groups& s, const Groups& i) {
  const ResidualTable table = residual_table(fit.residuals, s, i);
  const MatrixXd common = table.present.transpose() * table.present;
  const MatrixXd covariance =
      (table.values.transpose() * table.values).cwiseQuotient(common.cwiseMax(1));
  const Eigen::Index k = fit.x.cols();
  // Of each s, the rows of X by i.
  std::vector<std::vector<Eigen::Index>> rows(static_cast<std::size_t>(s.count));
  for (Eigen::Index t = 0; t < fit.x.rows(); ++t) {
    rows[static_cast<std::size_t>(code(s, t))].push_back(t);
  }
  MatrixXd meat = MatrixXd::Zero(k, k);
  for (const std::vector<Eigen::Index>& of_s : rows) {
    std::vector<int> who;
    for (Eigen::Index t : of_s) who.push_back(code(i, t));
    const MatrixXd x = fit.x(of_s, Eigen::all);
    meat += x.transpose() * covariance(who, who) * x;
  }
  return meat;
}

// Least squares of residuals on their lag with a constant, tested at a slope.
Diagnostic lag_test(const char* name, const PanelFit& fit, double slope) {
  const Neighbours pairs = neighbours(fit.entity, fit.time);
  MatrixXd x = MatrixXd::Ones(static_cast<Eigen::Index>(pairs.now.size()), 2);
  x.col(1) = fit.residuals(pairs.before);
  PanelFit lag = regression(name, x, fit.residuals(pairs.now), true);
  lag.entity = group_subset(fit.entity, pairs.now);
  lag.time = group_subset(fit.time, pairs.now);
  Diagnostic test{name, 1, kMissing, 1, static_cast<double>(lag.df_residual), kMissing, ""};
  // The scores of one cluster alone sum to zero.
  if ((group_sizes(lag.entity).array() > 0).count() < 2) return test;
  const double variance = panel_covariance(lag, PanelErrors::entity)(1, 1);
  test.statistic = std::pow(lag.coefficients(1) - slope, 2) / variance;
  test.p_value = f_sf(test.statistic, test.df, test.df2);
  return test;
}

struct Components {
  double idiosyncratic = 0, entity = 0;
};

// Sums of squares within entities and of their means.
struct SquaresOf {
  double within = 0, between = 0;
};
SquaresOf squares_of(const VectorXd& e, const Groups& entity) {
  const double inside = within_groups(e, entity).squaredNorm();
  return {inside, e.squaredNorm() - inside};
}

bool is_balanced(const Groups& entity) {
  const VectorXd sizes = group_sizes(entity);
  return sizes.minCoeff() == sizes.maxCoeff();
}

// The textbook's divisors, n - N and N: for complete panels.
Components by_divisors(const SquaresOf& squares, const PanelData& data) {
  const auto n = static_cast<double>(data.rows());
  const double entities = data.entity.count;
  Components c;
  c.idiosyncratic = squares.within / (n - entities);
  c.entity = (squares.between - entities * c.idiosyncratic) / n;
  return c;
}

// Pooled residuals e = My: E[e'Qe] and E[e'Pe] in s2_e and s2_a, P the means' and Q the deviations'
// projection (Baltagi & Chang 1994, section 2).
Components by_expected_pooled(const SquaresOf& squares, const PanelData& data) {
  const MatrixXd x = beside_ones(data.x, data.constant);
  const MatrixXd xx = x.transpose() * x, sums = group_sums(x, data.entity);
  const MatrixXd inverse = xx.llt().solve(MatrixXd::Identity(xx.rows(), xx.cols()));
  const MatrixXd means =
      sums.transpose() * group_sizes(data.entity).cwiseInverse().asDiagonal() * sums;
  const MatrixXd means_part = inverse * means, entity_part = inverse * sums.transpose() * sums;
  const auto n = static_cast<double>(data.rows());
  const double entities = data.entity.count, k = static_cast<double>(x.cols());
  const double both = (means_part * entity_part).trace();
  Eigen::Matrix2d expected;
  expected << n - entities - k + means_part.trace(), entity_part.trace() - both,
      entities - means_part.trace(), n - 2 * entity_part.trace() + both;
  const Eigen::Vector2d variances =
      expected.inverse() * Eigen::Vector2d(squares.within, squares.between);
  return {variances(0), variances(1)};
}

// Residuals of the within slopes less their mean, likewise.
Components by_expected_within(const SquaresOf& squares, const PanelData& data,
                              const WithinFit& fixed) {
  const VectorXd sizes = group_sizes(data.entity);
  const Eigen::RowVectorXd mean = data.x.colwise().mean();
  const MatrixXd means = group_means(data.x, data.entity).rowwise() - mean;
  const auto n = static_cast<double>(data.rows());
  const double of_means =
      (fixed.xtx_inverse * means.transpose() * sizes.asDiagonal() * means).trace();
  Components c;
  c.idiosyncratic = squares.within / fixed.df_residual;
  c.entity = (squares.between - (data.entity.count - 1 + of_means) * c.idiosyncratic) /
             (n - sizes.squaredNorm() / n);
  return c;
}

// Residuals of entity means, each as often as it is observed; their expected sum of squares is
// (N - K) s2_e + (n - tr[(X'PX)^-1 X'ZZ'X]) s2_a.
Components swamy_arora(const PanelData& data, const WithinFit& fixed) {
  Components c;
  c.idiosyncratic = fixed.sigma2();
  const VectorXd sizes = group_sizes(data.entity), root = sizes.cwiseSqrt();
  const MatrixXd means = beside_ones(group_means(data.x, data.entity), data.constant);
  const LinearFit weighted = solve(
      LinearLeastSquares{root.asDiagonal() * means,
                         VectorXd(root.asDiagonal() * group_means(data.y, data.entity).col(0))});
  const MatrixXd sums = sizes.asDiagonal() * means;
  const double trace = (weighted.xtx_inverse * (sums.transpose() * sums)).trace();
  const double df = static_cast<double>(data.entity.count) - weighted.rank;
  if (df <= 0) {
    throw InputError(
        fmt::format("the number of entities is {}, but must be above {} for the "
                    "Swamy-Arora variances",
                    data.entity.count, weighted.rank));
  }
  c.entity = (weighted.rss - df * c.idiosyncratic) / (static_cast<double>(data.rows()) - trace);
  return c;
}

Components variance_components(const PanelData& data, VarianceComponents method) {
  const bool balanced = is_balanced(data.entity);
  if (method == VarianceComponents::wallace_hussain) {
    const SquaresOf squares = squares_of(pooled(data).residuals, data.entity);
    return balanced ? by_divisors(squares, data) : by_expected_pooled(squares, data);
  }
  const WithinFit fixed = within(data, PanelEffects::entity);
  if (method == VarianceComponents::swamy_arora) return swamy_arora(data, fixed);
  if (method == VarianceComponents::amemiya) {
    const VectorXd e = data.y - data.x * fixed.coefficients;
    const SquaresOf squares = squares_of(e.array() - e.mean(), data.entity);
    return balanced ? by_divisors(squares, data) : by_expected_within(squares, data, fixed);
  }
  // Each effect counts as often as its entity is observed.
  const VectorXd& a = fixed.entity_effects;
  const VectorXd shares = group_sizes(data.entity) / static_cast<double>(data.rows());
  const auto entities = static_cast<double>(a.size());
  return {fixed.rss / static_cast<double>(data.rows()),
          shares.dot((a.array() - shares.dot(a)).square().matrix()) * entities / (entities - 1)};
}

}  // namespace

PanelFit pooled(const PanelData& data) {
  require_panel(data);
  PanelFit fit = regression("pooled", beside_ones(data.x, data.constant), data.y, data.constant);
  fit.entity = data.entity;
  fit.time = data.time;
  return fit;
}

PanelFit between(const PanelData& data) {
  require_panel(data);
  PanelFit fit = regression("between", beside_ones(group_means(data.x, data.entity), data.constant),
                            group_means(data.y, data.entity), data.constant);
  fit.entity = equal_blocks(data.entity.count, 1);
  return fit;
}

PanelFit first_differences(const PanelData& data) {
  require_panel(data);
  const Neighbours pairs = neighbours(data.entity, data.time);
  const MatrixXd dx = data.x(pairs.now, Eigen::all) - data.x(pairs.before, Eigen::all);
  PanelFit fit = regression("first differences", beside_ones(dx, data.constant),
                            data.y(pairs.now) - data.y(pairs.before), data.constant);
  fit.entity = group_subset(data.entity, pairs.now);
  fit.time = group_subset(data.time, pairs.now);
  return fit;
}

WithinFit within(const PanelData& data, PanelEffects effects) {
  require_panel(data);
  const Effects sets{effects == PanelEffects::time ? data.time : data.entity,
                     effects == PanelEffects::two_way ? data.time : Groups{}};
  FixedEffectsFit fixed = fit_fixed_effects(data.x, data.y, sets);
  WithinFit fit;
  fit.estimator = effects == PanelEffects::two_way ? "two-way within"
                  : effects == PanelEffects::time  ? "within periods"
                                                   : "within";
  fit.coefficients = fixed.coefficients;
  fit.xtx_inverse = fixed.xtx_inverse;
  fit.x = less_effects(data.x, sets);
  fit.residuals = fixed.residuals;
  fit.rss = fixed.rss;
  fit.df_residual = fixed.df_residual;
  fit.effect_parameters = fixed.parameters;
  fit.entity = data.entity;
  fit.time = data.time;
  const VectorXd fitted = fit.x * fit.coefficients;
  fit.r2_within = 1 - fixed.rss / (fitted + fixed.residuals).squaredNorm();
  (effects == PanelEffects::time ? fit.time_effects : fit.entity_effects) = fixed.first_effects();
  if (effects == PanelEffects::two_way) {
    fit.time_effects = fixed.second_effects();
    const double first = fit.time_effects(0);
    fit.time_effects.array() -= first;
    fit.entity_effects.array() += first;
  }
  return fit;
}

RandomEffectsFit random_effects(const PanelData& data, VarianceComponents method) {
  require_panel(data);
  const Components c = variance_components(data, method);
  RandomEffectsFit fit;
  fit.sigma2_idiosyncratic = c.idiosyncratic;
  fit.truncated = c.entity < 0;
  fit.sigma2_entity = std::max(c.entity, 0.0);
  fit.theta = group_sizes(data.entity).unaryExpr([&](double t) {
    return 1 - std::sqrt(c.idiosyncratic / (c.idiosyncratic + t * fit.sigma2_entity));
  });
  const MatrixXd x = beside_ones(data.x, data.constant);
  const VectorXd theta = fit.theta(data.entity.code);
  const auto transformed = [&](const MatrixXd& rows) {
    const MatrixXd means = group_means(rows, data.entity);
    return MatrixXd(rows - theta.asDiagonal() * means(data.entity.code, Eigen::all));
  };
  static_cast<PanelFit&>(fit) =
      regression("random effects", transformed(x), transformed(data.y), data.constant);
  fit.entity = data.entity;
  fit.time = data.time;
  return fit;
}

MatrixXd panel_covariance(const PanelFit& fit, PanelErrors errors, int lags) {
  const MatrixXd scores = regression_scores(fit.x, fit.residuals);
  MatrixXd meat;
  switch (errors) {
    case PanelErrors::white:
      meat = scores.transpose() * scores;
      break;
    case PanelErrors::entity:
      meat = clustered_covariance(scores, fit.entity);
      break;
    case PanelErrors::time:
      meat = clustered_covariance(scores, fit.time);
      break;
    case PanelErrors::both:
      meat = clustered_covariance(scores, fit.entity, fit.time);
      break;
    case PanelErrors::driscoll_kraay:
      meat = newey_west(group_sums(scores, fit.time), lags);
      break;
    case PanelErrors::panel_corrected:
      meat = correlated_meat(fit, fit.time, fit.entity);
      break;
    case PanelErrors::within_corrected:
      meat = correlated_meat(fit, fit.entity, fit.time);
      break;
  }
  return sandwich(fit.xtx_inverse, meat);
}

double cluster_factor(const PanelFit& fit, const Groups& clusters) {
  const auto n = static_cast<double>(fit.residuals.size());
  const double g = clusters.count, k = static_cast<double>(fit.coefficients.size());
  AMNOK_CHECK(g > 1, "{} clusters", g);
  return g / (g - 1) * (n - 1) / (n - k);
}

Diagnostic hausman(const PanelFit& consistent, const PanelFit& efficient) {
  const Eigen::Index k = consistent.slopes();
  AMNOK_CHECK(k == efficient.slopes(), "{} and {} slopes", k, efficient.slopes());
  const VectorXd d = consistent.coefficients.tail(k) - efficient.coefficients.tail(k);
  const MatrixXd v = consistent.covariance().bottomRightCorner(k, k) -
                     efficient.covariance().bottomRightCorner(k, k);
  Diagnostic test{"hausman", 0, kMissing, static_cast<double>(k), kMissing, kMissing, ""};
  const VectorXd scale = v.diagonal().cwiseAbs().cwiseSqrt();
  if (k == 0 || !(scale.minCoeff() > 0)) return test;
  const VectorXd shrink = scale.cwiseInverse();
  const Eigen::LDLT<MatrixXd> ldlt(shrink.asDiagonal() * v * shrink.asDiagonal());
  if (ldlt.vectorD().cwiseAbs().minCoeff() < 1e-12) return test;
  const VectorXd scaled = shrink.cwiseProduct(d);
  test.statistic = std::fabs(scaled.dot(ldlt.solve(scaled)));
  test.p_value = chi_squared_sf(test.statistic, test.df);
  return test;
}

Diagnostic effects_f_test(const PanelFit& pooled, const WithinFit& within) {
  Diagnostic test{"effects_f", 0, kMissing, kMissing, kMissing, kMissing, ""};
  test.df = pooled.df_residual - within.df_residual;
  test.df2 = within.df_residual;
  test.statistic = (pooled.rss - within.rss) / test.df / within.sigma2();
  test.p_value = f_sf(test.statistic, test.df, test.df2);
  return test;
}

Diagnostic breusch_pagan_effects(const PanelFit& pooled) {
  const auto n = static_cast<double>(pooled.residuals.size());
  const double a = group_sums(pooled.residuals, pooled.entity).squaredNorm() / pooled.rss - 1;
  const double squares = group_sizes(pooled.entity).squaredNorm();
  Diagnostic test{"breusch_pagan_effects", 0, kMissing, 1, kMissing, kMissing, ""};
  if (squares <= n) return test;  // every entity is observed once
  test.statistic = n * n * a * a / (2 * (squares - n));
  test.p_value = chi_squared_sf(test.statistic, 1);
  return test;
}

Diagnostic wooldridge_within(const PanelFit& within) {
  const double mean_periods = static_cast<double>(within.residuals.size()) / within.entity.count;
  return lag_test("wooldridge_within", within, -1 / (mean_periods - 1));
}

Diagnostic wooldridge_differences(const PanelFit& differences) {
  return lag_test("wooldridge_differences", differences, -0.5);
}

Diagnostic pesaran_cd(const VectorView& residuals, const Groups& entity, const Groups& time) {
  const ResidualTable table = residual_table(residuals, time, entity);
  const MatrixXd common = table.present.transpose() * table.present;
  // Sums, sums of squares and of products of i over the periods that it has in common with j.
  const MatrixXd sums = table.values.transpose() * table.present;
  const MatrixXd squares = table.values.cwiseAbs2().transpose() * table.present;
  const MatrixXd products = table.values.transpose() * table.values;
  double sum = 0, pairs = 0;
  for (Eigen::Index i = 0; i < products.rows(); ++i) {
    for (Eigen::Index j = i + 1; j < products.cols(); ++j) {
      const double t = common(i, j);
      if (t < 2) continue;
      const double of_i = squares(i, j) - sums(i, j) * sums(i, j) / t;
      const double of_j = squares(j, i) - sums(j, i) * sums(j, i) / t;
      // Nothing but rounding is left of a residual that does not vary over these periods.
      if (of_i <= 1e-12 * squares(i, j) || of_j <= 1e-12 * squares(j, i)) continue;
      sum += std::sqrt(t) * (products(i, j) - sums(i, j) * sums(j, i) / t) / std::sqrt(of_i * of_j);
      ++pairs;
    }
  }
  Diagnostic test{"pesaran_cd", 0, kMissing, kMissing, kMissing, kMissing, ""};
  if (pairs == 0) return test;
  test.statistic = sum / std::sqrt(pairs);
  test.p_value = normal_two_sided_p(test.statistic);
  return test;
}

VectorXd entity_regression_residuals(const PanelData& data) {
  VectorXd residuals(data.rows());
  std::vector<std::vector<Eigen::Index>> rows(static_cast<std::size_t>(data.entity.count));
  for (Eigen::Index t = 0; t < data.rows(); ++t) {
    rows[static_cast<std::size_t>(code(data.entity, t))].push_back(t);
  }
  const MatrixXd x = beside_ones(data.x, true);
  for (const std::vector<Eigen::Index>& own : rows) {
    residuals(own) = solve(LinearLeastSquares{x(own, Eigen::all), data.y(own)}).residuals;
  }
  return residuals;
}

}  // namespace amnok
