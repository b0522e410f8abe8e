// Named parameters in natural units outside, unconstrained coordinates inside.
//
// A block of parameters shares a constraint:
//   real        x = u
//   positive    x = exp(u)
//   bounded     x = lower + (upper - lower) (1 + sin u) / 2
//   stationary  partial autocorrelations r_i = sin u_i, then Durbin-Levinson
//   invertible  the negative of a stationary block (moving averages)
// (short of one by 1e-6 and 5e-5: engine/solver/transforms.h).
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

enum class Constraint { real, positive, bounded, stationary, invertible };

class ParameterVector {
 public:
  struct Block {
    Constraint constraint = Constraint::real;
    int first = 0, count = 0;
    double lower = 0, upper = 0;
  };

  void add(const std::string& name, double value, Constraint constraint = Constraint::real,
           double lower = 0, double upper = 0);
  // A block with a joint constraint.
  void add_block(const std::vector<std::string>& names, const std::vector<double>& values,
                 Constraint constraint);

  int size() const { return static_cast<int>(names_.size()); }
  const std::vector<std::string>& names() const { return names_; }
  const VectorXd& values() const { return values_; }
  void set_values(const VectorView& values);
  int index_of(const std::string& name) const;  // -1: not there
  const std::vector<Block>& blocks() const { return blocks_; }

  bool is_admissible(const VectorView& natural) const;
  VectorXd to_unconstrained(const VectorView& natural) const;
  VectorXd to_natural(const VectorView& unconstrained) const;
  MatrixXd natural_jacobian(const VectorView& unconstrained) const;  // d natural / d unconstrained

 private:
  std::vector<std::string> names_;
  VectorXd values_;
  std::vector<Block> blocks_;
};

}  // namespace amnok
