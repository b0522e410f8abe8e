#include "engine/regression/specification_tests.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <boost/math/quadrature/gauss_kronrod.hpp>
#include <cmath>
#include <numbers>

#include "engine/solver/growing_regression.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

MatrixXd beside(const MatrixView& left, const MatrixView& right) {
  MatrixXd both(left.rows(), left.cols() + right.cols());
  both << left, right;
  return both;
}

double centred_sum_of_squares(const VectorView& y) {
  return (y.array() - y.mean()).square().sum();
}

// F test that the columns `extra` add nothing to X.
Diagnostic f_test_of_extra(const std::string& name, const MatrixView& x, const MatrixView& extra,
                           const VectorView& y, double restricted_rss) {
  const LinearFit full = solve(LinearLeastSquares{beside(x, extra), y});
  Diagnostic test{name, 0, kMissing, static_cast<double>(extra.cols()), kMissing, kMissing, ""};
  test.df2 = full.df_residual();
  test.statistic = (restricted_rss - full.rss) / test.df / (full.rss / test.df2);
  test.p_value = f_sf(test.statistic, test.df, test.df2);
  return test;
}

// n R^2 of a target on regressors that hold a constant; df: their rank less one.
Diagnostic lm_test(const std::string& name, const MatrixView& x, const VectorView& target) {
  const LinearFit fit = solve(LinearLeastSquares{x, target});
  Diagnostic test{name, 0, kMissing, static_cast<double>(fit.rank - 1), kMissing, kMissing, ""};
  test.statistic =
      static_cast<double>(target.size()) * (1 - fit.rss / centred_sum_of_squares(target));
  test.p_value = chi_squared_sf(test.statistic, test.df);
  return test;
}

MatrixXd with_constant(const MatrixView& x) {
  if (constant_column(x) >= 0) return x;
  return beside(MatrixXd::Ones(x.rows(), 1), x);
}

// First differences of the rows of a matrix: the Durbin-Watson form is e'Ae = |De|^2.
MatrixXd first_differences(const MatrixView& x) {
  return x.bottomRows(x.rows() - 1) - x.topRows(x.rows() - 1);
}

}  // namespace

int constant_column(const MatrixView& x) {
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    if (x.rows() > 0 && x(0, j) != 0 && (x.col(j).array() == x(0, j)).all()) {
      return static_cast<int>(j);
    }
  }
  return -1;
}

Diagnostic breusch_godfrey(const MatrixView& x, const LinearFit& fit, int lag, bool f_form) {
  const Eigen::Index n = x.rows();
  MatrixXd lags = MatrixXd::Zero(n, lag);
  for (int j = 1; j <= lag; ++j) lags.col(j - 1).tail(n - j) = fit.residuals.head(n - j);
  if (f_form) {
    Diagnostic test = f_test_of_extra("breusch_godfrey_f", x, lags, fit.residuals, fit.rss);
    test.lag = lag;
    return test;
  }
  const LinearFit auxiliary = solve(LinearLeastSquares{beside(x, lags), fit.residuals});
  Diagnostic test{"breusch_godfrey", lag,      kMissing, static_cast<double>(lag),
                  kMissing,          kMissing, ""};
  test.statistic = static_cast<double>(n) * (1 - auxiliary.rss / fit.rss);
  test.p_value = chi_squared_sf(test.statistic, lag);
  return test;
}

Diagnostic breusch_pagan_koenker(const MatrixView& x, const LinearFit& fit) {
  return lm_test("breusch_pagan_koenker", with_constant(x), fit.residuals.cwiseAbs2());
}

Diagnostic breusch_pagan(const MatrixView& x, const LinearFit& fit) {
  const VectorXd scaled = fit.residuals.cwiseAbs2() * (static_cast<double>(x.rows()) / fit.rss);
  Diagnostic test = lm_test("breusch_pagan", with_constant(x), scaled);
  test.statistic *= centred_sum_of_squares(scaled) / (2 * static_cast<double>(x.rows()));
  test.p_value = chi_squared_sf(test.statistic, test.df);
  return test;
}

Diagnostic white_test(const MatrixView& x, const LinearFit& fit) {
  const MatrixXd base = with_constant(x);
  const int constant = constant_column(base);
  MatrixXd all = base;
  for (Eigen::Index i = 0; i < base.cols(); ++i) {
    for (Eigen::Index j = i; j < base.cols(); ++j) {
      if (i == constant || j == constant) continue;
      all = beside(all, base.col(i).cwiseProduct(base.col(j)));
    }
  }
  return lm_test("white", all, fit.residuals.cwiseAbs2());
}

Diagnostic reset_test(const MatrixView& x, const VectorView& y, const LinearFit& fit, int highest) {
  const VectorXd fitted = y - fit.residuals;
  // Powers of the standardised fitted values span the same space and are better conditioned.
  const double sd = std::sqrt(centred_sum_of_squares(fitted) / static_cast<double>(fitted.size()));
  const VectorXd standard = (fitted.array() - fitted.mean()) / (sd > 0 ? sd : 1);
  const bool same_span = constant_column(x) >= 0;
  MatrixXd powers(x.rows(), highest - 1);
  for (int p = 2; p <= highest; ++p) {
    powers.col(p - 2) = (same_span ? standard : fitted).array().pow(p);
  }
  return f_test_of_extra("reset", x, powers, y, fit.rss);
}

double durbin_watson(const VectorView& e) {
  const Eigen::Index n = e.size();
  return (e.tail(n - 1) - e.head(n - 1)).squaredNorm() / e.squaredNorm();
}

double durbin_watson_p(const MatrixView& x, double d) {
  const Eigen::Index n = x.rows();
  // The eigenvalues of M A M on the space orthogonal to X.
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(x);
  const MatrixXd q = qr.householderQ() * MatrixXd::Identity(n, n);
  const MatrixXd rest = q.rightCols(n - qr.rank());
  const MatrixXd differences = first_differences(rest);
  const VectorXd a = Eigen::SelfAdjointEigenSolver<MatrixXd>(differences.transpose() * differences,
                                                             Eigen::EigenvaluesOnly)
                         .eigenvalues()
                         .array() -
                     d;
  // P(sum a_i z_i^2 > 0) = 1/2 + 1/pi int_0^inf sin(theta) / (u rho) du.
  const auto integrand = [&](double u) {
    if (u == 0) return 0.5 * a.sum();
    double theta = 0, log_rho = 0;
    for (double ai : a) {
      theta += 0.5 * std::atan(ai * u);
      log_rho += 0.25 * std::log1p(ai * ai * u * u);
    }
    return std::sin(theta) / u * std::exp(-log_rho);
  };
  double error = 0;
  const double integral = boost::math::quadrature::gauss_kronrod<double, 61>::integrate(
      integrand, 0.0, std::numeric_limits<double>::infinity(), 15, 1e-11, &error);
  return std::clamp(0.5 - integral / std::numbers::pi, 0.0, 1.0);
}

double durbin_watson_p_normal(const MatrixView& x, double d) {
  const auto n = static_cast<double>(x.rows());
  const LinearFit basis = solve(LinearLeastSquares{x, VectorXd::Ones(x.rows())});
  const MatrixXd dx = first_differences(x);
  // A X, row by row: the second differences of X with the ends of the Durbin-Watson matrix.
  MatrixXd ax = MatrixXd::Zero(x.rows(), x.cols());
  ax.topRows(x.rows() - 1) -= dx;
  ax.bottomRows(x.rows() - 1) += dx;
  const MatrixXd s = x.transpose() * ax * basis.xtx_inverse;
  const double p = 2 * (n - 1) - s.trace();
  const double q =
      2 * (3 * n - 4) - 2 * (ax.transpose() * ax * basis.xtx_inverse).trace() + (s * s).trace();
  const double df = n - basis.rank, mean = p / df;
  const double variance = 2 / (df * (df + 2)) * (q - p * mean);
  return normal_cdf((d - mean) / std::sqrt(variance));
}

VectorXd recursive_residuals(const MatrixView& x, const VectorView& y) {
  GrowingRegression regression(column_scale(x));
  VectorXd w(y.size());
  Eigen::Index count = 0;
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    const int rank = regression.rank();
    const double residual = regression.add(x, y, t);
    if (regression.rank() == rank) w(count++) = residual;
  }
  return w.head(count);
}

Diagnostic harvey_collier(const MatrixView& x, const VectorView& y) {
  const VectorXd w = recursive_residuals(x, y);
  const auto m = static_cast<double>(w.size());
  Diagnostic test{"harvey_collier", 0, kMissing, m - 1, kMissing, kMissing, ""};
  const double sd = std::sqrt(centred_sum_of_squares(w) / (m - 1));
  test.statistic = std::fabs(w.mean()) / (sd / std::sqrt(m));
  test.p_value = student_t_two_sided_p(test.statistic, test.df);
  return test;
}

VectorXd variance_inflation(const MatrixView& x) {
  VectorXd vif = VectorXd::Constant(x.cols(), kMissing);
  const int constant = constant_column(x);
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    if (j == constant) continue;
    MatrixXd others(x.rows(), x.cols() - 1);
    others << x.leftCols(j), x.rightCols(x.cols() - 1 - j);
    const LinearFit fit = solve(LinearLeastSquares{with_constant(others), x.col(j)});
    vif(j) = centred_sum_of_squares(x.col(j)) / fit.rss;
  }
  return vif;
}

}  // namespace amnok
