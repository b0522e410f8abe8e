#include "engine/regression/fixed_effects.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
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

using Columns = std::vector<const double*>;
using Block = Eigen::Block<MatrixXd>;

constexpr double kMostCells = 4e7;
constexpr int kMostDense = 2000;

Columns columns_of(const MatrixView& x) {
  Columns columns;
  for (Eigen::Index c = 0; c < x.cols(); ++c) columns.push_back(x.col(c).data());
  return columns;
}

Eigen::Map<const VectorXd> rows_of(const double* column, Eigen::Index first, Eigen::Index count) {
  return {column + first, count};
}

// Connected parts of the graph whose edges are the cells: of each second group, its part (-1:
// it is empty).
struct Parts {
  std::vector<int> of_second;
  int count = 0;
};
Parts connected_parts(const Effects& effects) {
  const int n = effects.first.count;
  std::vector<int> parent(static_cast<std::size_t>(n + effects.second.count));
  std::iota(parent.begin(), parent.end(), 0);
  const auto root = [&](int i) {
    while (parent[static_cast<std::size_t>(i)] != i) {
      int& above = parent[static_cast<std::size_t>(i)];
      above = parent[static_cast<std::size_t>(above)];
      i = above;
    }
    return i;
  };
  for (std::size_t t = 0; t < effects.first.code.size(); ++t) {
    const int i = root(effects.first.code[t]), s = root(n + effects.second.code[t]);
    if (i != s) parent[static_cast<std::size_t>(std::max(i, s))] = std::min(i, s);
  }
  Parts parts;
  parts.of_second.assign(static_cast<std::size_t>(effects.second.count), -1);
  std::vector<int> label(parent.size(), -1);
  for (int s : effects.second.code) {
    int& part = parts.of_second[static_cast<std::size_t>(s)];
    if (part >= 0) continue;
    int& of_root = label[static_cast<std::size_t>(root(n + s))];
    if (of_root < 0) of_root = parts.count++;
    part = of_root;
  }
  return parts;
}

// Takes columns less their effects.
class Absorber {
 public:
  // solves: false where effects are known and only subtracted.
  Absorber(const Effects& effects, const VectorView& weights, bool solves = true)
      : effects_(effects) {
    AMNOK_CHECK(effects.first.count > 0, "no groups");
    AMNOK_CHECK(!two_sets() || effects.first.size() == effects.second.size(), "{} and {} codes",
                effects.first.size(), effects.second.size());
    AMNOK_CHECK(weights.size() == 0 || weights.size() == rows(), "{} weights", weights.size());
    AMNOK_CHECK(weights.size() == 0 || weights.minCoeff() > 0, "weight {}", weights.minCoeff());
    weights_ = weights;
    find_runs();
    if (!solves) return;
    measure_groups();
    if (two_sets()) {
      complete_ = weights_.size() == 0 && every_cell_once();
      const Parts parts = complete_ ? Parts{{}, 1} : connected_parts(effects);
      parameters_ -= parts.count;
      if (!complete_) prepare(parts);
    }
  }

  Eigen::Index rows() const { return effects_.first.size(); }
  int parameters() const { return parameters_; }
  bool converged() const { return worst_ <= kTolerance; }
  std::string message() const {
    if (iterations_ == 0) return "effects solved directly";
    return fmt::format("residual of the effects {:.1e} {} {:.0e} of the start after {} iterations",
                       worst_, converged() ? "<=" : ">", kTolerance, iterations_);
  }

  // Sums of squares of the columns themselves are added to `squares`.
  ColumnEffects solve(const Columns& columns, VectorXd& squares) {
    ColumnEffects sums = sum_columns(columns, squares);
    if (!two_sets()) {
      sums.first = first_size_.cwiseInverse().asDiagonal() * sums.first;
      return sums;
    }
    if (complete_) {
      sums.first = sums.first / static_cast<double>(effects_.second.count);
      sums.second = sums.second / static_cast<double>(effects_.first.count);
      const Eigen::RowVectorXd mean = sums.first.colwise().mean();
      sums.second.rowwise() -= mean;
      return sums;
    }
    const bool second = second_is_smaller();
    MatrixXd& large = second ? sums.first : sums.second;
    MatrixXd& small = second ? sums.second : sums.first;
    small = solve_smaller(small - over_large(large_size().cwiseInverse().asDiagonal() * large));
    large = large_size().cwiseInverse().asDiagonal() * (large - over_small(small));
    return sums;
  }

  // Rows first .. of the columns less their effects, times the root of the weights if asked.
  void subtract(const Columns& columns, const ColumnEffects& effects, Eigen::Index first,
                Eigen::Ref<MatrixXd> block, bool weighted = false) const {
    for_runs(first, block.rows(), [&](const Run& run) {
      const Eigen::Index count = run.end - run.first, at = run.first - first;
      for (std::size_t c = 0; c < columns.size(); ++c) {
        const auto column = static_cast<Eigen::Index>(c);
        auto out = block.col(column).segment(at, count).array();
        out = rows_of(columns[c], run.first, count).array() - effects.first(run.entity, column);
        if (two_sets()) out -= effects.second.col(column).segment(run.period, count).array();
      }
    });
    if (weighted && weights_.size() > 0) {
      const VectorXd root = weights_.segment(first, block.rows()).cwiseSqrt();
      block = root.asDiagonal() * block;
    }
  }

  // sums(i, c) += the block's rows of entity i.
  void add_by_first(Eigen::Index first, const Block& block, MatrixXd& sums) const {
    for_runs(first, block.rows(), [&](const Run& run) {
      for (Eigen::Index c = 0; c < block.cols(); ++c) {
        sums(run.entity, c) += block.col(c).segment(run.first - first, run.end - run.first).sum();
      }
    });
  }

  double weighted_squares(const VectorXd& residuals) const {
    return weights_.size() == 0 ? residuals.squaredNorm() : residuals.cwiseAbs2().dot(weights_);
  }

 private:
  static constexpr double kTolerance = 1e-12;

  // Rows of one entity and consecutive periods, within a block.
  struct Run {
    Eigen::Index first, end;
    int entity, period;
  };

  bool two_sets() const { return effects_.second.count > 0; }
  bool second_is_smaller() const { return effects_.second.count <= effects_.first.count; }
  const VectorXd& large_size() const { return second_is_smaller() ? first_size_ : second_size_; }
  const VectorXd& small_size() const { return second_is_smaller() ? second_size_ : first_size_; }
  const Groups& large() const { return second_is_smaller() ? effects_.first : effects_.second; }
  const Groups& small() const { return second_is_smaller() ? effects_.second : effects_.first; }

  void find_runs() {
    const int* entity = effects_.first.code.data();
    const int* period = two_sets() ? effects_.second.code.data() : nullptr;
    const Eigen::Index n = rows();
    for (Eigen::Index t = 0; t < n;) {
      Eigen::Index end = t + 1;
      const Eigen::Index limit = std::min(n, (t / kBlockRows + 1) * kBlockRows);
      while (end < limit && entity[end] == entity[t] &&
             (period == nullptr || period[end] == period[end - 1] + 1)) {
        ++end;
      }
      if (t % kBlockRows == 0) first_run_.push_back(runs_.size());
      runs_.push_back({t, end, entity[t], period == nullptr ? 0 : period[t]});
      t = end;
    }
    first_run_.push_back(runs_.size());
  }

  // Runs of the block that starts at row first.
  template <class PerRun>
  void for_runs(Eigen::Index first, Eigen::Index count, const PerRun& per_run) const {
    AMNOK_CHECK(first % kBlockRows == 0 && count <= kBlockRows, "rows {} + {}", first, count);
    const auto block = static_cast<std::size_t>(first / kBlockRows);
    for (std::size_t r = first_run_[block]; r < first_run_[block + 1]; ++r) per_run(runs_[r]);
  }

  void measure_groups() {
    const auto measure = [&](const Groups& groups) {
      VectorXd sizes = group_sizes(groups);
      const auto empty = (sizes.array() == 0).eval();
      parameters_ += groups.count - static_cast<int>(empty.count());
      if (weights_.size() > 0) sizes = group_sums(weights_, groups);
      // A group without rows has sums of zero and so, with any size, no effect.
      return VectorXd(empty.select(1.0, sizes.array()));
    };
    first_size_ = measure(effects_.first);
    if (two_sets()) second_size_ = measure(effects_.second);
  }

  bool every_cell_once() const {
    const auto cells = static_cast<double>(effects_.first.count) * effects_.second.count;
    if (cells != static_cast<double>(rows())) return false;
    std::vector<bool> seen(static_cast<std::size_t>(rows()));
    for (const Run& run : runs_) {
      auto cell =
          static_cast<std::size_t>(run.entity) * static_cast<std::size_t>(effects_.second.count) +
          static_cast<std::size_t>(run.period);
      for (Eigen::Index t = run.first; t < run.end; ++t, ++cell) {
        if (seen[cell]) return false;
        seen[cell] = true;
      }
    }
    return true;
  }

  ColumnEffects sum_columns(const Columns& columns, VectorXd& squares) const {
    const auto p = static_cast<Eigen::Index>(columns.size());
    ColumnEffects sums{MatrixXd::Zero(effects_.first.count, p),
                       MatrixXd::Zero(effects_.second.count, p)};
    squares = VectorXd::Zero(p);
    VectorXd weighted(kBlockRows);
    for (const Run& run : runs_) {
      const Eigen::Index count = run.end - run.first;
      for (Eigen::Index c = 0; c < p; ++c) {
        const double* column = columns[static_cast<std::size_t>(c)];
        const auto values = rows_of(column, run.first, count);
        squares(c) += values.squaredNorm();
        const double* source = values.data();
        if (weights_.size() > 0) {
          weighted.head(count) = values.cwiseProduct(weights_.segment(run.first, count));
          source = weighted.data();
        }
        const auto summed = rows_of(source, 0, count);
        sums.first(run.entity, c) += summed.sum();
        if (two_sets()) sums.second.col(c).segment(run.period, count) += summed;
      }
    }
    return sums;
  }

  void prepare(const Parts& parts) {
    const double cells = static_cast<double>(effects_.first.count) * effects_.second.count;
    if (cells > kMostCells || small().count > kMostDense) return;
    cells_ = MatrixXd::Zero(large().count, small().count);
    for (Eigen::Index t = 0; t < rows(); ++t) {
      const auto row = static_cast<std::size_t>(t);
      cells_(large().code[row], small().code[row]) += weights_.size() > 0 ? weights_(t) : 1.0;
    }
    const VectorXd root = large_size().cwiseSqrt().cwiseInverse();
    MatrixXd matrix =
        -cross_product(cells_.rows(), cells_.cols(), [&](Eigen::Index first, auto block) {
          block = root.segment(first, block.rows()).asDiagonal() *
                  cells_.middleRows(first, block.rows());
        });
    matrix.diagonal() += small_size();
    // One group of each connected part is pinned to zero.
    std::vector<bool> pinned(static_cast<std::size_t>(parts.count));
    for (int s = 0; s < small().count; ++s) {
      const int part = part_of_small(parts, s);
      if (part < 0 || pinned[static_cast<std::size_t>(part)]) continue;
      pinned[static_cast<std::size_t>(part)] = true;
      pins_.push_back(s);
      matrix.row(s).setZero();
      matrix.col(s).setZero();
      matrix(s, s) = 1;
    }
    factor_.compute(matrix);
    dense_ = factor_.info() == Eigen::Success;
  }

  int part_of_small(const Parts& parts, int s) const {
    if (second_is_smaller()) return parts.of_second[static_cast<std::size_t>(s)];
    // Of an entity: that of any of its periods.
    if (part_of_first_.empty()) {
      part_of_first_.assign(static_cast<std::size_t>(effects_.first.count), -1);
      for (std::size_t t = 0; t < effects_.first.code.size(); ++t) {
        part_of_first_[static_cast<std::size_t>(effects_.first.code[t])] =
            parts.of_second[static_cast<std::size_t>(effects_.second.code[t])];
      }
    }
    return part_of_first_[static_cast<std::size_t>(s)];
  }

  MatrixXd solve_smaller(MatrixXd right) {
    if (!dense_) return by_conjugate_gradients(right);
    for (int s : pins_) right.row(s).setZero();
    return factor_.solve(right);
  }

  // The smaller set's matrix is singular (constants) and the right side in its range.
  MatrixXd by_conjugate_gradients(const MatrixXd& right) {
    constexpr int kMostIterations = 5000;
    const VectorXd inverse = small_size().cwiseInverse();
    MatrixXd solution = MatrixXd::Zero(right.rows(), right.cols());
    for (Eigen::Index c = 0; c < right.cols(); ++c) {
      VectorXd r = right.col(c), z = inverse.cwiseProduct(r), p = z;
      double rz = r.dot(z);
      const double start = rz;
      int iteration = 0;
      while (rz > kTolerance * kTolerance * start && iteration < kMostIterations) {
        const VectorXd ap =
            small_size().cwiseProduct(p) -
            over_large(large_size().cwiseInverse().cwiseProduct(VectorXd(over_small(p))));
        const double step = rz / p.dot(ap);
        solution.col(c) += step * p;
        r -= step * ap;
        z = inverse.cwiseProduct(r);
        const double next = r.dot(z);
        p = z + next / rz * p;
        rz = next;
        ++iteration;
      }
      iterations_ = std::max(iterations_, iteration);
      if (start > 0) worst_ = std::max(worst_, std::sqrt(rz / start));
    }
    return solution;
  }

  // C times values of the smaller set, and C' times values of the larger.
  MatrixXd over_small(const MatrixXd& values) const {
    if (dense_) return cells_ * values;
    return scatter(values, small(), large());
  }
  MatrixXd over_large(const MatrixXd& values) const {
    if (dense_) return cells_.transpose() * values;
    return scatter(values, large(), small());
  }
  MatrixXd scatter(const MatrixXd& values, const Groups& from, const Groups& to) const {
    MatrixXd sums = MatrixXd::Zero(to.count, values.cols());
    const int* source = from.code.data();
    const int* target = to.code.data();
    for (Eigen::Index c = 0; c < values.cols(); ++c) {
      const double* value = values.col(c).data();
      double* sum = sums.col(c).data();
      for (Eigen::Index t = 0; t < rows(); ++t) {
        sum[target[t]] += weights_.size() > 0 ? weights_(t) * value[source[t]] : value[source[t]];
      }
    }
    return sums;
  }

  const Effects& effects_;
  VectorXd weights_;
  std::vector<Run> runs_;
  std::vector<std::size_t> first_run_;  // of each block, and the end
  VectorXd first_size_, second_size_;
  int parameters_ = 0;
  bool complete_ = false, dense_ = false;
  mutable std::vector<int> part_of_first_;
  std::vector<int> pins_;
  MatrixXd cells_;
  Eigen::LLT<MatrixXd> factor_;
  int iterations_ = 0;
  double worst_ = 0;
};

void solve_with_care(const MatrixView& x, const VectorView& y, const Effects& effects,
                     const VectorView& weights, FixedEffectsFit& fit) {
  VectorXd root = VectorXd::Ones(y.size());
  if (weights.size() > 0) root = weights.cwiseSqrt();
  const LinearFit careful =
      solve(LinearLeastSquares{root.asDiagonal() * less_effects(x, effects, weights),
                               root.cwiseProduct(less_effects(y, effects, weights).col(0))});
  ProblemList problems;
  for (int j : careful.aliased) {
    problems.error({},
                   fmt::format("perfectly collinear: column {} is a linear combination of the "
                               "fixed effects and the columns before it",
                               j),
                   "leave it out");
  }
  problems.throw_if_errors();
  fit.coefficients = careful.coefficients;
  fit.xtx_inverse = careful.xtx_inverse;
}

// Columns of which the effects leave rounding only.
void require_variation(const VectorXd& squares, const MatrixXd& gram) {
  ProblemList problems;
  for (Eigen::Index j = 0; j + 1 < gram.cols(); ++j) {
    if (gram(j, j) > 1e-20 * squares(j)) continue;
    problems.error({},
                   fmt::format("perfectly collinear: column {} does not vary beyond the fixed "
                               "effects",
                               j),
                   "leave it out");
  }
  problems.throw_if_errors();
}

}  // namespace

VectorXd FixedEffectsFit::first_effects() const {
  const Eigen::Index k = coefficients.size();
  return effects.first.col(k) - effects.first.leftCols(k) * coefficients;
}

VectorXd FixedEffectsFit::second_effects() const {
  const Eigen::Index k = coefficients.size();
  return effects.second.col(k) - effects.second.leftCols(k) * coefficients;
}

FixedEffectsFit fit_fixed_effects(const MatrixView& x, const VectorView& y, const Effects& effects,
                                  const VectorView& weights) {
  const Eigen::Index n = y.size(), k = x.cols();
  AMNOK_CHECK(x.rows() == n && effects.first.size() == n, "{} rows, {} targets, {} codes", x.rows(),
              n, effects.first.size());
  Absorber absorber(effects, weights);
  FixedEffectsFit fit;
  fit.parameters = absorber.parameters();
  fit.df_residual = static_cast<int>(n - k) - fit.parameters;
  if (fit.df_residual <= 0) {
    throw InputError(
        fmt::format("the number of observations is {}, but must be above {}: {} "
                    "coefficients and {} effects",
                    n, k + fit.parameters, k, fit.parameters));
  }
  Columns columns = columns_of(x);
  columns.push_back(y.data());
  VectorXd squares;
  fit.effects = absorber.solve(columns, squares);
  fit.status = absorber.converged() ? FitStatus::converged : FitStatus::not_converged;
  fit.message = absorber.message();
  const MatrixXd gram = cross_product(n, k + 1, [&](Eigen::Index first, Block block) {
    absorber.subtract(columns, fit.effects, first, block, true);
  });
  require_variation(squares, gram);
  if (NormalEquations equations; solve_normal_equations(gram, equations)) {
    fit.coefficients = equations.coefficients;
    fit.xtx_inverse = equations.inverse;
  } else {
    solve_with_care(x, y, effects, weights, fit);
  }
  // y less x'b has the effects of y less those of x times b.
  fit.residuals = y;
  if (k > 0) fit.residuals.noalias() -= x * fit.coefficients;
  const ColumnEffects own{fit.first_effects(), fit.second_effects()};
  const Columns self = {fit.residuals.data()};
  for (Eigen::Index first = 0; first < n; first += kBlockRows) {
    const Eigen::Index rows = std::min(kBlockRows, n - first);
    absorber.subtract(self, own, first, fit.residuals.segment(first, rows));
  }
  fit.rss = absorber.weighted_squares(fit.residuals);
  return fit;
}

MatrixXd less_effects(const MatrixView& x, const Effects& effects, const VectorView& weights) {
  Absorber absorber(effects, weights);
  const Columns columns = columns_of(x);
  VectorXd squares;
  const ColumnEffects of_columns = absorber.solve(columns, squares);
  MatrixXd less(x.rows(), x.cols());
  for (Eigen::Index first = 0; first < x.rows(); first += kBlockRows) {
    const Eigen::Index rows = std::min(kBlockRows, x.rows() - first);
    absorber.subtract(columns, of_columns, first, less.middleRows(first, rows));
  }
  return less;
}

MatrixXd clustered_fixed_effects(const MatrixView& x, const Effects& effects,
                                 const FixedEffectsFit& fit, const Groups& clusters,
                                 bool small_sample, int more_parameters) {
  const Eigen::Index n = x.rows(), k = x.cols();
  AMNOK_CHECK(clusters.size() == n, "{} clusters for {} rows", clusters.size(), n);
  const Absorber absorber(effects, VectorXd(), false);
  const Columns columns = columns_of(x);
  const bool by_entity = clusters.code == effects.first.code;
  MatrixXd sums = MatrixXd::Zero(clusters.count, k), block(kBlockRows, k);
  for (Eigen::Index first = 0; first < n; first += kBlockRows) {
    const Eigen::Index rows = std::min(kBlockRows, n - first);
    absorber.subtract(columns, fit.effects, first, block.topRows(rows));
    block.topRows(rows) = fit.residuals.segment(first, rows).asDiagonal() * block.topRows(rows);
    if (by_entity) {
      absorber.add_by_first(first, block.topRows(rows), sums);
      continue;
    }
    for (Eigen::Index t = 0; t < rows; ++t) {
      sums.row(clusters.code[static_cast<std::size_t>(first + t)]) += block.row(t);
    }
  }
  double factor = 1;
  if (small_sample) {
    const double g = clusters.count;
    AMNOK_CHECK(g > 1, "{} clusters", g);
    factor =
        g / (g - 1) * static_cast<double>(n - 1) / static_cast<double>(n - k - more_parameters);
  }
  return factor * sandwich(fit.xtx_inverse, cross_product(sums));
}

}  // namespace amnok
