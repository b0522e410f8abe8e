#include "models/structural_break/errors.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/stats/hac.h"

namespace amnok {

namespace {

// The bandwidth of Andrews (1991) for the quadratic spectral kernel; AR(1) fits without a constant.
double plug_in_bandwidth(const MatrixView& scores) {
  const Eigen::Index n = scores.rows();
  double numerator = 0, denominator = 0;
  for (Eigen::Index c = 0; c < scores.cols(); ++c) {
    const auto before = scores.col(c).head(n - 1), now = scores.col(c).tail(n - 1);
    const double squares = before.squaredNorm();
    if (squares == 0) continue;
    const double rho = before.dot(now) / squares;
    const double variance = (now - rho * before).squaredNorm() / static_cast<double>(n - 1);
    const double s4 = variance * variance;
    numerator += 4 * rho * rho * s4 / std::pow(1 - rho, 8);
    denominator += s4 / std::pow(1 - rho, 4);
  }
  if (!(denominator > 0)) return 0;
  return 1.3221 * std::pow(static_cast<double>(n) * numerator / denominator, 0.2);
}

MatrixXd kernel_estimate(const MatrixView& scores) {
  const Eigen::Index df = std::max<Eigen::Index>(scores.rows() - scores.cols(), 1);
  return kernel_covariance(scores, Kernel::quadratic_spectral, plug_in_bandwidth(scores)) /
         static_cast<double>(df);
}

}  // namespace

MatrixXd long_run_covariance(const MatrixView& scores, bool prewhiten) {
  if (!prewhiten || scores.rows() < scores.cols() + 3) return kernel_estimate(scores);
  const Prewhitened white = amnok::prewhiten(scores);
  return white.recolour * kernel_estimate(white.residuals) * white.recolour.transpose();
}

MatrixXd score_covariance(const MatrixView& scores, Errors errors, bool prewhiten) {
  AMNOK_CHECK(errors != Errors::classical, "errors {}", static_cast<int>(errors));
  if (errors == Errors::hac) return long_run_covariance(scores, prewhiten);
  return scores.transpose() * scores / static_cast<double>(scores.rows());
}

}  // namespace amnok
