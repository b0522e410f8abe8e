#include "engine/solver/nelder_mead.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace amnok {

namespace {

class Simplex {
 public:
  Simplex(const std::function<double(const VectorXd&)>& f, const VectorXd& start, double step)
      : f_(f), points_(start.size(), start.size() + 1), values_(start.size() + 1) {
    points_.colwise() = start;
    for (Eigen::Index j = 0; j < start.size(); ++j) points_(j, j + 1) += step;
    for (Eigen::Index j = 0; j <= start.size(); ++j) values_(j) = value_at(points_.col(j));
    sort();
  }

  // One step: reflect the worst point through the others' centre, reach further, or draw in.
  void step() {
    const Eigen::Index k = points_.rows(), worst = k;
    const double n = static_cast<double>(std::max<Eigen::Index>(k, 2));
    const VectorXd centre = points_.leftCols(k).rowwise().mean();
    const VectorXd away = centre - points_.col(worst);
    const VectorXd reflected = centre + away;
    const double value = value_at(reflected);
    if (value < values_(0)) {
      const VectorXd further = centre + (1 + 2 / n) * away;
      const double further_value = value_at(further);
      if (further_value < value) {
        replace_worst(further, further_value);
      } else {
        replace_worst(reflected, value);
      }
    } else if (value < values_(k - 1)) {
      replace_worst(reflected, value);
    } else {
      const double share = 0.75 - 1 / (2 * n);
      const bool outside = value < values_(worst);
      const VectorXd nearer = centre + (outside ? share : -share) * away;
      const double nearer_value = value_at(nearer);
      if (nearer_value < std::min(value, values_(worst))) {
        replace_worst(nearer, nearer_value);
      } else {
        shrink(1 - 1 / n);
      }
    }
    sort();
  }

  double spread() const { return values_(values_.size() - 1) - values_(0); }
  double size() const {
    return (points_.rightCols(points_.rows()).colwise() - points_.col(0)).cwiseAbs().maxCoeff();
  }
  VectorXd best() const { return points_.col(0); }
  double best_value() const { return values_(0); }
  int evaluations() const { return evaluations_; }

 private:
  double value_at(const VectorXd& x) {
    ++evaluations_;
    const double value = f_(x);
    return std::isfinite(value) ? value : INFINITY;
  }

  void replace_worst(const VectorXd& point, double value) {
    points_.col(points_.rows()) = point;
    values_(points_.rows()) = value;
  }

  void shrink(double share) {
    for (Eigen::Index j = 1; j < points_.cols(); ++j) {
      points_.col(j) = points_.col(0) + share * (points_.col(j) - points_.col(0));
      values_(j) = value_at(points_.col(j));
    }
  }

  void sort() {
    std::vector<Eigen::Index> order(static_cast<std::size_t>(values_.size()));
    std::iota(order.begin(), order.end(), 0);
    std::stable_sort(order.begin(), order.end(),
                     [&](Eigen::Index a, Eigen::Index b) { return values_(a) < values_(b); });
    points_ = MatrixXd(points_(Eigen::all, order));
    values_ = VectorXd(values_(order));
  }

  const std::function<double(const VectorXd&)>& f_;
  MatrixXd points_;  // k x (k + 1), the best first
  VectorXd values_;
  int evaluations_ = 0;
};

}  // namespace

NelderMeadResult nelder_mead(const std::function<double(const VectorXd&)>& f, const VectorXd& start,
                             const NelderMeadOptions& options) {
  NelderMeadResult result;
  if (start.size() == 0) return {start, f(start), 1, true};
  Simplex simplex(f, start, options.step);
  while (simplex.evaluations() < options.max_evaluations) {
    const double small = options.value_tolerance * std::fabs(simplex.best_value());
    if (simplex.size() < options.size_tolerance || simplex.spread() <= small) {
      result.converged = true;
      break;
    }
    simplex.step();
  }
  result.x = simplex.best();
  result.value = simplex.best_value();
  result.evaluations = simplex.evaluations();
  return result;
}

}  // namespace amnok
