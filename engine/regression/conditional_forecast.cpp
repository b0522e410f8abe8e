#include "engine/regression/conditional_forecast.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/regression/impulse_response.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

constexpr double kDependent = 1e-10;  // of a condition's standard deviation: said by the others
constexpr double kContradiction = 1e-8;

std::string name_of(const std::vector<PathCondition>& conditions, std::size_t i) {
  return conditions[i].name.empty() ? fmt::format("condition {}", i + 1) : conditions[i].name;
}

void check_conditions(const GaussianPath& path, const std::vector<PathCondition>& conditions) {
  AMNOK_CHECK(path.factor.rows() == path.mean.size(), "mean has {} elements, factor {} rows",
              path.mean.size(), path.factor.rows());
  ProblemList problems;
  for (std::size_t i = 0; i < conditions.size(); ++i) {
    const PathCondition& condition = conditions[i];
    if (condition.weights.size() != path.mean.size()) {
      problems.error(
          {}, fmt::format("{} has {} weights, but must have the {} of the path",
                          name_of(conditions, i), condition.weights.size(), path.mean.size()));
    }
    if (!std::isfinite(condition.value)) {
      problems.error({}, fmt::format("{} is {}, but must be a number", name_of(conditions, i),
                                     condition.value));
    }
    if (!(condition.variance >= 0)) {
      problems.error({}, fmt::format("the variance of {} is {}, but must be at least 0",
                                     name_of(conditions, i), condition.variance));
    }
  }
  problems.throw_if_errors();
}

// The conditions as a triangular system, by Gram-Schmidt (twice is enough: Giraud, Langou &
// Rozloznik 2005) over the shocks of the path and of the conditions: row i of [R C, sqrt W] is
// sum_{j<=i} l_ij q_j. What is left of a row that the others give is rounding.
struct Triangle {
  MatrixXd directions;  // (s + conditions) x kept, orthonormal
  VectorXd gaps;        // l^-1 (r - R m), kept
  std::vector<int> kept;
};

Triangle orthonormal_conditions(const GaussianPath& path,
                                const std::vector<PathCondition>& conditions) {
  const Eigen::Index s = path.factor.cols(), m = static_cast<Eigen::Index>(conditions.size());
  Triangle triangle{MatrixXd(s + m, m), VectorXd(m), {}};
  Eigen::Index kept = 0;
  for (Eigen::Index i = 0; i < m; ++i) {
    const PathCondition& condition = conditions[static_cast<std::size_t>(i)];
    VectorXd row = VectorXd::Zero(s + m);
    row.head(s) = path.factor.transpose() * condition.weights;
    row(s + i) = std::sqrt(condition.variance);
    const double mean = condition.weights.dot(path.mean), length = row.norm();
    double gap = condition.value - mean;
    const double size = std::fabs(condition.value) + std::fabs(mean) + length;
    const auto before = triangle.directions.leftCols(kept);
    for (int pass = 0; pass < 2; ++pass) {
      const VectorXd along = before.transpose() * row;
      row -= before * along;
      gap -= along.dot(triangle.gaps.head(kept));
    }
    const double left = row.norm();
    if (left > kDependent * length && left > 0) {
      triangle.directions.col(kept) = row / left;
      triangle.gaps(kept++) = gap / left;
      triangle.kept.push_back(static_cast<int>(i));
    } else if (std::fabs(gap) > kContradiction * size) {
      throw InputError(
          fmt::format("{} is {}, but must be {} given the conditions before it",
                      name_of(conditions, static_cast<std::size_t>(i)), condition.value,
                      condition.value - gap),
          "the path cannot vary there: leave the condition out, or give it a variance");
    }
  }
  triangle.directions.conservativeResize(Eigen::NoChange, kept);
  triangle.gaps.conservativeResize(kept);
  return triangle;
}

// Directions of hard conditions are taken out of every row of the factor; twice, so that what
// remains of a fixed element is zero to rounding.
MatrixXd without(const MatrixXd& factor, const MatrixXd& directions) {
  MatrixXd left = factor;
  for (int pass = 0; pass < 2; ++pass) {
    const MatrixXd along = left * directions;
    left -= along * directions.transpose();
  }
  return left;
}

}  // namespace

PathCondition path_condition(Eigen::Index size, Eigen::Index at, double value, double sd) {
  if (at < 0 || at >= size) {
    throw InputError(
        fmt::format("the place of a condition is {}, but must be in [0, {}]", at, size - 1));
  }
  return {VectorXd::Unit(size, at), value, sd * sd, fmt::format("the condition on element {}", at)};
}

ConditionalPath condition_path(const GaussianPath& path,
                               const std::vector<PathCondition>& conditions) {
  check_conditions(path, conditions);
  const Eigen::Index s = path.factor.cols(), m = static_cast<Eigen::Index>(conditions.size());
  const Triangle triangle = orthonormal_conditions(path, conditions);
  const VectorXd shocks = triangle.directions * triangle.gaps;  // of the path, of the conditions
  ConditionalPath result;
  result.kept = triangle.kept;
  result.shocks = shocks.head(s);
  result.mean = path.mean + path.factor * result.shocks;
  // The path's rows over both kinds of shocks, less what the conditions know.
  MatrixXd rows = MatrixXd::Zero(path.mean.size(), s + m);
  rows.leftCols(s) = path.factor;
  result.factor = without(rows, triangle.directions);
  const auto kept = static_cast<Eigen::Index>(triangle.kept.size());
  MatrixXd conditioned(s + m, kept);  // rows of [R C, sqrt W] that were kept
  for (Eigen::Index i = 0; i < kept; ++i) {
    const int at = triangle.kept[static_cast<std::size_t>(i)];
    const PathCondition& condition = conditions[static_cast<std::size_t>(at)];
    conditioned.col(i).setZero();
    conditioned.col(i).head(s) = path.factor.transpose() * condition.weights;
    conditioned(s + at, i) = std::sqrt(condition.variance);
  }
  // G = rows Q L^-1 with conditioned = Q L'.
  const MatrixXd l = conditioned.transpose() * triangle.directions;
  result.gain = kept == 0 ? MatrixXd(path.mean.size(), 0)
                          : MatrixXd(l.transpose()
                                         .triangularView<Eigen::Upper>()
                                         .solve((rows * triangle.directions).transpose())
                                         .transpose());
  result.plausibility.name = "plausibility";
  result.plausibility.statistic = triangle.gaps.squaredNorm();
  result.plausibility.df = static_cast<double>(kept);
  result.plausibility.p_value =
      kept == 0 ? 1 : chi_squared_sf(result.plausibility.statistic, result.plausibility.df);
  return result;
}

MatrixXd draw_paths(const VectorView& mean, const MatrixView& factor, std::uint64_t seed,
                    int count) {
  MatrixXd paths(mean.size(), count);
  std::vector<double> normals(static_cast<std::size_t>(factor.cols()));
  for (int r = 0; r < count; ++r) {
    fill_normals({seed, Purpose::innovation, 0}, static_cast<std::uint32_t>(r), normals);
    paths.col(r) = mean + factor * Eigen::Map<const VectorXd>(normals.data(), factor.cols());
  }
  return paths;
}

GaussianPath forecast_path(const VectorAutoregression& var, int horizon,
                           const MatrixView& future_exogenous) {
  const VarForecast forecast = forecast_var(var, horizon, future_exogenous);
  const std::vector<MatrixXd> responses = impulse_responses(var, horizon - 1);
  const Eigen::Index k = var.size(), size = k * horizon;
  GaussianPath path;
  const MatrixXd by_step = forecast.mean.transpose();
  path.mean = Eigen::Map<const VectorXd>(by_step.data(), size);
  path.factor = MatrixXd::Zero(size, size);
  for (Eigen::Index h = 0; h < horizon; ++h) {
    for (Eigen::Index s = 0; s <= h; ++s) {
      path.factor.block(h * k, s * k, k, k) = responses[static_cast<std::size_t>(h - s)];
    }
  }
  return path;
}

}  // namespace amnok
