#include "engine/model/model.h"

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <cmath>

#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

constexpr int kMaxRefinements = 25;

// Which parameters enter the mean as they are (regression coefficients): given the error variance,
// their covariance is proportional to it. That of polynomials, smoothing constants and variances,
// which are constrained, is not.
VectorXd real_parameters(const ParameterVector& parameters) {
  VectorXd real = VectorXd::Zero(parameters.size());
  for (const ParameterVector::Block& block : parameters.blocks()) {
    if (block.constraint == Constraint::real) real.segment(block.first, block.count).setOnes();
  }
  return real;
}

// A root of a covariance matrix that may be singular.
MatrixXd covariance_root(const MatrixXd& covariance) {
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(covariance);
  return eigen.eigenvectors() * eigen.eigenvalues().cwiseMax(0).cwiseSqrt().asDiagonal();
}

}  // namespace

FitResult fit(const BoundModel& model) {
  FitStatus status = FitStatus::converged;
  std::string message = "closed form";
  const Solution solution = std::visit(
      [&](const auto& problem) -> Solution {
        auto solved = solve(problem);
        if constexpr (requires { solved.status; }) {
          status = solved.status;
          message = solved.message;
        }
        return solved;
      },
      model.problem());
  FitResult result;
  if (status == FitStatus::failed) {
    result.parameters = model.start();
  } else {
    result = model.describe(solution);
  }
  if (result.status == FitStatus::not_run) result.status = status;
  result.message = result.message.empty() ? message : message + "; " + result.message;
  if (result.status == FitStatus::converged) result.diagnostics = model.diagnose(result);
  return result;
}

FittedModel fit_model(const Model& model, const Sample& sample) {
  FittedModel fitted;
  fitted.model = model.bind(sample);
  fitted.result = fit(*fitted.model);
  for (int i = 0; i < kMaxRefinements && fitted.result.usable(); ++i) {
    std::shared_ptr<const BoundModel> next = fitted.model->refined(fitted.result);
    if (!next) break;
    fitted.model = next;
    fitted.result = fit(*fitted.model);
  }
  return fitted;
}

Eigen::RowVectorXd BoundModel::shock_scale(const ParameterDraws& draws, const DrawMatrix&,
                                           const DrawMatrix&, int) const {
  return draws.sigma.transpose();
}

ParameterDraws BoundModel::draw_parameters(const FitResult& fit, std::uint64_t seed,
                                           std::uint32_t equation, int first, int count) const {
  const int k = fit.parameters.size();
  ParameterDraws draws;
  draws.parameters = fit.parameters.values().replicate(1, count);
  draws.sigma = VectorXd::Constant(count, std::sqrt(fit.sigma2));
  const bool uncertain = fit.covariance.rows() == k && k > 0;
  const MatrixXd root = uncertain ? covariance_root(fit.covariance) : MatrixXd();
  const StreamKey key{seed, Purpose::parameter, equation};
  const int df = std::max(fit.nobs - k, 1);
  const VectorXd real = real_parameters(fit.parameters);
  std::vector<double> normals(static_cast<std::size_t>(k));
  VectorXd value(k);
  for (int r = 0; r < count; ++r) {
    const auto draw = static_cast<std::uint32_t>(first + r);
    double uniform = 0.5;
    // Index 0: the variance. Then k normals an attempt, until the parameters are admissible.
    fill_uniforms({seed, Purpose::state, equation}, draw, {&uniform, 1});
    // sigma^2 | data ~ df s^2 / chi^2(df), with s^2 = rss / df.
    const double error_scale = std::sqrt(fit.nobs / chi_squared_quantile(uniform, df));
    draws.sigma(r) *= error_scale;
    if (!uncertain) continue;
    const double spread =
        fit.inference_df > 0
            ? std::sqrt(fit.inference_df / chi_squared_quantile(uniform, fit.inference_df))
            : error_scale;
    for (std::uint32_t attempt = 0; attempt < 50; ++attempt) {
      fill_normals(key, draw, normals, attempt * static_cast<std::uint32_t>(k + k % 2));
      value.noalias() = root * Eigen::Map<VectorXd>(normals.data(), k);
      value.array() *= 1 + (spread - 1) * real.array();
      value += fit.parameters.values();
      if (!fit.parameters.is_admissible(value)) continue;
      draws.parameters.col(r) = value;
      break;  // after 50 refusals the estimate itself stands
    }
  }
  return draws;
}

Forecast forecast_with_parameter_uncertainty(const BoundModel& model, const FitResult& fit,
                                             const Future& future) {
  Forecast forecast = model.forecast(fit, future);
  const int k = fit.parameters.size();
  if (fit.covariance.rows() != k || k == 0) return forecast;
  MatrixXd gradient = MatrixXd::Zero(forecast.mean.size(), k);
  FitResult moved = fit;
  for (int j = 0; j < k; ++j) {
    VectorXd value = fit.parameters.values();
    const double step = 0.01 * std::sqrt(std::max(fit.covariance(j, j), 0.0));
    if (step == 0) continue;
    value(j) += step;
    const bool up = fit.parameters.is_admissible(value);
    if (!up) value(j) -= 2 * step;  // at a boundary
    if (!fit.parameters.is_admissible(value)) continue;
    moved.parameters.set_values(value);
    gradient.col(j) = (model.forecast_mean(moved, future) - forecast.mean) / (up ? step : -step);
  }
  forecast.variance += (gradient * fit.covariance).cwiseProduct(gradient).rowwise().sum();
  return forecast;
}

}  // namespace amnok
