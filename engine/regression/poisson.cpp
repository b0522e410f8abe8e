#include "engine/regression/poisson.h"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/base/check.h"
#include "engine/base/cross_product.h"
#include "engine/base/input_error.h"
#include "engine/solver/covariance.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/solver/normal_equations.h"

namespace amnok {

namespace {

// The rows in use; the whole sample is not copied until rows leave it.
struct Sample {
  MatrixXd x;
  VectorXd y, offset;
  Effects effects;
  std::vector<int> rows;

  bool absorbs() const { return effects.first.count > 0; }
};

void keep(Sample& sample, const std::vector<int>& kept) {
  if (kept.size() == sample.rows.size()) return;
  std::vector<int> rows;
  for (int t : kept) rows.push_back(sample.rows[static_cast<std::size_t>(t)]);
  sample.rows = std::move(rows);
  sample.x = MatrixXd(sample.x(kept, Eigen::all));
  sample.y = VectorXd(sample.y(kept));
  sample.offset = VectorXd(sample.offset(kept));
  if (sample.absorbs()) sample.effects.first = group_subset(sample.effects.first, kept);
  if (sample.effects.second.count > 0) {
    sample.effects.second = group_subset(sample.effects.second, kept);
  }
}

void require_target(const VectorView& y) {
  ProblemList problems;
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    if (std::isfinite(y(t)) && y(t) >= 0) continue;
    problems.error({},
                   fmt::format("y in row {} is {}, but must be at least 0 and finite", t, y(t)));
  }
  problems.throw_if_errors();
  if (y.size() == 0 || y.maxCoeff() <= 0) {
    throw InputError("y is 0 in every row, but must be positive in some");
  }
}

// Rows of groups in which y is zero throughout have a fitted mean of zero; leaving them out can
// empty groups of the other set.
void drop_zero_groups(Sample& sample) {
  for (bool changed = sample.absorbs(); changed;) {
    changed = false;
    for (const Groups* groups : {&sample.effects.first, &sample.effects.second}) {
      if (groups->count == 0) continue;
      const VectorXd sums = group_sums(sample.y, *groups);
      std::vector<int> kept;
      for (std::size_t t = 0; t < groups->code.size(); ++t) {
        if (sums(groups->code[t]) > 0) kept.push_back(static_cast<int>(t));
      }
      if (kept.size() == groups->code.size()) continue;
      changed = true;
      keep(sample, kept);
      break;
    }
  }
}

struct Split {
  std::vector<int> positive, zero;
};
Split split_by_target(const VectorXd& y) {
  Split split;
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    (y(t) > 0 ? split.positive : split.zero).push_back(static_cast<int>(t));
  }
  return split;
}

// Directions g with x_t'g = 0 wherever y > 0, k x d.
MatrixXd free_directions(const Sample& sample, const std::vector<int>& positive) {
  MatrixXd x = sample.x(positive, Eigen::all);
  const VectorXd scale =
      sample.x.colwise().norm().transpose().unaryExpr([](double s) { return s > 0 ? s : 1.0; });
  x *= scale.cwiseInverse().asDiagonal();
  // X = (P Q R)', so that the last columns of Q span what X sends to zero.
  Eigen::ColPivHouseholderQR<MatrixXd> qr;
  qr.setThreshold(1e-11);
  qr.compute(cross_product(x).eval());
  if (qr.rank() == x.cols()) return MatrixXd(x.cols(), 0);
  const MatrixXd q = qr.householderQ() * MatrixXd::Identity(x.cols(), x.cols());
  return scale.cwiseInverse().asDiagonal() * q.rightCols(x.cols() - qr.rank());
}

// Alternates between the values that `project` can reach and non-negative ones, from ones: what is
// left in the end is a combination of columns that is positive on the separated rows.
template <class Project>
VectorXd rectified(VectorXd u, const Project& project) {
  constexpr int kMostRounds = 1000;
  for (int round = 0; round < kMostRounds; ++round) {
    const VectorXd fitted = project(u);
    if (!(fitted.cwiseAbs().maxCoeff() > 1e-4)) return VectorXd::Zero(u.size());
    const bool done = (fitted - u).cwiseAbs().maxCoeff() < 1e-7;
    u = fitted.cwiseMax(0);
    if (done) break;
  }
  return u;
}

std::vector<int> separated_by_columns(const Sample& sample, const Split& split) {
  const MatrixXd directions = free_directions(sample, split.positive);
  if (directions.cols() == 0) return {};
  const MatrixXd z = sample.x(split.zero, Eigen::all) * directions;
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(z);
  const MatrixXd basis =
      qr.householderQ() * MatrixXd::Identity(z.rows(), std::max<Eigen::Index>(qr.rank(), 1));
  const VectorXd u = rectified(VectorXd::Ones(z.rows()), [&](const VectorXd& v) {
    return VectorXd(basis * (basis.transpose() * v));
  });
  std::vector<int> separated;
  for (std::size_t i = 0; i < split.zero.size(); ++i) {
    if (u(static_cast<Eigen::Index>(i)) > 1e-5) separated.push_back(split.zero[i]);
  }
  return separated;
}

// With effects: none where the rows with y > 0 alone identify every coefficient and connect all
// groups; else the iteration with those rows held at zero by a large weight.
bool positive_rows_identify(const Sample& sample, const Split& split) {
  try {
    const Effects positive{group_subset(sample.effects.first, split.positive),
                           sample.effects.second.count > 0
                               ? group_subset(sample.effects.second, split.positive)
                               : Groups{}};
    const MatrixXd x = sample.x(split.positive, Eigen::all);
    const VectorXd y = sample.y(split.positive);
    const MatrixXd none(sample.x.rows(), 0);
    return fit_fixed_effects(x, y, positive).parameters ==
           fit_fixed_effects(none, sample.y, sample.effects).parameters;
  } catch (const InputError&) {
    return false;
  }
}

std::vector<int> separated_with_effects(const Sample& sample, const Split& split) {
  if (split.zero.empty() || positive_rows_identify(sample, split)) return {};
  constexpr double kHeld = 1e5;
  VectorXd weights = VectorXd::Ones(sample.y.size());
  weights(split.positive).setConstant(kHeld);
  VectorXd start = VectorXd::Ones(sample.y.size());
  start(split.positive).setZero();
  const VectorXd u = rectified(start, [&](const VectorXd& v) {
    const FixedEffectsFit fit = fit_fixed_effects(sample.x, v, sample.effects, weights);
    VectorXd fitted = v - fit.residuals;
    fitted(split.positive).setZero();
    return fitted;
  });
  std::vector<int> separated;
  for (int t : split.zero) {
    if (u(t) > 1e-3) separated.push_back(t);
  }
  return separated;
}

void drop_separated(Sample& sample) {
  const Split split = split_by_target(sample.y);
  if (split.zero.empty()) return;
  const std::vector<int> separated = sample.absorbs() ? separated_with_effects(sample, split)
                                                      : separated_by_columns(sample, split);
  if (separated.empty()) return;
  std::vector<int> all(sample.rows.size()), kept;
  std::iota(all.begin(), all.end(), 0);
  std::set_difference(all.begin(), all.end(), separated.begin(), separated.end(),
                      std::back_inserter(kept));
  keep(sample, kept);
  drop_zero_groups(sample);
}

// Columns that add nothing to those before them and the effects.
std::vector<int> aliased_columns(const Sample& sample) {
  if (!sample.absorbs()) {
    const MatrixXd gram =
        cross_product(sample.x.rows(), sample.x.cols() + 1, [&](Eigen::Index first, auto block) {
          block.leftCols(sample.x.cols()) = sample.x.middleRows(first, block.rows());
          block.rightCols(1).setOnes();
        });
    NormalEquations unused;
    if (solve_normal_equations(gram, unused)) return {};
    return solve(LinearLeastSquares{sample.x, sample.y}).aliased;
  }
  // What is left of a column that the effects explain is rounding: zero.
  MatrixXd less = less_effects(sample.x, sample.effects);
  for (Eigen::Index j = 0; j < less.cols(); ++j) {
    if (less.col(j).norm() <= 1e-10 * sample.x.col(j).norm()) less.col(j).setZero();
  }
  return solve(LinearLeastSquares{less, sample.y}).aliased;
}

void require_independent(const std::vector<int>& aliased) {
  ProblemList problems;
  for (int j : aliased) {
    problems.error({},
                   fmt::format("perfectly collinear: column {} is a linear combination of the "
                               "columns before it and the fixed effects",
                               j),
                   "leave it out");
  }
  problems.throw_if_errors();
}

// One weighted least-squares step: coefficients, and the new linear predictor without offset.
struct Step {
  VectorXd coefficients, eta;
  MatrixXd bread;
  int effect_parameters = 0;
};

Step weighted_step(const Sample& sample, const VectorXd& z, const VectorXd& mu) {
  Step step;
  if (sample.absorbs()) {
    FixedEffectsFit fit = fit_fixed_effects(sample.x, z, sample.effects, mu);
    step.eta = z - fit.residuals;
    step.coefficients = std::move(fit.coefficients);
    step.bread = std::move(fit.xtx_inverse);
    step.effect_parameters = fit.parameters;
    return step;
  }
  const Eigen::Index k = sample.x.cols();
  const MatrixXd gram = cross_product(z.size(), k + 1, [&](Eigen::Index first, auto block) {
    const Eigen::Index rows = block.rows();
    const VectorXd root = mu.segment(first, rows).cwiseSqrt();
    block.leftCols(k) = root.asDiagonal() * sample.x.middleRows(first, rows);
    block.col(k) = root.cwiseProduct(z.segment(first, rows));
  });
  if (NormalEquations equations; solve_normal_equations(gram, equations)) {
    step.coefficients = equations.coefficients;
    step.bread = equations.inverse;
  } else {
    const VectorXd root = mu.cwiseSqrt();
    LinearFit fit = solve(LinearLeastSquares{root.asDiagonal() * sample.x, root.cwiseProduct(z)});
    step.coefficients = std::move(fit.coefficients);
    step.bread = std::move(fit.xtx_inverse);
  }
  step.eta = sample.x * step.coefficients;
  return step;
}

double deviance_of(const VectorXd& y, const VectorXd& mu) {
  double sum = 0;
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    sum += mu(t) - y(t);
    if (y(t) > 0) sum += y(t) * std::log(y(t) / mu(t));
  }
  return 2 * sum;
}

VectorXd means_of(const Sample& sample, const VectorXd& eta) {
  // Weights stay positive: below 1e-300 of the data's scale a mean is zero to every sum.
  return (eta + sample.offset).array().exp().max(1e-250);
}

void iterate(const Sample& sample, const PoissonOptions& options, PoissonFit& fit) {
  constexpr int kMostHalvings = 30;
  const double mean = sample.y.mean();
  VectorXd mu = 0.5 * (sample.y.array() + mean);
  VectorXd eta = mu.array().log() - sample.offset.array();
  VectorXd coefficients;
  double deviance = deviance_of(sample.y, mu), change = INFINITY;
  bool converged = false;
  for (fit.iterations = 1; fit.iterations <= options.most_iterations; ++fit.iterations) {
    const VectorXd z = eta.array() + (sample.y - mu).array() / mu.array();
    Step step = weighted_step(sample, z, mu);
    if (fit.iterations == 1) coefficients = step.coefficients;
    VectorXd next_mu = means_of(sample, step.eta);
    double next = deviance_of(sample.y, next_mu);
    // The start lies outside the model, so that the first step may raise the deviance.
    const double most = deviance + 1e-9 * (0.1 + std::fabs(deviance));
    for (int half = 0; half < kMostHalvings && fit.iterations > 1 && !(next <= most); ++half) {
      step.eta = 0.5 * (step.eta + eta);
      step.coefficients = 0.5 * (step.coefficients + coefficients);
      next_mu = means_of(sample, step.eta);
      next = deviance_of(sample.y, next_mu);
    }
    change = std::fabs(next - deviance) / (0.1 + std::fabs(next));
    coefficients = std::move(step.coefficients);
    eta = std::move(step.eta);
    mu = std::move(next_mu);
    deviance = next;
    fit.effect_parameters = step.effect_parameters;
    converged = change <= options.tolerance;
    if (converged || !std::isfinite(deviance)) break;
  }
  fit.iterations = std::min(fit.iterations, options.most_iterations);
  fit.status = converged                 ? FitStatus::converged
               : std::isfinite(deviance) ? FitStatus::not_converged
                                         : FitStatus::failed;
  fit.message = fmt::format("relative change of the deviance {:.1e} {} {:.0e} after {} iterations",
                            change, converged ? "<=" : ">", options.tolerance, fit.iterations);
  fit.coefficients = coefficients;
  fit.fitted = mu;
  fit.residuals = sample.y - mu;
  fit.deviance = deviance;
  fit.log_likelihood = 0;
  for (Eigen::Index t = 0; t < mu.size(); ++t) {
    fit.log_likelihood += sample.y(t) * std::log(mu(t)) - mu(t) - std::lgamma(sample.y(t) + 1);
  }
}

// Columns that separation took away come back as zeros.
void restore_columns(Eigen::Index k, const std::vector<int>& kept, PoissonFit& fit) {
  if (static_cast<Eigen::Index>(kept.size()) == k) return;
  VectorXd coefficients = VectorXd::Zero(k);
  MatrixXd bread = MatrixXd::Zero(k, k), scores = MatrixXd::Zero(fit.scores.rows(), k);
  coefficients(kept) = fit.coefficients;
  bread(kept, kept) = fit.bread;
  scores(Eigen::all, kept) = fit.scores;
  fit.coefficients = std::move(coefficients);
  fit.bread = std::move(bread);
  fit.scores = std::move(scores);
}

}  // namespace

PoissonFit fit_poisson(const MatrixView& x, const VectorView& y, const PoissonOptions& options) {
  const Eigen::Index n = y.size(), k = x.cols();
  AMNOK_CHECK(x.rows() == n && (options.offset.size() == 0 || options.offset.size() == n),
              "X has {} rows, y {}, the offset {}", x.rows(), n, options.offset.size());
  require_target(y);
  Sample sample{x, y, options.offset.size() > 0 ? options.offset : VectorXd(VectorXd::Zero(n)),
                options.effects, std::vector<int>(static_cast<std::size_t>(n))};
  std::iota(sample.rows.begin(), sample.rows.end(), 0);
  require_independent(aliased_columns(sample));
  PoissonFit fit;
  drop_zero_groups(sample);
  if (options.find_separation) drop_separated(sample);
  std::vector<int> all_rows(static_cast<std::size_t>(n)), columns;
  std::iota(all_rows.begin(), all_rows.end(), 0);
  std::set_difference(all_rows.begin(), all_rows.end(), sample.rows.begin(), sample.rows.end(),
                      std::back_inserter(fit.separated_rows));
  if (!fit.separated_rows.empty()) fit.separated_columns = aliased_columns(sample);
  for (int j = 0; j < k; ++j) {
    const auto& gone = fit.separated_columns;
    if (std::find(gone.begin(), gone.end(), j) == gone.end()) columns.push_back(j);
  }
  if (!fit.separated_columns.empty()) sample.x = MatrixXd(sample.x(Eigen::all, columns));

  iterate(sample, options, fit);
  const Step at_optimum = weighted_step(sample, fit.fitted.array().log(), fit.fitted);
  fit.bread = at_optimum.bread;
  const MatrixXd less =
      sample.absorbs() ? less_effects(sample.x, sample.effects, fit.fitted) : MatrixXd();
  fit.scores = regression_scores(sample.absorbs() ? less : sample.x, fit.residuals);
  fit.df_residual = static_cast<int>(sample.y.size() - sample.x.cols()) - fit.effect_parameters;
  fit.rows = sample.rows;
  restore_columns(k, columns, fit);
  return fit;
}

MatrixXd poisson_covariance(const PoissonFit& fit, const ErrorStructure& errors) {
  if (errors.kind == ErrorStructure::Kind::homoskedastic) return fit.bread;
  // Clusters of the rows used, those left empty forgotten.
  const auto used = [&](const Groups& groups) {
    const Groups subset = group_subset(groups, fit.rows);
    return intersection(subset, subset);
  };
  ErrorStructure own = errors;
  if (errors.clusters.count > 0) own.clusters = used(errors.clusters);
  if (errors.second_clusters.count > 0) own.second_clusters = used(errors.second_clusters);
  const Eigen::Index slopes =
      fit.scores.cols() - static_cast<Eigen::Index>(fit.separated_columns.size());
  // Effects nested in clusters cost nothing; without clusters they count.
  const Eigen::Index k =
      slopes + (errors.kind == ErrorStructure::Kind::cluster ? 0 : fit.effect_parameters);
  const VectorXd ones = VectorXd::Ones(fit.scores.rows());
  return sandwich(fit.bread, score_covariance(fit.scores, ones, own, k));
}

}  // namespace amnok
