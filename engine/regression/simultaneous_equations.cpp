#include "engine/regression/simultaneous_equations.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <numbers>
#include <set>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/regression/instrumental_variables.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/distributions.h"
#include "engine/stats/log_determinant.h"

namespace amnok {

namespace {

constexpr double kRankTolerance = 1e-10;
constexpr int kMaxHalvings = 30;

bool holds(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

bool uses_instruments(SystemMethod method) {
  return method != SystemMethod::ols && method != SystemMethod::sur;
}

// Each equation in coordinates where its moments are: the rows themselves, or their products with
// an orthonormal basis of the instruments. Residuals need the rows.
struct Coordinates {
  std::vector<MatrixXd> x;  // X_i, and in coordinates
  std::vector<VectorXd> y;
  std::vector<MatrixXd> moved_x;
  std::vector<VectorXd> moved_y;
  std::vector<Eigen::Index> first;
  Eigen::Index n = 0, total = 0;  // rows; coefficients

  std::size_t count() const { return x.size(); }
};

MatrixXd orthonormal_basis(const MatrixXd& z) {
  const VectorXd scale =
      z.colwise().norm().transpose().unaryExpr([](double s) { return s > 0 ? 1 / s : 1.0; });
  Eigen::ColPivHouseholderQR<MatrixXd> qr(z * scale.asDiagonal());
  qr.setThreshold(kRankTolerance);
  return qr.householderQ() * MatrixXd::Identity(z.rows(), qr.rank());
}

Coordinates coordinates(const EquationSystem& system, bool instrumented) {
  Coordinates c;
  c.n = system.values.rows();
  MatrixXd basis;
  if (instrumented) basis = orthonormal_basis(system.columns_of(system.instruments));
  for (const StructuralEquation& equation : system.equations) {
    c.x.push_back(system.columns_of(equation.regressors));
    c.y.push_back(system.column(equation.dependent));
    c.moved_x.push_back(instrumented ? MatrixXd(basis.transpose() * c.x.back()) : c.x.back());
    c.moved_y.push_back(instrumented ? VectorXd(basis.transpose() * c.y.back()) : c.y.back());
    c.first.push_back(c.total);
    c.total += c.x.back().cols();
  }
  return c;
}

void check_columns(const EquationSystem& system, const SystemOptions& options) {
  AMNOK_CHECK(static_cast<Eigen::Index>(system.columns.size()) == system.values.cols(),
              "{} names, {} columns", system.columns.size(), system.values.cols());
  ProblemList problems;
  std::set<std::string> seen;
  const auto require = [&](const std::string& name, const std::string& where) {
    if (!seen.insert(name + "\n" + where).second) return;
    if (!holds(system.columns, name)) {
      problems.error({}, fmt::format("{} uses {}, but must use columns of the data", where, name),
                     name_hint(name, system.columns));
    } else if (!system.column(name).allFinite()) {
      problems.error({}, fmt::format("{} has missing values, but must have none", name));
    }
  };
  for (const StructuralEquation& equation : system.equations) {
    require(equation.dependent, equation.name);
    for (const std::string& name : equation.regressors) require(name, equation.name);
  }
  if (uses_instruments(options.method)) {
    for (const std::string& name : system.instruments) require(name, "the list of instruments");
  }
  if (options.method == SystemMethod::fiml) {
    for (const LinearIdentity& identity : system.identities) {
      for (const auto& [name, weight] : identity.terms) require(name, "an identity");
    }
  }
  if (system.equations.empty()) {
    problems.error({}, "the number of equations is 0, but must be at least 1");
  }
  problems.throw_if_errors();
}

void check_samples(const EquationSystem& system, const SystemOptions& options) {
  const Eigen::Index n = system.values.rows();
  ProblemList problems;
  for (const StructuralEquation& equation : system.equations) {
    const auto needed = static_cast<Eigen::Index>(equation.regressors.size()) + 1;
    if (n < needed) {
      problems.error({}, fmt::format("the number of observations of {} is {}, but must be at least "
                                     "{}",
                                     equation.name, n, needed));
    }
  }
  problems.throw_if_errors();
  if (uses_instruments(options.method)) {
    for (const EquationIdentification& equation : identification(system)) {
      if (!equation.identified()) {
        problems.error({}, fmt::format("{} is {}", equation.name, equation.words));
      }
    }
  }
  problems.throw_if_errors();
}

// An equation alone; the coefficients in the order of its regressors.
VectorXd fit_alone(const EquationSystem& system, const Coordinates& c, std::size_t i,
                   bool instrumented) {
  const StructuralEquation& equation = system.equations[i];
  std::vector<std::string> own, endogenous, excluded;
  for (const std::string& name : equation.regressors) {
    (!instrumented || holds(system.instruments, name) ? own : endogenous).push_back(name);
  }
  if (endogenous.empty()) {
    const LinearFit fit = solve(LinearLeastSquares{c.x[i], c.y[i]});
    if (fit.aliased.empty()) return fit.coefficients;
    throw InputError(
        fmt::format("{}: perfectly collinear: {} is a linear combination of the regressors before "
                    "it",
                    equation.name, equation.regressors[static_cast<std::size_t>(fit.aliased[0])]),
        "leave it out");
  }
  for (const std::string& name : system.instruments) {
    if (!holds(equation.regressors, name)) excluded.push_back(name);
  }
  const InstrumentalRegression regression{
      c.y[i], system.columns_of(own), system.columns_of(endogenous), system.columns_of(excluded)};
  const InstrumentalFit fit = two_stage_least_squares(InstrumentalProjection(regression));
  own.insert(own.end(), endogenous.begin(), endogenous.end());
  VectorXd ordered(fit.coefficients.size());
  for (std::size_t j = 0; j < equation.regressors.size(); ++j) {
    const auto at = std::find(own.begin(), own.end(), equation.regressors[j]) - own.begin();
    ordered(static_cast<Eigen::Index>(j)) = fit.coefficients(at);
  }
  return ordered;
}

MatrixXd residuals_of(const Coordinates& c, const std::vector<VectorXd>& coefficients) {
  MatrixXd u(c.n, static_cast<Eigen::Index>(c.count()));
  for (std::size_t i = 0; i < c.count(); ++i) {
    u.col(static_cast<Eigen::Index>(i)) = c.y[i] - c.x[i] * coefficients[i];
  }
  return u;
}

MatrixXd residual_covariance(const Coordinates& c, const MatrixXd& u, SystemDivisor divisor) {
  VectorXd scale(u.cols());
  for (std::size_t i = 0; i < c.count(); ++i) {
    const Eigen::Index k = divisor == SystemDivisor::observations ? 0 : c.x[i].cols();
    scale(static_cast<Eigen::Index>(i)) = 1 / std::sqrt(static_cast<double>(c.n - k));
  }
  return scale.asDiagonal() * (u.transpose() * u) * scale.asDiagonal();
}

// W with W'W = S^-1: the inverse of the lower triangle of S.
MatrixXd whitener(const MatrixXd& s) {
  const Eigen::LLT<MatrixXd> llt(s);
  if (llt.info() != Eigen::Success) {
    throw InputError(
        "the residual covariance of the system is singular, but must be positive "
        "definite",
        "the residuals of one equation are a combination of those of others");
  }
  return llt.matrixL().solve(MatrixXd::Identity(s.rows(), s.cols()));
}

// All equations together, weighed by S: least squares on the rows of W (x) I.
LinearFit fit_together(const Coordinates& c, const MatrixXd& s) {
  const MatrixXd w = whitener(s);
  const Eigen::Index rows = c.moved_y[0].size();
  const auto g = static_cast<Eigen::Index>(c.count());
  LinearLeastSquares stacked{MatrixXd::Zero(g * rows, c.total), VectorXd::Zero(g * rows)};
  for (Eigen::Index i = 0; i < g; ++i) {
    for (Eigen::Index j = 0; j <= i; ++j) {
      const auto at = static_cast<std::size_t>(j);
      stacked.x.block(i * rows, c.first[at], rows, c.moved_x[at].cols()) = w(i, j) * c.moved_x[at];
      stacked.y.segment(i * rows, rows) += w(i, j) * c.moved_y[at];
    }
  }
  return solve(stacked);
}

std::vector<VectorXd> split(const Coordinates& c, const VectorXd& all) {
  std::vector<VectorXd> parts;
  for (std::size_t i = 0; i < c.count(); ++i) {
    parts.push_back(all.segment(c.first[i], c.x[i].cols()));
  }
  return parts;
}

VectorXd joined(const Coordinates& c, const std::vector<VectorXd>& parts) {
  VectorXd all(c.total);
  for (std::size_t i = 0; i < c.count(); ++i) all.segment(c.first[i], parts[i].size()) = parts[i];
  return all;
}

// Of equations fitted alone: block (i, j) is s_ij B_i A_i'A_j B_j, B = (A'A)^-1.
MatrixXd covariance_alone(const Coordinates& c, const MatrixXd& s) {
  std::vector<MatrixXd> solutions;  // B_i A_i'
  for (const MatrixXd& a : c.moved_x) {
    solutions.push_back(a.colPivHouseholderQr().solve(MatrixXd::Identity(a.rows(), a.rows())));
  }
  MatrixXd covariance(c.total, c.total);
  for (std::size_t i = 0; i < c.count(); ++i) {
    for (std::size_t j = 0; j < c.count(); ++j) {
      covariance.block(c.first[i], c.first[j], c.x[i].cols(), c.x[j].cols()) =
          s(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(j)) * solutions[i] *
          solutions[j].transpose();
    }
  }
  return covariance;
}

double gaussian_likelihood(const Coordinates& c, const MatrixXd& u) {
  const double n = static_cast<double>(c.n), g = static_cast<double>(u.cols());
  return -0.5 * n *
         (g * (std::log(2 * std::numbers::pi) + 1) + log_determinant(u.transpose() * u / n));
}

// Largest change of a coefficient in units of its standard error.
double change(const VectorXd& after, const VectorXd& before, const MatrixXd& covariance) {
  const VectorXd errors = covariance.diagonal().cwiseSqrt().cwiseMax(1e-300);
  return (after - before).cwiseQuotient(errors).cwiseAbs().maxCoeff();
}

void weigh(const Coordinates& c, SystemFit& fit) {
  double moved = INFINITY;
  const int most = fit.options.iterate ? fit.options.max_iterations : 1;
  for (fit.iterations = 0; fit.iterations < most && !(moved <= fit.options.tolerance);) {
    const VectorXd before = joined(c, fit.coefficients);
    const LinearFit together = fit_together(c, fit.residual_covariance);
    fit.coefficients = split(c, together.coefficients);
    fit.covariance = together.xtx_inverse;
    fit.residuals = residuals_of(c, fit.coefficients);
    fit.residual_covariance = residual_covariance(c, fit.residuals, fit.options.divisor);
    moved = change(together.coefficients, before, fit.covariance);
    ++fit.iterations;
  }
  const bool done = !fit.options.iterate || moved <= fit.options.tolerance;
  fit.status = done ? FitStatus::converged : FitStatus::not_converged;
  fit.message = fit.options.iterate
                    ? fmt::format(
                          "largest change {:.1e} {} {:.0e} standard errors after {} "
                          "iterations",
                          moved, done ? "<=" : ">", fit.options.tolerance, fit.iterations)
                    : "closed form";
}

// The complete system G y_t + B z_t = (u_t, 0): rows are equations, then identities; columns of G
// endogenous variables and of B the instruments.
class CompleteSystem {
 public:
  CompleteSystem(const EquationSystem& system, const Coordinates& c) : system_(system), c_(c) {
    for (const StructuralEquation& equation : system.equations) {
      take(equation.dependent);
      for (const std::string& name : equation.regressors) take(name);
    }
    for (const LinearIdentity& identity : system.identities) {
      for (const auto& [name, weight] : identity.terms) take(name);
    }
    const std::size_t rows = system.equations.size() + system.identities.size();
    if (rows != endogenous_.size()) {
      throw InputError(
          fmt::format("the number of equations and identities is {}, but must be {}, the number of "
                      "endogenous variables ({})",
                      rows, endogenous_.size(), join(endogenous_, ", ")),
          "a variable that is no instrument is endogenous");
    }
    z_ = system.columns_of(system.instruments);
  }

  // Of the coefficients; NaN where G is singular.
  double log_likelihood(const std::vector<VectorXd>& coefficients) const {
    MatrixXd g, b;
    structure(coefficients, g, b);
    const Eigen::PartialPivLU<MatrixXd> lu(g);
    double log_abs = 0;
    for (Eigen::Index i = 0; i < g.rows(); ++i) log_abs += std::log(std::fabs(lu.matrixLU()(i, i)));
    return gaussian_likelihood(c_, residuals_of(c_, coefficients)) +
           static_cast<double>(c_.n) * log_abs;
  }

  // Regressors with the endogenous ones as the system itself predicts them.
  std::vector<MatrixXd> predicted(const std::vector<VectorXd>& coefficients) const {
    MatrixXd g, b;
    structure(coefficients, g, b);
    const MatrixXd y = -z_ * g.partialPivLu().solve(b).transpose();
    std::vector<MatrixXd> result = c_.x;
    for (std::size_t i = 0; i < result.size(); ++i) {
      for (std::size_t j = 0; j < system_.equations[i].regressors.size(); ++j) {
        const Eigen::Index at = index(endogenous_, system_.equations[i].regressors[j]);
        if (at >= 0) result[i].col(static_cast<Eigen::Index>(j)) = y.col(at);
      }
    }
    return result;
  }

 private:
  static Eigen::Index index(const std::vector<std::string>& names, const std::string& name) {
    const auto at = std::find(names.begin(), names.end(), name);
    return at == names.end() ? -1 : at - names.begin();
  }

  void take(const std::string& name) {
    if (!holds(system_.instruments, name) && !holds(endogenous_, name)) endogenous_.push_back(name);
  }

  void structure(const std::vector<VectorXd>& coefficients, MatrixXd& g, MatrixXd& b) const {
    const auto rows = static_cast<Eigen::Index>(endogenous_.size());
    g = MatrixXd::Zero(rows, rows);
    b = MatrixXd::Zero(rows, z_.cols());
    const auto put = [&](Eigen::Index row, const std::string& name, double weight) {
      if (const Eigen::Index at = index(endogenous_, name); at >= 0) {
        g(row, at) += weight;
      } else {
        b(row, index(system_.instruments, name)) += weight;
      }
    };
    Eigen::Index row = 0;
    for (std::size_t i = 0; i < system_.equations.size(); ++i, ++row) {
      put(row, system_.equations[i].dependent, 1);
      for (std::size_t j = 0; j < system_.equations[i].regressors.size(); ++j) {
        put(row, system_.equations[i].regressors[j],
            -coefficients[i](static_cast<Eigen::Index>(j)));
      }
    }
    for (const LinearIdentity& identity : system_.identities) {
      for (const auto& [name, weight] : identity.terms) put(row, name, weight);
      ++row;
    }
  }

  const EquationSystem& system_;
  const Coordinates& c_;
  std::vector<std::string> endogenous_;
  MatrixXd z_;
};

// Full-information maximum likelihood by its instruments (Hausman 1975, Econometrica 43, 727-738):
// at the maximum X^'(S^-1 (x) I) u = 0 with X^ the regressors that the system itself predicts. The
// step X^'(S^-1 (x) I) X^ from there is halved until the likelihood rises.
void maximise(const EquationSystem& system, const Coordinates& rows, SystemFit& fit) {
  const CompleteSystem complete(system, rows);
  fit.log_likelihood = complete.log_likelihood(fit.coefficients);
  double moved = INFINITY;
  fit.iterations = 0;
  while (fit.iterations < fit.options.max_iterations && !(moved <= fit.options.tolerance)) {
    fit.residuals = residuals_of(rows, fit.coefficients);
    fit.residual_covariance = residual_covariance(rows, fit.residuals, SystemDivisor::observations);
    Coordinates predicted = rows;
    predicted.moved_x = complete.predicted(fit.coefficients);
    for (std::size_t i = 0; i < rows.count(); ++i) {
      predicted.moved_y[i] = fit.residuals.col(static_cast<Eigen::Index>(i));
    }
    const LinearFit step = fit_together(predicted, fit.residual_covariance);
    fit.covariance = step.xtx_inverse;
    const VectorXd before = joined(rows, fit.coefficients);
    double length = 1;
    bool risen = false;
    for (int half = 0; half < kMaxHalvings && !risen; ++half, length /= 2) {
      const std::vector<VectorXd> trial = split(rows, before + length * step.coefficients);
      const double value = complete.log_likelihood(trial);
      // Near the maximum the likelihood no longer tells steps apart.
      if (!(value >= fit.log_likelihood - 1e-12 * std::fabs(fit.log_likelihood))) continue;
      fit.log_likelihood = value;
      fit.coefficients = trial;
      risen = true;
    }
    moved = change(before + step.coefficients, before, fit.covariance);
    ++fit.iterations;
    if (!risen) break;
  }
  fit.residuals = residuals_of(rows, fit.coefficients);
  fit.residual_covariance = residual_covariance(rows, fit.residuals, SystemDivisor::observations);
  const bool done = moved <= fit.options.tolerance;
  fit.status = done ? FitStatus::converged : FitStatus::not_converged;
  fit.message = fmt::format("largest step {:.1e} {} {:.0e} standard errors after {} iterations",
                            moved, done ? "<=" : ">", fit.options.tolerance, fit.iterations);
}

}  // namespace

VectorXd EquationSystem::column(const std::string& name) const {
  const auto at = std::find(columns.begin(), columns.end(), name);
  AMNOK_CHECK(at != columns.end(), "no column {}", name);
  return values.col(at - columns.begin());
}

MatrixXd EquationSystem::columns_of(const std::vector<std::string>& names) const {
  MatrixXd chosen(values.rows(), static_cast<Eigen::Index>(names.size()));
  for (std::size_t j = 0; j < names.size(); ++j) {
    chosen.col(static_cast<Eigen::Index>(j)) = column(names[j]);
  }
  return chosen;
}

VectorXd SystemFit::standard_errors(std::size_t equation) const {
  return covariance.diagonal().segment(first[equation], coefficients[equation].size()).cwiseSqrt();
}

SystemFit fit_system(const EquationSystem& system, const SystemOptions& options) {
  check_columns(system, options);
  check_samples(system, options);
  const bool instrumented = uses_instruments(options.method);
  const Coordinates c = coordinates(system, instrumented);
  SystemFit fit;
  fit.options = options;
  if (options.method == SystemMethod::fiml) fit.options.divisor = SystemDivisor::observations;
  fit.first = c.first;
  for (std::size_t i = 0; i < c.count(); ++i) {
    fit.coefficients.push_back(fit_alone(system, c, i, instrumented));
  }
  fit.residuals = residuals_of(c, fit.coefficients);
  fit.residual_covariance = residual_covariance(c, fit.residuals, fit.options.divisor);
  fit.covariance = covariance_alone(c, fit.residual_covariance);
  fit.status = FitStatus::converged;
  fit.message = "closed form";
  if (options.method == SystemMethod::sur || options.method == SystemMethod::three_stage) {
    weigh(c, fit);
  }
  if (options.method == SystemMethod::sur) {
    fit.log_likelihood = gaussian_likelihood(c, fit.residuals);
  }
  if (options.method == SystemMethod::fiml) maximise(system, coordinates(system, false), fit);
  return fit;
}

std::vector<EquationIdentification> identification(const EquationSystem& system) {
  const Coordinates c = coordinates(system, true);
  std::vector<EquationIdentification> result;
  for (std::size_t i = 0; i < c.count(); ++i) {
    const StructuralEquation& equation = system.equations[i];
    EquationIdentification found;
    found.name = equation.name;
    found.regressors = static_cast<int>(equation.regressors.size());
    for (const std::string& name : equation.regressors) {
      if (!holds(system.instruments, name)) ++found.endogenous;
    }
    for (const std::string& name : system.instruments) {
      if (!holds(equation.regressors, name)) ++found.excluded;
    }
    const VectorXd scale =
        c.x[i].colwise().norm().transpose().unaryExpr([](double s) { return s > 0 ? 1 / s : 1.0; });
    Eigen::ColPivHouseholderQR<MatrixXd> qr(c.moved_x[i] * scale.asDiagonal());
    qr.setThreshold(kRankTolerance);
    found.rank = static_cast<int>(qr.rank());
    if (!found.order()) {
      found.words = fmt::format(
          "not identified: {} instruments are excluded, but must be at least "
          "{}, its endogenous regressors (order condition)",
          found.excluded, found.endogenous);
    } else if (!found.identified()) {
      found.words = fmt::format(
          "not identified: its regressors have rank {} given the "
          "instruments, but must have {} (rank condition)",
          found.rank, found.regressors);
    } else if (found.excluded == found.endogenous) {
      found.words = "exactly identified";
    } else {
      found.words = fmt::format("over-identified by {}", found.excluded - found.endogenous);
    }
    result.push_back(found);
  }
  return result;
}

Diagnostic system_overidentification(const EquationSystem& system, const SystemFit& fit) {
  AMNOK_CHECK(fit.options.method == SystemMethod::three_stage, "not a three-stage fit");
  const MatrixXd basis = orthonormal_basis(system.columns_of(system.instruments));
  const MatrixXd moments = basis.transpose() * fit.residuals;
  Diagnostic test;
  test.name = "hansen_sargan";
  test.df = static_cast<double>(basis.cols() * fit.residuals.cols() - fit.covariance.rows());
  if (test.df <= 0) return test;
  test.statistic = (moments * whitener(fit.residual_covariance).transpose()).squaredNorm();
  test.p_value = chi_squared_sf(test.statistic, test.df);
  return test;
}

}  // namespace amnok
