#include "engine/regression/instrumental_variables.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/cross_product.h"
#include "engine/base/input_error.h"
#include "engine/solver/covariance.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

constexpr double kCollinear = 1e-11;  // of a column's length: rounding

void require_shapes(const InstrumentalRegression& d) {
  const Eigen::Index n = d.y.size();
  AMNOK_CHECK(d.endogenous.rows() == n && d.instruments.rows() == n &&
                  (d.exogenous.cols() == 0 || d.exogenous.rows() == n),
              "y has {} rows, X {}, Z {}, W {}", n, d.endogenous.rows(), d.instruments.rows(),
              d.exogenous.rows());
  AMNOK_CHECK(d.endogenous.cols() > 0, "no endogenous regressor");
  if (d.instruments.cols() < d.endogenous.cols()) {
    throw InputError(
        fmt::format("the number of excluded instruments is {}, but must be at least "
                    "{}, the number of endogenous regressors",
                    d.instruments.cols(), d.endogenous.cols()));
  }
  const Eigen::Index needed = d.exogenous.cols() + d.instruments.cols() + d.endogenous.cols() + 1;
  if (n < needed) {
    throw InputError(
        fmt::format("the number of observations is {}, but must be at least {}, one "
                    "more than exogenous, endogenous and instruments together",
                    n, needed));
  }
}

// Writes rows of [W Z X y].
template <class Block>
void fill_columns(const InstrumentalRegression& d, Eigen::Index first, Block&& block) {
  const Eigen::Index rows = block.rows(), a = d.exogenous.cols(), b = d.instruments.cols();
  if (a > 0) block.leftCols(a) = d.exogenous.middleRows(first, rows);
  block.middleCols(a, b) = d.instruments.middleRows(first, rows);
  block.middleCols(a + b, d.endogenous.cols()) = d.endogenous.middleRows(first, rows);
  block.rightCols(1) = d.y.segment(first, rows);
}

// The Cholesky factor of the cross-product where rows are many and its condition small; false
// otherwise. Half the digits are gone at a condition of 1e8; 300 leaves eleven.
bool factor_cross_product(const InstrumentalRegression& d, Eigen::Index columns, MatrixXd& r) {
  if (d.y.size() < 1000) return false;
  const MatrixXd gram = cross_product(
      d.y.size(), columns, [&](Eigen::Index first, auto block) { fill_columns(d, first, block); });
  const VectorXd scale = gram.diagonal().cwiseSqrt();
  if (!gram.allFinite() || scale.minCoeff() < 1e-100 || scale.maxCoeff() > 1e100) return false;
  const VectorXd shrink = scale.cwiseInverse();
  const Eigen::LLT<MatrixXd> llt(shrink.asDiagonal() * gram * shrink.asDiagonal());
  if (llt.info() != Eigen::Success) return false;
  r = llt.matrixU();
  if (r.diagonal().minCoeff() * 300 < 1) return false;
  r = r * scale.asDiagonal();
  return true;
}

MatrixXd triangle(const InstrumentalRegression& d) {
  const Eigen::Index p = d.exogenous.cols() + d.instruments.cols() + d.endogenous.cols() + 1;
  MatrixXd r;
  if (factor_cross_product(d, p, r)) return r;
  MatrixXd columns(d.y.size(), p);
  fill_columns(d, 0, columns);
  const VectorXd scale =
      columns.colwise().norm().transpose().unaryExpr([](double s) { return s > 0 ? s : 1.0; });
  columns *= scale.cwiseInverse().asDiagonal();
  const Eigen::HouseholderQR<MatrixXd> qr(columns);
  r = qr.matrixQR().topRows(p).triangularView<Eigen::Upper>();
  return r * scale.asDiagonal();
}

void require_independent_columns(const InstrumentalProjection& p) {
  ProblemList problems;
  const auto collinear = [&](Eigen::Index j) {
    return std::fabs(p.r(j, j)) <= kCollinear * p.r.col(j).norm();
  };
  const auto report = [&](Eigen::Index first, Eigen::Index count, const char* what,
                          const char* of) {
    for (Eigen::Index j = 0; j < count; ++j) {
      if (!collinear(first + j)) continue;
      problems.error(
          {}, fmt::format("perfectly collinear: {} {} is a linear combination of {}", what, j, of),
          "leave it out");
    }
  };
  report(0, p.a, "exogenous column", "those before it");
  report(p.a, p.b, "instrument column", "the exogenous columns and the instruments before it");
  report(p.a + p.b, p.m, "endogenous column",
         "the exogenous columns, the instruments and the endogenous columns before it");
  problems.throw_if_errors();
}

// What the instruments explain of each endogenous column must not vanish given the others.
void require_identified(const InstrumentalProjection& p) {
  const MatrixXd explained = p.explained_regressors();
  const MatrixXd r = Eigen::HouseholderQR<MatrixXd>(explained).matrixQR();
  ProblemList problems;
  for (Eigen::Index j = p.a; j < p.k(); ++j) {
    if (std::fabs(r(j, j)) > kCollinear * p.r.col(p.b + j).norm()) continue;
    problems.error({}, fmt::format("not identified: given the other regressors, the instruments "
                                   "explain nothing of endogenous column {}",
                                   j - p.a));
  }
  problems.throw_if_errors();
}

// The endogenous columns' coordinates outside the instruments: m x m upper triangle.
MatrixXd first_stage_remainder(const InstrumentalProjection& p) {
  return p.r.block(p.a + p.b, p.a + p.b, p.m, p.m);
}

Diagnostic overidentification(const char* name, const InstrumentalProjection& p, double statistic) {
  Diagnostic test{name, 0, kMissing, static_cast<double>(p.b - p.m), kMissing, kMissing, ""};
  if (p.b == p.m) return test;
  test.statistic = statistic;
  test.p_value = chi_squared_sf(statistic, test.df);
  return test;
}

}  // namespace

InstrumentalProjection::InstrumentalProjection(const InstrumentalRegression& regression)
    : data(regression),
      n(regression.y.size()),
      a(regression.exogenous.cols()),
      b(regression.instruments.cols()),
      m(regression.endogenous.cols()) {
  require_shapes(data);
  r = triangle(data);
  require_independent_columns(*this);
  require_identified(*this);
}

MatrixXd InstrumentalProjection::explained_regressors() const {
  MatrixXd explained(a + b, k());
  explained << r.topLeftCorner(a + b, a), r.block(0, a + b, a + b, m);
  return explained;
}

VectorXd InstrumentalProjection::explained_target() const {
  return r.col(a + b + m).head(a + b);
}

MatrixXd InstrumentalProjection::orthonormal_instruments() const {
  MatrixXd q(n, a + b);
  if (a > 0) q.leftCols(a) = data.exogenous;
  q.rightCols(b) = data.instruments;
  r.topLeftCorner(a + b, a + b).triangularView<Eigen::Upper>().solveInPlace<Eigen::OnTheRight>(q);
  return q;
}

MatrixXd InstrumentalProjection::regressors() const {
  MatrixXd x(n, k());
  if (a > 0) x.leftCols(a) = data.exogenous;
  x.rightCols(m) = data.endogenous;
  return x;
}

VectorXd InstrumentalProjection::residuals(const VectorView& coefficients) const {
  VectorXd e = data.y;
  if (a > 0) e.noalias() -= data.exogenous * coefficients.head(a);
  e.noalias() -= data.endogenous * coefficients.tail(m);
  return e;
}

double InstrumentalFit::sigma2(bool small_sample) const {
  return rss / static_cast<double>(residuals.size() - (small_sample ? coefficients.size() : 0));
}

InstrumentalFit two_stage_least_squares(const InstrumentalProjection& p) {
  return k_class(p, 1);
}

InstrumentalFit k_class(const InstrumentalProjection& p, double kappa) {
  InstrumentalFit fit;
  fit.kappa = kappa;
  const MatrixXd explained = p.explained_regressors();
  // Least squares of the explained parts gives 2SLS and its triangle U. Another kappa adds
  // (1 - kappa) V'V of the remainders V, which touches the last m coordinates of U only.
  const Eigen::HouseholderQR<MatrixXd> qr(explained);
  VectorXd target = qr.householderQ().transpose() * p.explained_target();
  const MatrixXd u = qr.matrixQR().topRows(p.k()).triangularView<Eigen::Upper>();
  const MatrixXd u_inverse =
      u.triangularView<Eigen::Upper>().solve(MatrixXd::Identity(p.k(), p.k()));
  VectorXd middle_target = target.head(p.k());
  MatrixXd middle = MatrixXd::Identity(p.k(), p.k());
  if (kappa != 1) {
    const MatrixXd inverse = u_inverse.bottomRightCorner(p.m, p.m);
    const MatrixXd remainder = first_stage_remainder(p) * inverse;
    const VectorXd y_remainder = p.r.col(p.a + p.b + p.m).segment(p.a + p.b, p.m);
    MatrixXd corner = MatrixXd::Identity(p.m, p.m);
    corner += (1 - kappa) * remainder.transpose() * remainder;
    middle_target.tail(p.m) += (1 - kappa) * remainder.transpose() * y_remainder;
    middle.bottomRightCorner(p.m, p.m) = corner.inverse();
  }
  fit.bread = u_inverse * middle * u_inverse.transpose();
  fit.coefficients = u_inverse * (middle * middle_target);
  fit.residuals = p.residuals(fit.coefficients);
  fit.rss = fit.residuals.squaredNorm();
  return fit;
}

double liml_kappa(const InstrumentalProjection& p) {
  if (p.b == p.m) return 1;
  // The root is 1 + s^2, s the smallest singular value of the coordinates of [X y] in Z times the
  // inverse of those outside.
  const MatrixXd inside = p.r.block(p.a, p.a + p.b, p.b, p.m + 1);
  const MatrixXd outside = p.r.bottomRightCorner(p.m + 1, p.m + 1);
  if (std::fabs(outside(p.m, p.m)) <= kCollinear * p.r.col(p.a + p.b + p.m).norm()) return 1;
  const MatrixXd ratio = outside.triangularView<Eigen::Upper>().solve<Eigen::OnTheRight>(inside);
  const double smallest = Eigen::JacobiSVD<MatrixXd>(ratio).singularValues()(p.m);
  return 1 + smallest * smallest;
}

InstrumentalFit limited_information(const InstrumentalProjection& p, double fuller) {
  AMNOK_CHECK(fuller >= 0, "fuller {}", fuller);
  return k_class(p, liml_kappa(p) - fuller / static_cast<double>(p.df_first_stage()));
}

MatrixXd instrumental_covariance(const InstrumentalProjection& p, const InstrumentalFit& fit,
                                 const ErrorStructure& errors) {
  if (errors.kind == ErrorStructure::Kind::homoskedastic) {
    return fit.sigma2(errors.small_sample) * fit.bread;
  }
  MatrixXd transformed = p.orthonormal_instruments() * p.explained_regressors();
  if (fit.kappa != 1) {
    transformed = fit.kappa * transformed + (1 - fit.kappa) * p.regressors();
  }
  return sandwich(fit.bread, score_covariance(transformed, fit.residuals, errors, p.k()));
}

GmmFit two_step_gmm(const InstrumentalProjection& p, const ErrorStructure& errors) {
  const MatrixXd q = p.orthonormal_instruments();
  const MatrixXd explained = p.explained_regressors();
  const VectorXd target = p.explained_target();
  const auto factor = [&](const VectorXd& residuals) {
    const Eigen::LLT<MatrixXd> llt(score_covariance(q, residuals, errors, p.k()));
    if (llt.info() != Eigen::Success ||
        llt.matrixLLT().diagonal().minCoeff() <= 1e-8 * llt.matrixLLT().diagonal().maxCoeff()) {
      throw InputError(
          fmt::format("the covariance of the {} moments under {} errors is singular, but must be "
                      "positive definite",
                      p.a + p.b, errors.name()),
          "clusters must be more than moments, and no moment may be a dummy of one cluster");
    }
    return llt;
  };
  const auto weighted_qr = [&](const Eigen::LLT<MatrixXd>& llt) {
    return Eigen::HouseholderQR<MatrixXd>(llt.matrixL().solve(explained));
  };
  const Eigen::LLT<MatrixXd> first = factor(two_stage_least_squares(p).residuals);
  GmmFit fit;
  fit.coefficients = weighted_qr(first).solve(first.matrixL().solve(target));
  fit.residuals = p.residuals(fit.coefficients);
  const VectorXd moments = target - explained * fit.coefficients;
  fit.hansen_j = overidentification("hansen_j", p, first.matrixL().solve(moments).squaredNorm());
  const MatrixXd u_inverse = MatrixXd(weighted_qr(factor(fit.residuals)).matrixQR())
                                 .topRows(p.k())
                                 .triangularView<Eigen::Upper>()
                                 .solve(MatrixXd::Identity(p.k(), p.k()));
  fit.covariance = u_inverse * u_inverse.transpose();
  return fit;
}

Diagnostic sargan(const InstrumentalProjection& p, const InstrumentalFit& fit) {
  const double explained =
      (p.explained_target() - p.explained_regressors() * fit.coefficients).squaredNorm();
  return overidentification("sargan", p, static_cast<double>(p.n) * explained / fit.rss);
}

Diagnostic wu_hausman(const InstrumentalProjection& p) {
  const Eigen::Index k = p.k();
  // Least squares of y on [W X] from the triangle's other columns.
  MatrixXd regressors(p.r.rows(), k);
  regressors << p.r.leftCols(p.a), p.r.middleCols(p.a + p.b, p.m);
  const VectorXd target = p.r.rightCols(1);
  const double restricted =
      (target - regressors * Eigen::HouseholderQR<MatrixXd>(regressors).solve(target))
          .squaredNorm();
  // With the first-stage residuals added, what the instruments explain of X, and the rest of X,
  // have coefficients of their own.
  const MatrixXd explained = p.explained_regressors();
  const VectorXd explained_target = p.explained_target();
  const double inside =
      (explained_target -
       explained * Eigen::HouseholderQR<MatrixXd>(explained).solve(explained_target))
          .squaredNorm();
  const double outside = std::pow(target(target.size() - 1), 2);
  Diagnostic test{"wu_hausman", 0, kMissing, static_cast<double>(p.m), kMissing, kMissing, ""};
  test.df2 = static_cast<double>(p.n - p.a - 2 * p.m);
  if (test.df2 <= 0) return test;
  const double full = inside + outside;
  test.statistic = (restricted - full) / test.df / (full / test.df2);
  test.p_value = f_sf(test.statistic, test.df, test.df2);
  return test;
}

}  // namespace amnok
