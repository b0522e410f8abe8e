// Bootstrap p-values of sup-F, ave-F and exp-F of one break, and of supF(l + 1 | l).
//
// Regressors stay as they are and y is drawn under the null (Hansen 2000, J. Econometrics 97,
// 93-115): F does not depend on the coefficients, so y* consists of errors only,
//
//   fixed_regressor  y*_t = u_t                 u standard normal: one error variance
//   fixed_hetero     y*_t = e_t u_t             e: residuals with a break at the best date
//   rademacher       y*_t = r_t v_t             r: residuals without a break; v = -1 or 1
//   mammen           y*_t = r_t v_t             v = (1 - sqrt 5) / 2 or (1 + sqrt 5) / 2 with mean 0,
//                                               variance 1 and third moment 1 (Mammen 1993, Annals
//                                               of Statistics 21, 255-285)
//   sieve            y*_t = a_1 y*_{t-1} + .. + w_t   an autoregression of the residuals (sieve.h)
//
// The first four hold the order of the errors, so each keeps its own variance; they assume no
// correlation. The sieve assumes one variance of innovations. Residuals without a break take a large
// shift for persistence, so that the test loses power against it; residuals with a break at its best
// date make the test reject too often. The p-value is the smaller of 1.25 times that of the former
// and 5 times that of the latter (Bonferroni's inequality with shares 0.8 and 0.2 of the level).
// F is the classical one throughout: what makes it robust is that its distribution is drawn under
// errors like those of the data.
//
// One replication costs O(n k^2): with z_t an orthogonal basis of the regressors that change and q_t
// of all regressors, e_t the residuals without a break,
//   RSS_0 - RSS(i) = S_i'(A_i - B_i B_i')^-1 S_i
//   S_i = sum_{t<=i} z_t e_t,  A_i = sum_{t<=i} z_t z_t',  B_i = sum_{t<=i} z_t q_t'
// and the inverse roots are made once for all replications.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "models/structural_break/f_tests.h"
#include "models/structural_break/partial_break.h"

namespace amnok {

// F at candidates first .. last (observations before the change) for any y with the same regressors.
class FPathKernel {
 public:
  FPathKernel(const MatrixView& x, int first, int last);  // all coefficients change
  FPathKernel(const MatrixView& changing, const MatrixView& common, int first, int last);

  // F of each column of y: candidates x columns. n - p - 2q degrees of freedom, p common and q
  // changing coefficients; 0 / 0 is NaN.
  MatrixXd paths(const MatrixView& y) const;

 private:
  int first_, last_;
  MatrixXd z_, q_;               // n x ranks
  std::vector<MatrixXd> roots_;  // of (A_i - B_i B_i')^-1
  double df_;
};

enum class Bootstrap { fixed_regressor, fixed_hetero, rademacher, mammen, sieve };
std::string bootstrap_name(Bootstrap scheme);

struct BreakBootstrapOptions {
  Bootstrap scheme = Bootstrap::fixed_regressor;
  int replications = 999;
  std::uint64_t seed = 0;
  int threads = 0;  // 0: all; the numbers are the same for any
};

// p: (1 + how many replications reach the statistic) / (1 + replications), sieve: see above.
struct BootstrapF {
  double sup = kMissing, ave = kMissing, exp = kMissing;  // statistics
  double sup_p = kMissing, ave_p = kMissing, exp_p = kMissing;
  VectorXd drawn_sup;  // by replication; sieve: without a break
  int order = 0;       // of the sieve without a break

  // The smallest replication that so many of `level` reach.
  double sup_critical(double level) const;
};
BootstrapF bootstrap_f_tests(const MatrixView& x, const VectorView& y, int first, int last,
                             const BreakBootstrapOptions& options);
BootstrapF bootstrap_f_tests(const PartialBreakSearch& problem, int first, int last,
                             const BreakBootstrapOptions& options);

// supF(l + 1 | l) with l breaks at `last`: y* is drawn in each segment, whose dates are kept.
struct BootstrapSequential {
  double statistic = kMissing, p_value = kMissing;
};
BootstrapSequential bootstrap_sequential(const MatrixView& x, const VectorView& y,
                                         const std::vector<int>& last, int min_segment,
                                         const BreakBootstrapOptions& options);

}  // namespace amnok
