// Covariance of least-squares coefficients with the distribution that its t-ratios follow.
//
//   V = (X'X)^-1 S (X'X)^-1
//
//   classical            s^2 X'X; Student's t, n - k
//   hc0 .. hc3           covariance.h; hc0 normal, the others Student's t, n - k
//   cluster              error_structure.h; Student's t, G - 1
//   newey_west           Bartlett, lags given or by Newey & West (1994); normal
//   andrews              quadratic spectral, bandwidth by Andrews (1991); normal
//   ewc                  equal-weighted cosines (Lazarus, Lewis, Stock & Watson 2018, J. Bus. Econ.
//                        Stat. 36, 541-559, eq. 10): S = (2 / B) sum_{j=1..B} L_j L_j' with
//                        L_j = sum_t s_t cos(pi j (t - 1/2) / n); Student's t, B degrees of
//                        freedom. B given, or the nearest integer to 0.4 n^(2/3) (their eq. 5)
//   newey_west_fixed_b   Bartlett with many lags, given or 1.3 n^(1/2) (their eq. 4), and critical
//                        values that depend on b = (lags + 1) / n (Kiefer & Vogelsang 2005,
//                        Econometric Theory 21, 1130-1164, table 1)
//
// newey_west and andrews multiply by n / (n - k); ewc and fixed-b do not, as their distributions
// allow for the estimation of S. prewhiten: scores of newey_west and andrews through a VAR(1).
#pragma once

#include <optional>
#include <string>

#include "engine/solver/covariance.h"
#include "engine/stats/groups.h"

namespace amnok {

enum class RobustKind {
  classical,
  hc0,
  hc1,
  hc2,
  hc3,
  cluster,
  newey_west,
  andrews,
  ewc,
  newey_west_fixed_b
};

struct RobustOptions {
  RobustKind kind = RobustKind::newey_west;
  std::optional<int> lags;     // of the Bartlett kinds
  std::optional<int> cosines;  // B of ewc
  bool prewhiten = false;
  Groups clusters, second_clusters;
};

// Of a t-ratio.
struct ReferenceDistribution {
  enum class Kind { normal, student_t, fixed_b };
  Kind kind = Kind::normal;
  double df = kMissing;
  double b = kMissing;  // of fixed_b: bandwidth over n, in (0, 1]

  // The value that |t| exceeds with probability 1 - confidence. fixed_b: tabulated for 0.80, 0.90,
  // 0.95 and 0.98, between and beyond them the ratio to the normal quantile is interpolated.
  double critical(double confidence) const;
  double two_sided_p(double t) const;
  std::string name() const;  // "t(12)", "fixed-b (b = 0.10)"
};

struct RobustCovariance {
  MatrixXd covariance;
  std::string name;
  ReferenceDistribution reference;
};

// fit: least squares on x of full column rank, rows in the order of time.
RobustCovariance robust_covariance(const MatrixView& x, const LinearFit& fit,
                                   const RobustOptions& options);

// 0.4 n^(2/3), the rule of Lazarus, Lewis, Stock & Watson (2018).
int automatic_cosines(Eigen::Index n);
// The long-run sum of equal-weighted cosines, 1 <= cosines < n.
MatrixXd cosine_covariance(const MatrixView& scores, int cosines);

}  // namespace amnok
