#include "engine/regression/panel.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/regression/heterogeneous_panel.h"
#include "engine/solver/covariance.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/random_stream.h"
#include "tests/support/numbers.h"

namespace amnok {

namespace {

std::vector<double> draws(std::size_t n, std::uint32_t draw) {
  std::vector<double> z(n);
  fill_normals({1971, Purpose::simulation, 7}, draw, z);
  return z;
}

// n entities over t periods; every `gap`-th cell is missing (0: none); rows in a scrambled order.
// y = 1 + x'(1, -0.5) + a_i + g_t + e, x_1 correlated with a_i.
PanelData panel(int n, int t, int gap, std::uint32_t draw) {
  const std::vector<double> z = draws(static_cast<std::size_t>(n * t * 3 + n + t), draw);
  std::vector<int> entity, time;
  std::vector<double> x1, x2, y;
  const int cells = n * t;
  for (int c = 0; c < cells; ++c) {
    const int cell = static_cast<int>((static_cast<long long>(c) * 7919) % cells);  // a prime
    const int i = cell / t, s = cell % t;
    if (gap > 0 && (i * 31 + s * 17 + i * s) % gap == 0) continue;
    const auto at = static_cast<std::size_t>(cell);
    const double a = z[static_cast<std::size_t>(3 * cells + i)];
    const double g = z[static_cast<std::size_t>(3 * cells + n + s)];
    entity.push_back(i);
    time.push_back(s);
    x1.push_back(z[at] + a);
    x2.push_back(z[at + static_cast<std::size_t>(cells)] - 0.5 * g);
    y.push_back(1 + x1.back() - 0.5 * x2.back() + a + g +
                z[at + static_cast<std::size_t>(2 * cells)]);
  }
  PanelData data;
  const auto rows = static_cast<Eigen::Index>(y.size());
  data.y = Eigen::Map<VectorXd>(y.data(), rows);
  data.x.resize(rows, 2);
  data.x << Eigen::Map<VectorXd>(x1.data(), rows), Eigen::Map<VectorXd>(x2.data(), rows);
  data.entity = {entity, n};
  data.time = {time, t};
  return data;
}

MatrixXd dummies(const Groups& groups) {
  MatrixXd d = MatrixXd::Zero(groups.size(), groups.count);
  for (Eigen::Index t = 0; t < groups.size(); ++t)
    d(t, groups.code[static_cast<std::size_t>(t)]) = 1;
  return d;
}

MatrixXd beside(const MatrixXd& left, const MatrixXd& right) {
  MatrixXd both(left.rows(), left.cols() + right.cols());
  both << left, right;
  return both;
}

}  // namespace

TEST_CASE("panel: within is least squares on dummies, complete or not, one set or two") {
  for (int gap : {0, 3}) {
    const PanelData data = panel(9, 6, gap, 1);
    for (PanelEffects effects : {PanelEffects::entity, PanelEffects::time, PanelEffects::two_way}) {
      MatrixXd d(data.rows(), 0);
      if (effects != PanelEffects::time) d = dummies(data.entity);
      if (effects != PanelEffects::entity) d = beside(d, dummies(data.time));
      const LinearFit dummy = solve(LinearLeastSquares{beside(d, data.x), data.y});
      const WithinFit fit = within(data, effects);
      INFO(fit.estimator << ", gap " << gap);
      CHECK((fit.coefficients - dummy.coefficients.tail(2)).norm() < 1e-12);
      CHECK_THAT(fit.rss, AgreesTo(dummy.rss, 12));
      CHECK(fit.df_residual == dummy.df_residual());
      CHECK(fit.xtx_inverse.isApprox(dummy.xtx_inverse.bottomRightCorner(2, 2), 1e-10));
    }
  }
}

TEST_CASE("panel: periods that share no entity are parts of their own") {
  PanelData data = panel(8, 6, 0, 2);
  std::vector<Eigen::Index> kept;
  for (Eigen::Index t = 0; t < data.rows(); ++t) {
    const auto at = static_cast<std::size_t>(t);
    if ((data.entity.code[at] < 4) == (data.time.code[at] < 3)) kept.push_back(t);
  }
  PanelData split = data;
  split.y = data.y(kept);
  split.x = data.x(kept, Eigen::all);
  split.entity.code.clear();
  split.time.code.clear();
  for (Eigen::Index t : kept) {
    split.entity.code.push_back(data.entity.code[static_cast<std::size_t>(t)]);
    split.time.code.push_back(data.time.code[static_cast<std::size_t>(t)]);
  }
  const MatrixXd d = beside(dummies(split.entity), dummies(split.time));
  const LinearFit dummy = solve(LinearLeastSquares{beside(d, split.x), split.y});
  const WithinFit fit = within(split, PanelEffects::two_way);
  CHECK(fit.effect_parameters == 8 + 6 - 2);
  CHECK(fit.df_residual == dummy.df_residual());
  CHECK((fit.coefficients - dummy.coefficients.tail(2)).norm() < 1e-12);
}

TEST_CASE("fixed effects: many groups of both kinds leave sums of zero, with weights too") {
  // 2500 x 2500 groups and 10000 rows: left to conjugate gradients.
  constexpr int kRows = 10000, kGroups = 2500;
  const std::vector<double> z = draws(4 * kRows, 3);
  Effects effects;
  MatrixXd x(kRows, 2);
  VectorXd y(kRows), w(kRows);
  for (int t = 0; t < kRows; ++t) {
    const auto at = static_cast<std::size_t>(t);
    effects.first.code.push_back(t % kGroups);
    effects.second.code.push_back((t * 37 + t / kGroups * 11 + (t * t) % 101) % kGroups);
    x.row(t) << z[at] + 0.01 * (t % 50), z[at + kRows];
    y(t) = x(t, 0) + z[at + 2 * kRows] + (t % kGroups) * 0.01;
    w(t) = std::exp(z[at + 3 * kRows]);
  }
  effects.first.count = effects.second.count = kGroups;
  for (const VectorXd& weights : {VectorXd(), w}) {
    const FixedEffectsFit fit = fit_fixed_effects(x, y, effects, weights);
    INFO(fit.message);
    CHECK(fit.status == FitStatus::converged);
    VectorXd e = fit.residuals;
    MatrixXd less = less_effects(x, effects, weights);
    if (weights.size() > 0) {
      e = e.cwiseProduct(w);
      less = w.asDiagonal() * less;
    }
    CHECK(group_sums(e, effects.first).cwiseAbs().maxCoeff() < 1e-8);
    CHECK(group_sums(e, effects.second).cwiseAbs().maxCoeff() < 1e-8);
    CHECK((less.transpose() * fit.residuals).cwiseAbs().maxCoeff() < 1e-7);
  }
}

TEST_CASE("fixed effects: a group without rows changes nothing") {
  const PanelData data = panel(9, 6, 3, 1);
  Effects effects{data.entity, data.time};
  const FixedEffectsFit fit = fit_fixed_effects(data.x, data.y, effects);
  effects.first.count += 2;
  effects.second.count += 1;
  const FixedEffectsFit more = fit_fixed_effects(data.x, data.y, effects);
  CHECK(more.parameters == fit.parameters);
  CHECK((more.coefficients - fit.coefficients).norm() < 1e-13);
}

TEST_CASE("fixed effects: clustered errors are those of the transformed rows") {
  const PanelData data = panel(12, 7, 5, 4);
  const Effects effects{data.entity, data.time};
  const FixedEffectsFit fit = fit_fixed_effects(data.x, data.y, effects);
  const WithinFit whole = within(data, PanelEffects::two_way);
  for (const Groups& clusters : {data.entity, data.time}) {
    const MatrixXd expected =
        sandwich(whole.xtx_inverse,
                 clustered_covariance(regression_scores(whole.x, whole.residuals), clusters));
    CHECK(clustered_fixed_effects(data.x, effects, fit, clusters, false).isApprox(expected, 1e-10));
    CHECK(clustered_fixed_effects(data.x, effects, fit, clusters, true)
              .isApprox(cluster_factor(whole, clusters) * expected, 1e-10));
  }
}

TEST_CASE("fixed effects: what the effects take is named") {
  PanelData data = panel(8, 5, 0, 5);
  data.x.col(1) = dummies(data.entity).col(2) + 2 * dummies(data.entity).col(5);
  CHECK_THROWS_WITH(within(data, PanelEffects::entity),
                    Catch::Contains("column 1 does not vary beyond the fixed effects"));
  data = panel(8, 5, 0, 5);
  data.x.col(1) = 3 * data.x.col(0) + dummies(data.time).col(1);
  CHECK_THROWS_WITH(within(data, PanelEffects::two_way),
                    Catch::Contains("column 1 is a linear combination"));
  data.time.code.assign(data.time.code.size(), 0);
  CHECK_THROWS_WITH(pooled(data), Catch::Contains("twice in one period"));
}

TEST_CASE("panel: random effects are generalised least squares") {
  const PanelData data = panel(10, 6, 4, 6);
  const MatrixXd x = beside(MatrixXd::Ones(data.rows(), 1), data.x);
  for (VarianceComponents method :
       {VarianceComponents::swamy_arora, VarianceComponents::wallace_hussain,
        VarianceComponents::amemiya, VarianceComponents::nerlove}) {
    const RandomEffectsFit fit = random_effects(data, method);
    const MatrixXd d = dummies(data.entity);
    MatrixXd omega = fit.sigma2_entity * d * d.transpose();
    omega.diagonal().array() += fit.sigma2_idiosyncratic;
    const MatrixXd weight = omega.inverse();
    const VectorXd b = (x.transpose() * weight * x).ldlt().solve(x.transpose() * weight * data.y);
    CHECK((fit.coefficients - b).norm() < 1e-10);
    CHECK(fit.sigma2_entity > 0);
  }
}

TEST_CASE("panel: variances of incomplete panels are unbiased", "[slow]") {
  // s2_a = 1 and s2_e = 1 with slopes that the regressors' link to a_i does not disturb: a_i is
  // drawn anew. 300 samples of 30 entities: the means' standard errors are 0.004 and 0.017.
  constexpr int kDraws = 300;
  for (VarianceComponents method :
       {VarianceComponents::swamy_arora, VarianceComponents::wallace_hussain,
        VarianceComponents::amemiya}) {
    double idiosyncratic = 0, entity = 0;
    for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
      PanelData data = panel(30, 8, 3, 200);
      const std::vector<double> z = draws(static_cast<std::size_t>(data.rows() + 30), 7000 + draw);
      data.y = data.x * Eigen::Vector2d(1, 2);
      for (Eigen::Index t = 0; t < data.rows(); ++t) {
        const auto at = static_cast<std::size_t>(t);
        data.y(t) += z[at] + z[static_cast<std::size_t>(data.rows() + data.entity.code[at])];
      }
      const RandomEffectsFit fit = random_effects(data, method);
      idiosyncratic += fit.sigma2_idiosyncratic / kDraws;
      entity += fit.sigma2_entity / kDraws;
    }
    CHECK(idiosyncratic == Approx(1).margin(0.025));
    CHECK(entity == Approx(1).margin(0.07));
  }
}

TEST_CASE("panel: robust covariances meet where they must") {
  const PanelData data = panel(8, 10, 0, 7);
  const WithinFit fit = within(data, PanelEffects::entity);
  CHECK(panel_covariance(fit, PanelErrors::driscoll_kraay, 0)
            .isApprox(panel_covariance(fit, PanelErrors::time), 1e-12));
  CHECK(panel_covariance(fit, PanelErrors::both)
            .isApprox(panel_covariance(fit, PanelErrors::entity) +
                          panel_covariance(fit, PanelErrors::time) -
                          panel_covariance(fit, PanelErrors::white),
                      1e-12));
  // Beck and Katz of the dense covariance.
  const PanelFit pool = pooled(data);
  MatrixXd e(10, 8);
  for (Eigen::Index t = 0; t < data.rows(); ++t) {
    const auto at = static_cast<std::size_t>(t);
    e(data.time.code[at], data.entity.code[at]) = pool.residuals(t);
  }
  const MatrixXd sigma = e.transpose() * e / 10;
  MatrixXd omega = MatrixXd::Zero(data.rows(), data.rows());
  for (Eigen::Index s = 0; s < data.rows(); ++s) {
    for (Eigen::Index t = 0; t < data.rows(); ++t) {
      const auto a = static_cast<std::size_t>(s), b = static_cast<std::size_t>(t);
      if (data.time.code[a] == data.time.code[b]) {
        omega(s, t) = sigma(data.entity.code[a], data.entity.code[b]);
      }
    }
  }
  CHECK(panel_covariance(pool, PanelErrors::panel_corrected)
            .isApprox(sandwich(pool.xtx_inverse, pool.x.transpose() * omega * pool.x), 1e-11));
}

TEST_CASE("panel: differences of two periods are the within estimate with two-way effects") {
  const PanelData data = panel(15, 2, 0, 8);
  const PanelFit differences = first_differences(data);
  const WithinFit fit = within(data, PanelEffects::two_way);
  CHECK((differences.coefficients.tail(2) - fit.coefficients).norm() < 1e-12);
  CHECK(differences.df_residual == fit.df_residual);
}

TEST_CASE("panel: tests at values known beforehand") {
  // Equal residuals of all entities: every correlation is one.
  const PanelData data = panel(6, 8, 0, 9);
  VectorXd same(data.rows());
  for (Eigen::Index t = 0; t < data.rows(); ++t) {
    same(t) = std::sin(1.0 + data.time.code[static_cast<std::size_t>(t)]);
  }
  CHECK_THAT(pesaran_cd(same, data.entity, data.time).statistic,
             AgreesTo(std::sqrt(8.0 * 6 * 5 / 2), 12));
  // The restricted regression of the F test is the pooled one.
  const PanelFit pool = pooled(data);
  const Diagnostic f = effects_f_test(pool, within(data, PanelEffects::entity));
  CHECK(f.df == 5);
  CHECK(f.df2 == 48 - 8);
  // Estimates that agree: no evidence. (The difference of two equal covariances is singular.)
  CHECK(std::isnan(hausman(pool, pool).statistic));
}

TEST_CASE("panel: incomplete panels as plm has them") {
  // R 4.2, plm 2.6.2: pcdtest(pooling), pcdtest(within), ercomp(random.method = "nerlove").
  PanelData data;
  data.entity = {{0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2}, 3};
  data.time = {{0, 1, 2, 3, 4, 0, 1, 3, 4, 1, 2, 4}, 5};
  data.x.resize(12, 1);
  data.x << 1, 3, 2, 5, 4, 2, 6, 3, 7, 1, 4, 2;
  data.y.resize(12);
  data.y << 2.1, 5.2, 3.9, 8.4, 7.1, 5.0, 11.2, 6.3, 13.5, 0.4, 7.2, 3.3;
  const auto cd = [&](const PanelFit& fit) {
    return pesaran_cd(fit.residuals, data.entity, data.time).statistic;
  };
  CHECK_THAT(cd(pooled(data)), AgreesTo(1.93619783208044, 12));
  CHECK_THAT(cd(within(data, PanelEffects::entity)), AgreesTo(2.54936297585507, 12));
  const RandomEffectsFit nerlove = random_effects(data, VarianceComponents::nerlove);
  CHECK_THAT(nerlove.sigma2_idiosyncratic, AgreesTo(0.166763157894737, 12));
  CHECK_THAT(nerlove.sigma2_entity, AgreesTo(0.612385180055401, 12));
  CHECK_THAT(nerlove.coefficients(1), AgreesTo(1.743780011031342, 12));
}

TEST_CASE("panel: sizes of the tests, and effects they must see", "[slow]") {
  int cd = 0, wooldridge = 0, lm = 0;
  constexpr int kDraws = 300;
  for (std::uint32_t draw = 0; draw < kDraws; ++draw) {
    PanelData data = panel(20, 10, 0, 100 + draw);
    // No effects: y = x'b + e.
    const std::vector<double> e = draws(200, 5000 + draw);
    data.y = data.x * Eigen::Vector2d(1, -0.5) + Eigen::Map<const VectorXd>(e.data(), 200);
    const WithinFit fit = within(data, PanelEffects::entity);
    cd += pesaran_cd(fit.residuals, data.entity, data.time).p_value < 0.05;
    wooldridge += wooldridge_within(fit).p_value < 0.05;
    lm += breusch_pagan_effects(pooled(data)).p_value < 0.05;
  }
  CHECK(cd <= 30);
  CHECK(wooldridge <= 45);  // clusters are few: over-rejects a little
  CHECK(lm <= 30);
  CHECK(breusch_pagan_effects(pooled(panel(40, 20, 0, 1))).p_value < 1e-6);
}

TEST_CASE("panel: common correlated effects see through a factor") {
  // y = b_i x + l_i f + e, x = m_i f + v with loadings that go together: within slopes are biased.
  constexpr int kEntities = 40, kPeriods = 30;
  const std::vector<double> z = draws(kEntities * kPeriods * 2 + kPeriods + 3 * kEntities, 10);
  PanelData data;
  data.y.resize(kEntities * kPeriods);
  data.x.resize(kEntities * kPeriods, 1);
  for (int i = 0; i < kEntities; ++i) {
    for (int t = 0; t < kPeriods; ++t) {
      const int row = i * kPeriods + t;
      const auto at = static_cast<std::size_t>(row),
                 half = static_cast<std::size_t>(kEntities * kPeriods);
      const double f = z[2 * half + static_cast<std::size_t>(t)];
      const double loading = 1 + 0.5 * z[2 * half + kPeriods + static_cast<std::size_t>(i)];
      const double slope =
          1 + 0.2 * z[2 * half + kPeriods + kEntities + static_cast<std::size_t>(i)];
      data.x(row, 0) = loading * f + z[at];
      data.y(row) = slope * data.x(row, 0) + 2 * loading * f + z[at + half];
      data.entity.code.push_back(i);
      data.time.code.push_back(t);
    }
  }
  data.entity.count = kEntities;
  data.time.count = kPeriods;
  CHECK(within(data, PanelEffects::entity).coefficients(0) > 1.5);
  CHECK(mean_group(data).coefficients(0) > 1.5);
  for (const HeterogeneousFit& fit : {cce_mean_group(data), cce_pooled(data)}) {
    const double se = std::sqrt(fit.covariance(0, 0));
    CHECK(std::fabs(fit.coefficients(0) - 1) < 3 * se);
    CHECK(se < 0.08);
  }
}

TEST_CASE("panel: one slope for all makes mean group the mean of equal regressions") {
  PanelData data = panel(6, 9, 0, 11);
  data.y = 2 + (data.x * Eigen::Vector2d(0.3, 0.7)).array();
  const HeterogeneousFit fit = mean_group(data);
  CHECK((fit.coefficients - Eigen::Vector2d(0.3, 0.7)).norm() < 1e-12);
  CHECK(fit.covariance.cwiseAbs().maxCoeff() < 1e-20);
  PanelData few = panel(6, 3, 0, 11);
  CHECK_THROWS_AS(cce_mean_group(few), InputError);
}

}  // namespace amnok
