// Standard normals into Student t shocks of variance one:
//
//   x(u) = sqrt((df - 2) / df) T^{-1}(Phi(u)),   T the distribution function of t(df)
//
// tabulated over |u| <= 10 with its first two derivatives, which have closed forms
//
//   q' = phi(u) / f(q),   q'' = q' ((df + 1) q q' / (df + q^2) - u),   q = T^{-1}(Phi(u))
//
// and interpolated by quintics that meet all three at sixteen points a unit. A test holds the
// relative error below 1e-8 for every df >= 2.5. Beyond |u| = 10, which one normal in 1e23 reaches,
// x(u) is computed. (Boost.Math interpolates the same, at ten times the cost a shock.)
#pragma once

#include <array>
#include <cmath>
#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

class StudentTMap {
 public:
  explicit StudentTMap(double df);  // above 2

  double df() const { return df_; }
  double operator()(double u) const {
    const double size = std::fabs(u), s = size * kCellsPerUnit;
    if (!(size < kLimit)) return std::copysign(exact(size), u);
    const auto cell = static_cast<std::size_t>(s);
    const double t = s - static_cast<double>(cell);
    const Quintic& c = cells_[cell];
    return std::copysign(c[0] + t * (c[1] + t * (c[2] + t * (c[3] + t * (c[4] + t * c[5])))), u);
  }
  double inverse(double x) const;  // Phi^{-1}(F(x))

 private:
  static constexpr int kLimit = 10, kCellsPerUnit = 16;
  using Quintic = std::array<double, 6>;  // coefficients of 1, t, .. t^5, t in [0, 1)

  double exact(double u) const;

  double df_;
  std::vector<Quintic> cells_;
};

// The degrees of freedom in [2.5, 200] under which shocks of variance one are likeliest, for values
// of mean zero and variance one (Bollerslev 1987, Rev. Economics and Statistics 69, 542-547, eq.
// 1).
inline constexpr double kLowestTailDf = 2.5, kHighestTailDf = 200;
struct TailFit {
  double df = kMissing;
  double likelihood_ratio = kMissing;  // 2 (log L of t - log L of the normal)
};
TailFit fit_student_t(const VectorXd& standardised);

// At 5 %, the normal being the end of the t's parameter space: half of chi-squared(1), half of zero
// (Self & Liang 1987, J. Amer. Statist. Assoc. 82, 605-610, case 5).
inline constexpr double kTailCritical = 2.706;

}  // namespace amnok
