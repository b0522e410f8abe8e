#include "engine/solver/parameter_vector.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/solver/jet.h"
#include "engine/solver/transforms.h"

namespace amnok {

namespace {

std::vector<double> segment(const VectorView& v, const ParameterVector::Block& block, double sign) {
  std::vector<double> part(static_cast<std::size_t>(block.count));
  for (int i = 0; i < block.count; ++i)
    part[static_cast<std::size_t>(i)] = sign * v(block.first + i);
  return part;
}

// Coefficients on or outside the boundary are drawn inside: an optimiser needs a finite start.
std::vector<double> partial_inside(std::vector<double> coefficients) {
  std::vector<double> partial;
  for (int attempt = 0; attempt < 200; ++attempt) {
    if (partial_from_stationary(coefficients, partial)) {
      for (double& r : partial) r = std::clamp(r, -0.99994, 0.99994);
      return partial;
    }
    double shrink = 1;
    for (double& c : coefficients) c *= shrink *= 0.98;
  }
  return std::vector<double>(coefficients.size(), 0.0);
}

// One order of the Durbin-Levinson recursion, c_j <- c_j - r c_{k-1-j}, j < k.
template <class Column>
void raise_order(Column&& c, Eigen::Index k, double r) {
  for (Eigen::Index i = 0, j = k - 1; i <= j; ++i, --j) {
    const double low = c(i), high = c(j);
    c(i) = low - r * high;
    c(j) = high - r * low;
  }
}

// d stationary coefficients / d u, a column a coordinate: stationary_from_partial line by line.
MatrixXd coefficient_derivative(const VectorView& u) {
  const Eigen::Index count = u.size();
  MatrixXd derivative = MatrixXd::Zero(count, count);
  VectorXd phi = VectorXd::Zero(count);
  for (Eigen::Index k = 0; k < count; ++k) {
    const double r = fold(u(k), kStationaryEdge);
    for (Eigen::Index j = 0; j < k; ++j) raise_order(derivative.col(j), k, r);
    derivative.col(k).head(k) = -phi.head(k).reverse();
    derivative(k, k) = 1;
    raise_order(phi, k, r);
    phi(k) = r;
  }
  for (Eigen::Index j = 0; j < count; ++j) derivative.col(j) *= std::cos(u(j)) * kStationaryEdge;
  return derivative;
}

}  // namespace

void ParameterVector::add(const std::string& name, double value, Constraint constraint,
                          double lower, double upper) {
  add_block({name}, {value}, constraint);
  blocks_.back().lower = lower;
  blocks_.back().upper = upper;
}

void ParameterVector::add_block(const std::vector<std::string>& names,
                                const std::vector<double>& values, Constraint constraint) {
  AMNOK_CHECK(names.size() == values.size(), "{} names, {} values", names.size(), values.size());
  const int first = size(), count = static_cast<int>(names.size());
  if (count == 0) return;
  blocks_.push_back({constraint, first, count, 0, 0});
  names_.insert(names_.end(), names.begin(), names.end());
  values_.conservativeResize(first + count);
  for (int i = 0; i < count; ++i) values_(first + i) = values[static_cast<std::size_t>(i)];
}

void ParameterVector::set_values(const VectorView& values) {
  AMNOK_CHECK(values.size() == size(), "{} values for {} parameters", values.size(), size());
  values_ = values;
}

int ParameterVector::index_of(const std::string& name) const {
  const auto at = std::find(names_.begin(), names_.end(), name);
  return at == names_.end() ? -1 : static_cast<int>(at - names_.begin());
}

bool ParameterVector::is_admissible(const VectorView& natural) const {
  for (const Block& block : blocks_) {
    const double x = natural(block.first);
    switch (block.constraint) {
      case Constraint::real:
        break;
      case Constraint::positive:
        if (!(x > 0)) return false;
        break;
      case Constraint::bounded:
        if (!(x > block.lower && x < block.upper)) return false;
        break;
      case Constraint::stationary:
        if (!is_stationary(segment(natural, block, 1))) return false;
        break;
      case Constraint::invertible:
        if (!is_stationary(segment(natural, block, -1))) return false;
        break;
    }
  }
  return natural.allFinite();
}

VectorXd ParameterVector::to_unconstrained(const VectorView& natural) const {
  VectorXd u = natural;
  for (const Block& block : blocks_) {
    switch (block.constraint) {
      case Constraint::real:
        break;
      case Constraint::positive:
        u(block.first) = std::log(natural(block.first));
        break;
      case Constraint::bounded: {
        const double share = (natural(block.first) - block.lower) / (block.upper - block.lower);
        u(block.first) = unfold(2 * share - 1, kBoundedEdge);
        break;
      }
      case Constraint::stationary:
      case Constraint::invertible: {
        const double sign = block.constraint == Constraint::stationary ? 1 : -1;
        const std::vector<double> partial = partial_inside(segment(natural, block, sign));
        for (int i = 0; i < block.count; ++i) {
          u(block.first + i) = unfold(partial[static_cast<std::size_t>(i)], kStationaryEdge);
        }
        break;
      }
    }
  }
  return u;
}

VectorXd ParameterVector::to_natural(const VectorView& u) const {
  VectorXd natural = u;
  for (const Block& block : blocks_) {
    switch (block.constraint) {
      case Constraint::real:
        break;
      case Constraint::positive:
        natural(block.first) = std::exp(u(block.first));
        break;
      case Constraint::bounded:
        natural(block.first) = block.lower + (block.upper - block.lower) *
                                                 (1 + fold(u(block.first), kBoundedEdge)) / 2;
        break;
      case Constraint::stationary:
      case Constraint::invertible: {
        const double sign = block.constraint == Constraint::stationary ? 1 : -1;
        const auto c = coefficients_from_unconstrained(segment(u, block, 1), sign);
        for (int i = 0; i < block.count; ++i) {
          natural(block.first + i) = c[static_cast<std::size_t>(i)];
        }
        break;
      }
    }
  }
  return natural;
}

MatrixXd ParameterVector::natural_jacobian(const VectorView& u) const {
  using Dual = Jet<1>;
  MatrixXd jacobian = MatrixXd::Zero(size(), size());
  for (const Block& block : blocks_) {
    const int first = block.first;
    switch (block.constraint) {
      case Constraint::real:
        jacobian(first, first) = 1;
        break;
      case Constraint::positive:
        jacobian(first, first) = std::exp(u(first));
        break;
      case Constraint::bounded:
        jacobian(first, first) =
            (block.upper - block.lower) / 2 * fold(Dual(u(first), 0), kBoundedEdge).v[0];
        break;
      case Constraint::stationary:
      case Constraint::invertible: {
        const double sign = block.constraint == Constraint::stationary ? 1 : -1;
        jacobian.block(first, first, block.count, block.count) =
            sign * coefficient_derivative(u.segment(first, block.count));
        break;
      }
    }
  }
  return jacobian;
}

}  // namespace amnok
