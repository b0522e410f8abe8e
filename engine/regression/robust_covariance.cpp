#include "engine/regression/robust_covariance.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/regression/error_structure.h"
#include "engine/regression/specification_tests.h"
#include "engine/stats/distributions.h"
#include "engine/stats/hac.h"

namespace amnok {

namespace {

using Reference = ReferenceDistribution;

// Kiefer & Vogelsang (2005), table 1, Bartlett: the quantiles of t at 0.90, 0.95, 0.975 and 0.99
// are a0 + a1 b + a2 b^2 + a3 b^3, a0 the normal's.
struct FixedBRow {
  double probability, a1, a2, a3;
};
constexpr FixedBRow kFixedB[] = {{0.900, 1.3040, 0.5135, -0.3386},
                                 {0.950, 2.1859, 0.3142, -0.3427},
                                 {0.975, 2.9694, 0.4160, -0.5324},
                                 {0.990, 4.1618, 0.5368, -0.9060}};

// Quantile of t over the normal's quantile z, linear in z between the table's rows.
double fixed_b_ratio(double z, double b) {
  constexpr int kRows = 4;
  double at[kRows], ratio[kRows];
  for (int i = 0; i < kRows; ++i) {
    const FixedBRow& row = kFixedB[i];
    at[i] = normal_quantile(row.probability);
    ratio[i] = 1 + b * (row.a1 + b * (row.a2 + b * row.a3)) / at[i];
  }
  int i = 0;
  while (i < kRows - 2 && z > at[i + 1]) ++i;
  const double share = (z - at[i]) / (at[i + 1] - at[i]);
  return std::max(1.0, ratio[i] + share * (ratio[i + 1] - ratio[i]));
}

VectorXd slope_weights(const MatrixView& x) {
  VectorXd weights = VectorXd::Ones(x.cols());
  if (const int constant = constant_column(x); constant >= 0 && x.cols() > 1) weights(constant) = 0;
  return weights;
}

Reference student_t(double df) {
  Reference reference;
  reference.kind = Reference::Kind::student_t;
  reference.df = df;
  return reference;
}

RobustCovariance clustered(const MatrixView& x, const LinearFit& fit,
                           const RobustOptions& options) {
  ErrorStructure errors = ErrorStructure::clustered(options.clusters);
  errors.second_clusters = options.second_clusters;
  const MatrixXd meat = score_covariance(x, fit.residuals, errors, x.cols());
  int groups = options.clusters.count;
  if (options.second_clusters.count > 0) groups = std::min(groups, options.second_clusters.count);
  return {sandwich(fit.xtx_inverse, meat), errors.name(), student_t(groups - 1)};
}

RobustCovariance kernel_based(const MatrixView& x, const LinearFit& fit,
                              const RobustOptions& options) {
  MatrixXd scores = regression_scores(x, fit.residuals);
  MatrixXd recolour = MatrixXd::Identity(x.cols(), x.cols());
  const bool white = options.prewhiten && x.rows() > 3 * x.cols();
  if (white) {
    Prewhitened prewhitened = prewhiten(scores);
    scores = std::move(prewhitened.residuals);
    recolour = std::move(prewhitened.recolour);
  }
  const char* suffix = white ? ", prewhitened" : "";
  RobustCovariance result;
  MatrixXd meat;
  if (options.kind == RobustKind::andrews) {
    double bandwidth = andrews_bandwidth(scores, slope_weights(x), Kernel::quadratic_spectral);
    if (!std::isfinite(bandwidth)) bandwidth = 0;
    meat = kernel_covariance(scores, Kernel::quadratic_spectral, bandwidth);
    result.name = fmt::format("Andrews, quadratic spectral, bandwidth {:.3g}{}", bandwidth, suffix);
  } else {
    const double automatic =
        options.lags ? *options.lags : newey_west_bandwidth(scores, slope_weights(x), white);
    const int most = static_cast<int>(scores.rows()) - 1;
    const int lags =
        std::isfinite(automatic) ? static_cast<int>(std::clamp<double>(automatic, 0, most)) : 0;
    meat = newey_west(scores, lags);
    result.name = fmt::format("Newey-West, {} lag{}{}", lags, lags == 1 ? "" : "s", suffix);
  }
  const auto n = static_cast<double>(x.rows());
  meat = recolour * meat * recolour.transpose() * (n / fit.df_residual());
  result.covariance = sandwich(fit.xtx_inverse, meat);
  return result;
}

RobustCovariance cosines(const MatrixView& x, const LinearFit& fit, const RobustOptions& options) {
  const int wanted = options.cosines.value_or(automatic_cosines(x.rows()));
  const int b = std::clamp(wanted, 1, static_cast<int>(x.rows()) - 1);
  const MatrixXd meat = cosine_covariance(regression_scores(x, fit.residuals), b);
  return {sandwich(fit.xtx_inverse, meat), fmt::format("equal-weighted cosines, t({})", b),
          student_t(b)};
}

RobustCovariance fixed_b(const MatrixView& x, const LinearFit& fit, const RobustOptions& options) {
  const auto n = static_cast<double>(x.rows());
  const int automatic = static_cast<int>(std::ceil(1.3 * std::sqrt(n))) - 1;
  const int lags = std::clamp(options.lags.value_or(automatic), 0, static_cast<int>(x.rows()) - 1);
  RobustCovariance result;
  result.covariance = sandwich(fit.xtx_inverse, newey_west(x, fit.residuals, lags));
  result.name = fmt::format("Newey-West, {} lags, fixed-b", lags);
  result.reference.kind = Reference::Kind::fixed_b;
  result.reference.b = (lags + 1) / n;
  return result;
}

}  // namespace

double ReferenceDistribution::critical(double confidence) const {
  AMNOK_CHECK(confidence > 0 && confidence < 1, "confidence {}", confidence);
  const double p = 0.5 + 0.5 * confidence;
  if (kind == Kind::student_t) return student_t_quantile(p, df);
  const double z = normal_quantile(p);
  return kind == Kind::normal ? z : z * fixed_b_ratio(z, b);
}

double ReferenceDistribution::two_sided_p(double t) const {
  if (kind == Kind::student_t) return student_t_two_sided_p(t, df);
  if (kind == Kind::normal || t == 0 || !std::isfinite(t)) return normal_two_sided_p(t);
  // The normal quantile to which |t| belongs; the ratio is at least one and rises with z.
  const auto excess = [&](double z) { return z * fixed_b_ratio(z, b) - std::fabs(t); };
  std::uintmax_t iterations = 100;
  const auto root = boost::math::tools::bisect(
      excess, 0.0, std::fabs(t), boost::math::tools::eps_tolerance<double>(40), iterations);
  return normal_two_sided_p(root.first);
}

std::string ReferenceDistribution::name() const {
  switch (kind) {
    case Kind::student_t:
      return fmt::format("t({:.4g})", df);
    case Kind::fixed_b:
      return fmt::format("fixed-b (b = {:.2f})", b);
    case Kind::normal:
      break;
  }
  return "normal";
}

int automatic_cosines(Eigen::Index n) {
  return static_cast<int>(std::lround(0.4 * std::pow(static_cast<double>(n), 2.0 / 3)));
}

MatrixXd cosine_covariance(const MatrixView& scores, int count) {
  const Eigen::Index n = scores.rows();
  AMNOK_CHECK(count >= 1 && count < n, "{} cosines, n {}", count, n);
  MatrixXd basis(n, count);
  for (int j = 1; j <= count; ++j) {
    for (Eigen::Index t = 0; t < n; ++t) {
      basis(t, j - 1) =
          std::cos(std::numbers::pi * j * (static_cast<double>(t) + 0.5) / static_cast<double>(n));
    }
  }
  const MatrixXd sums = basis.transpose() * scores;
  return 2.0 / count * sums.transpose() * sums;
}

RobustCovariance robust_covariance(const MatrixView& x, const LinearFit& fit,
                                   const RobustOptions& options) {
  AMNOK_CHECK(fit.rank == x.cols() && fit.residuals.size() == x.rows(), "rank {} of {} columns",
              fit.rank, x.cols());
  switch (options.kind) {
    case RobustKind::cluster:
      return clustered(x, fit, options);
    case RobustKind::newey_west:
    case RobustKind::andrews:
      return kernel_based(x, fit, options);
    case RobustKind::ewc:
      return cosines(x, fit, options);
    case RobustKind::newey_west_fixed_b:
      return fixed_b(x, fit, options);
    case RobustKind::classical:
    case RobustKind::hc0:
    case RobustKind::hc1:
    case RobustKind::hc2:
    case RobustKind::hc3:
      break;
  }
  constexpr RegressionCovariance kKinds[] = {RegressionCovariance::classical,
                                             RegressionCovariance::hc0, RegressionCovariance::hc1,
                                             RegressionCovariance::hc2, RegressionCovariance::hc3};
  const RegressionCovariance kind = kKinds[static_cast<int>(options.kind)];
  return {heteroskedastic_covariance(x, fit, kind), covariance_name(kind),
          options.kind == RobustKind::hc0 ? Reference() : student_t(fit.df_residual())};
}

}  // namespace amnok
