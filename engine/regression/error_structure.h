// What is assumed of a regression's errors, and the covariance of its score sum under it.
//
//   S = Var(sum_t z_t e_t)
//     homoskedastic    s^2 Z'Z, s^2 = e'e / n
//     heteroskedastic  sum e_t^2 z_t z_t'                      (White 1980)
//     cluster          sum_g (sum_{t in g} z_t e_t)(...)'  (Liang & Zeger 1986); or two ways
//     hac              weighted lag products, rows in the order of time (engine/stats/hac.h)
//
// small_sample multiplies by n / (n - k), and for clusters by G / (G - 1) (n - 1) / (n - k), with G
// the smaller number of groups in two ways; heteroskedastic is then HC1.
#pragma once

#include <string>

#include "engine/stats/groups.h"
#include "engine/stats/hac.h"

namespace amnok {

struct ErrorStructure {
  enum class Kind { homoskedastic, heteroskedastic, cluster, hac };
  Kind kind = Kind::homoskedastic;
  bool small_sample = false;
  Groups clusters;                   // of Kind::cluster
  Groups second_clusters;            // empty: one way
  Kernel kernel = Kernel::bartlett;  // of Kind::hac
  double bandwidth = 1;              // Bartlett: lags + 1

  static ErrorStructure homoskedastic() { return {}; }
  static ErrorStructure hc0();
  static ErrorStructure hc1();
  static ErrorStructure clustered(Groups clusters, bool small_sample = true);
  static ErrorStructure newey_west(int lags, bool small_sample = false);

  std::string name() const;  // "HC1", "clustered (12 groups)"
};

// z: n x l, e: n residuals of a fit with k coefficients. l x l.
MatrixXd score_covariance(const MatrixView& z, const VectorView& e, const ErrorStructure& errors,
                          Eigen::Index k);

// The same between two residual vectors: symmetrised sum e_t u_t z_t z_t' and its relatives, for
// statistics that are quadratic in a hypothesised coefficient. No small-sample factor.
MatrixXd score_cross_covariance(const MatrixView& z, const VectorView& e, const VectorView& u,
                                const ErrorStructure& errors);

// The small-sample factor of the structure (1 without).
double small_sample_factor(const ErrorStructure& errors, Eigen::Index n, Eigen::Index k);

}  // namespace amnok
