// The distribution of an equation's simulated shocks: mean zero, variance one.
//
//   x = F^{-1}(Phi(u)),   u standard normal, F the distribution of the shocks
//
// Shocks of several equations whose u are jointly normal keep that dependence (a Gaussian copula;
// Nelsen 2006, An Introduction to Copulas, section 2.3): ranks are correlated exactly as those of
// the u, the shocks themselves somewhat less where tails are fat (0.60 becomes 0.57 for two Student
// t with 4 degrees of freedom, 0.44 with 2.5).
//
//   gaussian    x = u, to the last bit
//   student_t   F of sqrt((df - 2) / df) t(df)
//   bootstrap   F the empirical distribution of given values: every x is one of them
#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "engine/base/matrix.h"
#include "engine/stats/empirical_quantile.h"
#include "engine/stats/student_t_map.h"

namespace amnok {

enum class Innovations { gaussian, student_t, bootstrap };
std::string_view innovations_name(Innovations kind);
Innovations parse_innovations(std::string_view name);  // one of the names

class ShockDistribution {
 public:
  ShockDistribution() = default;  // gaussian
  explicit ShockDistribution(StudentTMap map) : map_(std::move(map)) {}
  explicit ShockDistribution(EmpiricalQuantile values) : map_(std::move(values)) {}

  Innovations kind() const { return static_cast<Innovations>(map_.index()); }
  double df() const;          // of Student's t; NaN for the others
  Eigen::Index size() const;  // values of a bootstrap; 0 for the others
  std::string words() const;  // "Student t with 4.9 degrees of freedom"

  double operator()(double u) const;
  void apply(DrawMatrix& u) const;  // to every element, in place
  double score(double x) const;     // the u of a shock x: its normal score

 private:
  struct Identity {
    double operator()(double u) const { return u; }
    double inverse(double x) const { return x; }
  };
  std::variant<Identity, StudentTMap, EmpiricalQuantile> map_;
};

}  // namespace amnok
