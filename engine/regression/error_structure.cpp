#include "engine/regression/error_structure.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/check.h"
#include "engine/base/cross_product.h"

namespace amnok {

namespace {

using Kind = ErrorStructure::Kind;

MatrixXd times(const MatrixView& z, const VectorView& e) {
  return e.asDiagonal() * z;
}

MatrixXd covariance_of_scores(const MatrixView& scores, const ErrorStructure& errors) {
  if (errors.kind == Kind::hac) return kernel_covariance(scores, errors.kernel, errors.bandwidth);
  if (errors.kind == Kind::heteroskedastic) return cross_product(scores);
  if (errors.second_clusters.count == 0) return clustered_covariance(scores, errors.clusters);
  return clustered_covariance(scores, errors.clusters, errors.second_clusters);
}

}  // namespace

ErrorStructure ErrorStructure::hc0() {
  ErrorStructure errors;
  errors.kind = Kind::heteroskedastic;
  return errors;
}

ErrorStructure ErrorStructure::hc1() {
  ErrorStructure errors = hc0();
  errors.small_sample = true;
  return errors;
}

ErrorStructure ErrorStructure::clustered(Groups clusters, bool small_sample) {
  ErrorStructure errors;
  errors.kind = Kind::cluster;
  errors.clusters = std::move(clusters);
  errors.small_sample = small_sample;
  return errors;
}

ErrorStructure ErrorStructure::newey_west(int lags, bool small_sample) {
  ErrorStructure errors;
  errors.kind = Kind::hac;
  errors.bandwidth = lags + 1;
  errors.small_sample = small_sample;
  return errors;
}

std::string ErrorStructure::name() const {
  switch (kind) {
    case Kind::homoskedastic:
      return "classical";
    case Kind::heteroskedastic:
      return small_sample ? "HC1" : "HC0";
    case Kind::cluster:
      return second_clusters.count == 0 ? fmt::format("clustered ({} groups)", clusters.count)
                                        : fmt::format("clustered ({} and {} groups)",
                                                      clusters.count, second_clusters.count);
    case Kind::hac:
      return fmt::format("HAC ({}, bandwidth {:.4g})",
                         kernel == Kernel::bartlett ? "Bartlett" : "quadratic spectral", bandwidth);
  }
  return "";
}

double small_sample_factor(const ErrorStructure& errors, Eigen::Index n, Eigen::Index k) {
  if (!errors.small_sample) return 1;
  AMNOK_CHECK(n > k, "n {}, k {}", n, k);
  const auto rows = static_cast<double>(n), rest = static_cast<double>(n - k);
  if (errors.kind != Kind::cluster) return rows / rest;
  double g = errors.clusters.count;
  if (errors.second_clusters.count > 0) g = std::min<double>(g, errors.second_clusters.count);
  AMNOK_CHECK(g > 1, "{} clusters", g);
  return g / (g - 1) * (rows - 1) / rest;
}

MatrixXd score_covariance(const MatrixView& z, const VectorView& e, const ErrorStructure& errors,
                          Eigen::Index k) {
  const Eigen::Index n = z.rows();
  AMNOK_CHECK(n == e.size(), "{} rows, {} residuals", n, e.size());
  const double factor = small_sample_factor(errors, n, k);
  if (errors.kind == Kind::homoskedastic) {
    return cross_product(z) * (factor * e.squaredNorm() / static_cast<double>(n));
  }
  if (errors.kind == Kind::heteroskedastic)
    return factor * weighted_cross_product(z, e.cwiseAbs2());
  return factor * covariance_of_scores(times(z, e), errors);
}

MatrixXd score_cross_covariance(const MatrixView& z, const VectorView& e, const VectorView& u,
                                const ErrorStructure& errors) {
  if (errors.kind == Kind::homoskedastic) {
    return cross_product(z) * (e.dot(u) / static_cast<double>(z.rows()));
  }
  // Polarisation: every kind is quadratic in the residuals.
  return 0.25 * (covariance_of_scores(times(z, e + u), errors) -
                 covariance_of_scores(times(z, e - u), errors));
}

}  // namespace amnok
