// How sure the coefficients of a system are, all equations together:
//
//   S ~ IW(scale, df),   B | S ~ N(B^, S (x) W)         B: q x K, an equation a column
//
// A draw is B = B^ + L Z R' with W = L L', S = R R' and Z of q x K standard normals. All of it is a
// function of the seed, the stream and the draw, so that every equation of the system can take its
// own column of the same draw.
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

  MatrixXd coefficients(const Draw& draw) const;                // q x K
  VectorXd coefficients(const Draw& draw, int equation) const;  // q
  static double sigma(const Draw& draw, int equation) { return draw.root.row(equation).norm(); }
  static MatrixXd covariance(const Draw& draw) { return draw.root * draw.root.transpose(); }

 private:
  MatrixXd mean_, spread_, scale_root_;
  double df_ = 0;
};

}  // namespace amnok
