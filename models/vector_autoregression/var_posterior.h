// How sure the coefficients of a system are, all equations together:
//
//   S ~ IW(scale, df),   B | S ~ N(B^, S (x) W)         B: q x K, an equation a column
//
// A draw is B = B^ + L Z R' with W = L L', S = R R' and Z of q x K standard normals. Z and R are
// functions of the seed, the stream and the draw, so that every equation of the system can take its
// own column of the same draw, b_j = b^_j + L Z r_j with r_j the row of R.
//
// Least squares: W = (X'X)^-1 and, of T observations, scale U'U and df = T - q + K - 1: that of the
// prior |S|^-K, with which each variance is u'u / chi-squared(T - q) and each coefficient has the t
// distribution of its own regression.
#pragma once

#include <cstdint>

#include "engine/base/matrix.h"

namespace amnok {

class VarPosterior {
 public:
  VarPosterior() = default;
  // `w` may be singular: restricted coefficients.
  VarPosterior(MatrixXd mean, const MatrixXd& w, const MatrixXd& scale, double df);

  struct Draw {
    MatrixXd root;     // R, K x K
    MatrixXd normals;  // Z, q x K
  };
  Draw draw(std::uint64_t seed, std::uint32_t stream, int draw) const;

  MatrixXd coefficients(const Draw& draw) const;  // q x K
  static MatrixXd covariance(const Draw& draw) { return draw.root * draw.root.transpose(); }

 private:
  MatrixXd mean_, spread_, scale_root_;
  double df_ = 0;
};

// L with L L' = a covariance matrix, which may be singular; a multiple of the matrix has a multiple of
// the root.
MatrixXd covariance_factor(const MatrixXd& covariance);

}  // namespace amnok
