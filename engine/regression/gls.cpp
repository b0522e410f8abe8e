#include "engine/regression/gls.h"

#include <fmt/format.h>

#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

constexpr double kTolerance = 1e-12;
constexpr int kMostIterations = 5000;

bool keeps_first_row(AutoregressiveErrors estimator) {
  return estimator == AutoregressiveErrors::prais_winsten ||
         estimator == AutoregressiveErrors::maximum_likelihood;
}

// Rows less rho times the row before; the first times sqrt(1 - rho^2), or dropped.
MatrixXd quasi_differences(const MatrixView& rows, double rho, bool keep_first) {
  const Eigen::Index n = rows.rows(), skipped = keep_first ? 0 : 1;
  MatrixXd result(n - skipped, rows.cols());
  if (keep_first) result.row(0) = std::sqrt(1 - rho * rho) * rows.row(0);
  result.bottomRows(n - 1) = rows.bottomRows(n - 1) - rho * rows.topRows(n - 1);
  return result;
}

class Problem {
 public:
  Problem(const MatrixView& x, const VectorView& y, AutoregressiveErrors estimator)
      : x_(x), y_(y), estimator_(estimator) {}

  LinearFit at(double rho) const {
    const bool keep = keeps_first_row(estimator_);
    return solve(
        LinearLeastSquares{quasi_differences(x_, rho, keep), quasi_differences(y_, rho, keep)});
  }
  // What rho makes smallest: the sum of squares, or in maximum likelihood -2/n times the
  // concentrated log-likelihood less a constant.
  double criterion(double rho) const {
    const double rss = at(rho).rss;
    if (estimator_ != AutoregressiveErrors::maximum_likelihood) return rss;
    return std::log(rss) - std::log1p(-rho * rho) / static_cast<double>(y_.size());
  }
  VectorXd residuals(const VectorXd& b) const { return y_ - x_ * b; }

 private:
  const MatrixView x_;
  const VectorView y_;
  AutoregressiveErrors estimator_;
};

double autoregression(const VectorXd& u) {
  const Eigen::Index n = u.size();
  return u.tail(n - 1).dot(u.head(n - 1)) / u.head(n - 1).squaredNorm();
}

// rho and b in turns.
void iterate(const Problem& problem, bool keeps_first, AutoregressiveFit& fit) {
  double change = 0;
  fit.rho = autoregression(problem.residuals(problem.at(0).coefficients));
  for (fit.iterations = 1; fit.iterations <= kMostIterations; ++fit.iterations) {
    if (!std::isfinite(fit.rho) || (keeps_first && std::fabs(fit.rho) >= 1)) {
      fit.status = FitStatus::not_converged;
      fit.message =
          fmt::format("rho is {:.4g} at iteration {}, outside (-1, 1)", fit.rho, fit.iterations);
      fit.rho = std::isfinite(fit.rho) ? std::copysign(1 - 1e-9, fit.rho) : 0;
      return;
    }
    const double next = autoregression(problem.residuals(problem.at(fit.rho).coefficients));
    change = std::fabs(next - fit.rho);
    fit.rho = next;
    if (change <= kTolerance) break;
  }
  const bool converged = change <= kTolerance;
  fit.status = converged ? FitStatus::converged : FitStatus::not_converged;
  fit.message = fmt::format("change of rho {:.1e} {} {:.0e} after {} iterations", change,
                            converged ? "<=" : ">", kTolerance, fit.iterations);
}

// The least criterion on a grid, which may have several valleys, then Brent's method around it.
void search(const Problem& problem, AutoregressiveFit& fit) {
  constexpr double kStep = 0.01, kEdge = 0.9999;
  double best = 0, least = problem.criterion(0);
  for (int i = -99; i <= 99; ++i) {
    const double value = problem.criterion(i * kStep);
    if (value < least) {
      least = value;
      best = i * kStep;
    }
  }
  const double low = std::max(best - kStep, -kEdge), high = std::min(best + kStep, kEdge);
  std::uintmax_t iterations = 200;
  const auto found = boost::math::tools::brent_find_minima(
      [&](double rho) { return problem.criterion(rho); }, low, high, 40, iterations);
  fit.rho = found.first;
  fit.iterations = static_cast<int>(iterations);
  const bool edge = std::fabs(fit.rho) > kEdge - 1e-6;
  fit.status = edge ? FitStatus::not_converged : FitStatus::converged;
  fit.message = edge ? fmt::format("the criterion still improves at rho {:.4f}, the edge", fit.rho)
                     : fmt::format("criterion {:.6g} at rho {:.6f} after {} refinements",
                                   found.second, fit.rho, fit.iterations);
}

void require_regressors(const MatrixView& x, const VectorView& y) {
  AMNOK_CHECK(x.rows() == y.size(), "X has {} rows, y {}", x.rows(), y.size());
  if (y.size() < x.cols() + 2) {
    throw InputError(
        fmt::format("the number of observations is {}, but must be at least {} for "
                    "{} coefficients and rho",
                    y.size(), x.cols() + 2, x.cols()));
  }
  ProblemList problems;
  for (int j : solve(LinearLeastSquares{x, y}).aliased) {
    problems.error({},
                   fmt::format("perfectly collinear: column {} is a linear combination of those "
                               "before it",
                               j),
                   "leave it out");
  }
  problems.throw_if_errors();
}

}  // namespace

std::string estimator_name(AutoregressiveErrors estimator) {
  switch (estimator) {
    case AutoregressiveErrors::cochrane_orcutt:
      return "Cochrane-Orcutt";
    case AutoregressiveErrors::prais_winsten:
      return "Prais-Winsten";
    case AutoregressiveErrors::hildreth_lu:
      return "Hildreth-Lu";
    case AutoregressiveErrors::maximum_likelihood:
      return "maximum likelihood";
  }
  return "";
}

double autoregressive_log_likelihood(const MatrixView& x, const VectorView& y, double rho,
                                     const VectorView& coefficients) {
  AMNOK_CHECK(std::fabs(rho) < 1, "rho {}", rho);
  const auto n = static_cast<double>(y.size());
  const VectorXd u = y - x * coefficients;
  const double sigma2 = quasi_differences(u, rho, true).squaredNorm() / n;
  return -0.5 * n * (std::log(2 * std::numbers::pi * sigma2) + 1) + 0.5 * std::log1p(-rho * rho);
}

AutoregressiveFit fit_autoregressive_errors(const MatrixView& x, const VectorView& y,
                                            AutoregressiveErrors estimator) {
  require_regressors(x, y);
  const Problem problem(x, y, estimator);
  AutoregressiveFit fit;
  const bool by_search = estimator == AutoregressiveErrors::hildreth_lu ||
                         estimator == AutoregressiveErrors::maximum_likelihood;
  if (by_search) {
    search(problem, fit);
  } else {
    iterate(problem, keeps_first_row(estimator), fit);
  }
  const LinearFit transformed = problem.at(fit.rho);
  const double n = static_cast<double>(y.size());
  fit.coefficients = transformed.coefficients;
  fit.residuals = problem.residuals(fit.coefficients);
  fit.rss = transformed.rss;
  fit.sigma2 =
      estimator == AutoregressiveErrors::maximum_likelihood ? fit.rss / n : transformed.sigma2();
  fit.covariance = fit.sigma2 * transformed.xtx_inverse;
  if (std::fabs(fit.rho) < 1) {
    fit.rho_se = std::sqrt((1 - fit.rho * fit.rho) / n);
    fit.log_likelihood = autoregressive_log_likelihood(x, y, fit.rho, fit.coefficients);
  }
  return fit;
}

}  // namespace amnok
