#include "models/vector_autoregression/var_posterior.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>
#include <vector>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

// A root of a covariance matrix that may be singular, in units of its standard deviations.
MatrixXd scaled_root(const MatrixXd& covariance) {
  const VectorXd sd = covariance.diagonal().cwiseMax(0).cwiseSqrt();
  const VectorXd inverse = sd.unaryExpr([](double s) { return s > 0 ? 1 / s : 0.0; });
  const MatrixXd correlation = inverse.asDiagonal() * covariance * inverse.asDiagonal();
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(correlation);
  return sd.asDiagonal() * eigen.eigenvectors() *
         eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

}  // namespace

MatrixXd covariance_factor(const MatrixXd& covariance) {
  const Eigen::LLT<MatrixXd> llt(covariance);
  return llt.info() == Eigen::Success ? MatrixXd(llt.matrixL()) : scaled_root(covariance);
}

VarPosterior::VarPosterior(MatrixXd mean, const MatrixXd& w, const MatrixXd& scale, double df)
    : mean_(std::move(mean)),
      spread_(covariance_factor(w)),
      scale_root_(covariance_factor(scale)),
      df_(df) {
  AMNOK_CHECK(df > static_cast<double>(scale.rows()) - 1, "{} degrees of freedom for {} equations",
              df, scale.rows());
}

VarPosterior::Draw VarPosterior::draw(std::uint64_t seed, std::uint32_t stream, int draw) const {
  const Eigen::Index q = mean_.rows(), k = mean_.cols();
  const auto r = static_cast<std::uint32_t>(draw);
  std::vector<double> normals(static_cast<std::size_t>((q + k) * k)),
      uniforms(static_cast<std::size_t>(k));
  fill_normals({seed, Purpose::parameter, stream}, r, normals);
  fill_uniforms({seed, Purpose::state, stream}, r, uniforms);
  // S^-1 by Bartlett's (1933) decomposition: R = L A'^-1, L L' = scale, A lower triangular.
  MatrixXd a = Eigen::Map<const MatrixXd>(normals.data() + q * k, k, k);
  for (Eigen::Index i = 0; i < k; ++i) {
    a(i, i) = std::sqrt(
        chi_squared_quantile(uniforms[static_cast<std::size_t>(i)], df_ - static_cast<double>(i)));
  }
  return {a.triangularView<Eigen::Lower>().solve(MatrixXd(scale_root_.transpose())).transpose(),
          Eigen::Map<const MatrixXd>(normals.data(), q, k)};
}

MatrixXd VarPosterior::coefficients(const Draw& draw) const {
  return mean_ + spread_ * (draw.normals * draw.root.transpose());
}

}  // namespace amnok
