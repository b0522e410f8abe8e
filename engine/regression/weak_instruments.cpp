#include "engine/regression/weak_instruments.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <Eigen/SVD>
#include <algorithm>
#include <boost/math/distributions/non_central_chi_squared.hpp>
#include <boost/math/tools/minima.hpp>
#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Coordinates in the excluded instruments, W partialled out, of [X y]: b x (m + 1); and outside
// the instruments.
MatrixXd inside(const InstrumentalProjection& p) {
  return p.r.block(p.a, p.a + p.b, p.b, p.m + 1);
}
MatrixXd outside(const InstrumentalProjection& p) {
  return p.r.bottomRightCorner(p.m + 1, p.m + 1);
}

// The rows of those coordinates, n x b, and the residuals of [X y] on W and Z, n x (m + 1).
struct ReducedForm {
  MatrixXd q, residuals;
};
ReducedForm reduced_form(const InstrumentalProjection& p) {
  const MatrixXd all = p.orthonormal_instruments();
  ReducedForm form;
  form.residuals.resize(p.n, p.m + 1);
  form.residuals << p.data.endogenous, p.data.y;
  form.residuals -= all * p.r.block(0, p.a + p.b, p.a + p.b, p.m + 1);
  form.q = all.rightCols(p.b);
  return form;
}

Diagnostic f_test(const char* name, double statistic, double df, double df2) {
  return {name, 0, statistic, df, df2, f_sf(statistic, df, df2), ""};
}

// c'V^-1 c / b; V must be positive definite.
double wald_over_b(const MatrixXd& covariance, const VectorXd& c) {
  const Eigen::LLT<MatrixXd> llt(covariance);
  const VectorXd pivots = llt.matrixLLT().diagonal();
  if (llt.info() != Eigen::Success || pivots.minCoeff() <= 1e-8 * pivots.maxCoeff()) {
    throw InputError(
        fmt::format("the covariance of {} first-stage coefficients is singular, but must be "
                    "positive definite",
                    c.size()),
        "clusters must be more than instruments");
  }
  return llt.matrixL().solve(c).squaredNorm() / static_cast<double>(c.size());
}

double homoskedastic_f(double explained, double rest, const InstrumentalProjection& p, double df) {
  return explained / df / (rest / static_cast<double>(p.df_first_stage()));
}

void require_one_endogenous(const InstrumentalProjection& p, const char* what) {
  if (p.m == 1) return;
  throw InputError(
      fmt::format("the number of endogenous regressors is {}, but must be 1 for {}", p.m, what));
}

// What column j of X has inside and outside the instruments beyond the others, with the other
// columns' coefficients by 2SLS.
Diagnostic conditional_f(const InstrumentalProjection& p, Eigen::Index j) {
  const MatrixXd in = inside(p), out = outside(p);
  VectorXd in_rest = in.col(j), out_rest = out.col(j);
  if (p.m > 1) {
    MatrixXd in_others(p.b, p.m - 1), out_others(p.m + 1, p.m - 1);
    in_others << in.leftCols(j), in.middleCols(j + 1, p.m - 1 - j);
    out_others << out.leftCols(j), out.middleCols(j + 1, p.m - 1 - j);
    const VectorXd coefficients = in_others.colPivHouseholderQr().solve(in_rest);
    in_rest -= in_others * coefficients;
    out_rest -= out_others * coefficients;
  }
  const auto df = static_cast<double>(p.b - p.m + 1);
  return f_test("sanderson_windmeijer",
                homoskedastic_f(in_rest.squaredNorm(), out_rest.squaredNorm(), p, df), df,
                static_cast<double>(p.df_first_stage()));
}

// Covariances, under the errors, of the coordinates of X and y in the instruments (one endogenous
// regressor): S(v) of y v1 - x v2 is v1^2 yy - 2 v1 v2 xy + v2^2 xx.
struct ReducedCovariance {
  VectorXd x, y;
  MatrixXd xx, xy, yy;
};
ReducedCovariance reduced_covariance(const InstrumentalProjection& p,
                                     const ErrorStructure& errors) {
  const ReducedForm form = reduced_form(p);
  ReducedCovariance result;
  result.x = inside(p).col(0);
  result.y = inside(p).col(1);
  const auto vx = form.residuals.col(0), vy = form.residuals.col(1);
  // Homoskedastic errors have the F test's degrees of freedom.
  const double factor = errors.kind == ErrorStructure::Kind::homoskedastic
                            ? static_cast<double>(p.n) / static_cast<double>(p.df_first_stage())
                            : small_sample_factor(errors, p.n, p.a + p.b);
  result.xx = factor * score_cross_covariance(form.q, vx, vx, errors);
  result.xy = factor * score_cross_covariance(form.q, vx, vy, errors);
  result.yy = factor * score_cross_covariance(form.q, vy, vy, errors);
  return result;
}

// Worst case over beta of the Nagar bias of 2SLS relative to its benchmark (Montiel Olea & Pflueger
// 2013, theorem 1): max |tr S12 - 2 lambda(S12)| / sqrt(tr S1 tr S2), in [0, 1].
double worst_relative_bias(const ReducedCovariance& s) {
  const double centre = s.xy.trace() / s.xx.trace();
  const double spread = std::sqrt(std::max(s.yy.trace() / s.xx.trace() - centre * centre, 1e-300));
  const auto bias = [&](double theta) {
    const double cosine = std::cos(theta), beta_cosine = centre * cosine + spread * std::sin(theta);
    const MatrixXd s12 = cosine * s.xy - beta_cosine * s.xx;
    const double s1 = (cosine * cosine * s.yy - 2 * cosine * beta_cosine * s.xy +
                       beta_cosine * beta_cosine * s.xx)
                          .trace();
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(s12, Eigen::EigenvaluesOnly);
    const double trace = s12.trace();
    const double largest = std::max(std::fabs(trace - 2 * eigen.eigenvalues().minCoeff()),
                                    std::fabs(trace - 2 * eigen.eigenvalues().maxCoeff()));
    return s1 > 0 ? largest / std::sqrt(s1 * s.xx.trace()) : 0.0;
  };
  constexpr int kPoints = 180;
  const double step = std::numbers::pi / kPoints;
  int best = 0;
  for (int i = 1; i < kPoints; ++i) {
    if (bias(i * step) > bias(best * step)) best = i;
  }
  const auto refined = boost::math::tools::brent_find_minima(
      [&](double theta) { return -bias(theta); }, (best - 1) * step, (best + 1) * step, 30);
  return std::min(1.0, std::max(-refined.second, bias(best * step)));
}

ConfidenceSet from_intervals(std::vector<std::pair<double, double>> intervals) {
  using Shape = ConfidenceSet::Shape;
  ConfidenceSet set;
  set.intervals = std::move(intervals);
  const auto infinite = [](double v) { return std::isinf(v); };
  if (set.intervals.empty()) {
    set.shape = Shape::empty;
  } else if (set.intervals.size() == 1) {
    const auto [low, high] = set.intervals[0];
    set.shape = infinite(low) && infinite(high) ? Shape::line : Shape::interval;
  } else if (set.intervals.size() == 2 && infinite(set.intervals[0].first) &&
             infinite(set.intervals[1].second)) {
    set.shape = Shape::two_rays;
  } else {
    set.shape = Shape::several;
  }
  return set;
}

// A beta^2 - 2 B beta + C <= 0.
ConfidenceSet quadratic_set(double a, double b, double c) {
  const double discriminant = b * b - a * c;
  if (discriminant < 0) {
    return from_intervals(a > 0 ? std::vector<std::pair<double, double>>{}
                                : std::vector{std::pair(-kInfinity, kInfinity)});
  }
  // The root of larger size first, the other from their product: no cancellation.
  const double sum = b + std::copysign(std::sqrt(discriminant), b);
  const double one = sum / a, other = sum == 0 ? 0 : c / sum;
  const double low = std::min(one, other), high = std::max(one, other);
  if (a > 0) return from_intervals({{low, high}});
  return from_intervals({{-kInfinity, low}, {high, kInfinity}});
}

ConfidenceSet homoskedastic_set(const InstrumentalProjection& p, double critical) {
  const MatrixXd in = inside(p), out = outside(p);
  const double share =
      critical * static_cast<double>(p.b) / static_cast<double>(p.df_first_stage());
  const MatrixXd form = in.transpose() * in - share * out.transpose() * out;
  return quadratic_set(form(0, 0), form(0, 1), form(1, 1));
}

// The set where excess(theta) <= 0 on the projective line beta = centre + scale tan(theta), theta
// in (-pi/2, pi/2]; pi/2 is infinity.
template <class Excess>
ConfidenceSet projective_set(const Excess& excess, double centre, double scale) {
  constexpr int kPoints = 4000;
  const double step = std::numbers::pi / kPoints;
  const auto theta = [&](int i) { return (i - kPoints / 2) * step; };
  std::vector<double> value(kPoints + 1);
  for (int i = 0; i <= kPoints; ++i) value[static_cast<std::size_t>(i)] = excess(theta(i));
  std::vector<double> crossings;
  for (int i = 0; i < kPoints; ++i) {
    const double before = value[static_cast<std::size_t>(i)];
    const double after = value[static_cast<std::size_t>(i) + 1];
    if ((before <= 0) == (after <= 0)) continue;
    if (before == 0 || after == 0) {
      crossings.push_back(before == 0 ? theta(i) : theta(i + 1));
      continue;
    }
    std::uintmax_t iterations = 100;
    const auto root = boost::math::tools::toms748_solve(
        excess, theta(i), theta(i + 1), before, after,
        boost::math::tools::eps_tolerance<double>(50), iterations);
    crossings.push_back(0.5 * (root.first + root.second));
  }
  const auto beta = [&](double at) { return centre + scale * std::tan(at); };
  std::vector<std::pair<double, double>> intervals;
  double low = -kInfinity;
  bool in_set = value[0] <= 0;
  for (double crossing : crossings) {
    if (in_set) intervals.emplace_back(low, beta(crossing));
    low = beta(crossing);
    in_set = !in_set;
  }
  if (in_set) intervals.emplace_back(low, kInfinity);
  return from_intervals(std::move(intervals));
}

}  // namespace

std::vector<FirstStage> first_stages(const InstrumentalProjection& p,
                                     const ErrorStructure& errors) {
  const MatrixXd in = inside(p), out = outside(p);
  const auto df = static_cast<double>(p.b), df2 = static_cast<double>(p.df_first_stage());
  const bool homoskedastic = errors.kind == ErrorStructure::Kind::homoskedastic;
  const ReducedForm form = homoskedastic ? ReducedForm{} : reduced_form(p);
  std::vector<FirstStage> stages;
  for (Eigen::Index j = 0; j < p.m; ++j) {
    FirstStage stage;
    const double explained = in.col(j).squaredNorm(), rest = out.col(j).squaredNorm();
    stage.partial_r2 = explained / (explained + rest);
    stage.f = f_test("first_stage_f", homoskedastic_f(explained, rest, p, df), df, df2);
    stage.robust_f = stage.f;
    if (!homoskedastic) {
      const MatrixXd covariance =
          score_covariance(form.q, form.residuals.col(j), errors, p.a + p.b);
      stage.robust_f = f_test("first_stage_robust_f", wald_over_b(covariance, in.col(j)), df, df2);
    }
    stage.conditional = conditional_f(p, j);
    stages.push_back(std::move(stage));
  }
  return stages;
}

double cragg_donald(const InstrumentalProjection& p) {
  const MatrixXd in = inside(p).leftCols(p.m), out = outside(p).topLeftCorner(p.m, p.m);
  const MatrixXd ratio = out.triangularView<Eigen::Upper>().solve<Eigen::OnTheRight>(in);
  const double smallest = Eigen::JacobiSVD<MatrixXd>(ratio).singularValues()(p.m - 1);
  return homoskedastic_f(smallest * smallest, 1, p, static_cast<double>(p.b));
}

double effective_f_critical(const MatrixView& s, double tau, double bias_bound, double level) {
  AMNOK_CHECK(tau > 0 && bias_bound > 0 && level > 0 && level < 1, "tau {}, bound {}, level {}",
              tau, bias_bound, level);
  const double x = bias_bound / tau, trace = s.trace();
  const double largest =
      Eigen::SelfAdjointEigenSolver<MatrixXd>(s, Eigen::EigenvaluesOnly).eigenvalues().maxCoeff();
  const double k = trace * trace * (1 + 2 * x) / (s.squaredNorm() + 2 * x * trace * largest);
  const boost::math::non_central_chi_squared distribution(k, k * x);
  return boost::math::quantile(boost::math::complement(distribution, level)) / k;
}

EffectiveF effective_f(const InstrumentalProjection& p, const ErrorStructure& errors,
                       double level) {
  require_one_endogenous(p, "the effective F");
  const ReducedCovariance s = reduced_covariance(p, errors);
  EffectiveF result;
  result.level = level;
  result.statistic = s.x.squaredNorm() / s.xx.trace();
  const double bound = std::max(worst_relative_bias(s), 1e-6);
  for (double tau : {0.05, 0.10, 0.20, 0.30}) {
    result.critical.push_back({tau, effective_f_critical(s.xx, tau, 1, level),
                               effective_f_critical(s.xx, tau, bound, level)});
  }
  return result;
}

Diagnostic anderson_rubin(const InstrumentalProjection& p, const VectorView& beta,
                          const ErrorStructure& errors) {
  AMNOK_CHECK(beta.size() == p.m, "{} coefficients for {} regressors", beta.size(), p.m);
  VectorXd weights(p.m + 1);
  weights << -beta, 1;
  const auto df = static_cast<double>(p.b), df2 = static_cast<double>(p.df_first_stage());
  const VectorXd explained = inside(p) * weights, rest = outside(p) * weights;
  if (errors.kind == ErrorStructure::Kind::homoskedastic) {
    return f_test("anderson_rubin",
                  homoskedastic_f(explained.squaredNorm(), rest.squaredNorm(), p, df), df, df2);
  }
  const ReducedForm form = reduced_form(p);
  const MatrixXd covariance = score_covariance(form.q, form.residuals * weights, errors, p.a + p.b);
  return f_test("anderson_rubin", wald_over_b(covariance, explained), df, df2);
}

ConfidenceSet anderson_rubin_set(const InstrumentalProjection& p, double confidence,
                                 const ErrorStructure& errors) {
  require_one_endogenous(p, "an Anderson-Rubin set");
  AMNOK_CHECK(confidence > 0 && confidence < 1, "confidence {}", confidence);
  const double critical =
      f_quantile(confidence, static_cast<double>(p.b), static_cast<double>(p.df_first_stage()));
  if (errors.kind == ErrorStructure::Kind::homoskedastic) return homoskedastic_set(p, critical);
  const ReducedCovariance s = reduced_covariance(p, errors);
  // Where the statistic is likely to be small: 2SLS, on the scale of its standard error.
  const double centre = s.x.dot(s.y) / s.x.squaredNorm();
  const MatrixXd at_centre = s.yy - 2 * centre * s.xy + centre * centre * s.xx;
  const double scale = std::sqrt(s.x.dot(at_centre * s.x)) / s.x.squaredNorm();
  const auto excess = [&](double theta) {
    const double v1 = std::cos(theta), v2 = centre * v1 + scale * std::sin(theta);
    return wald_over_b(v1 * v1 * s.yy - 2 * v1 * v2 * s.xy + v2 * v2 * s.xx, v1 * s.y - v2 * s.x) -
           critical;
  };
  return projective_set(excess, centre, scale);
}

std::string ConfidenceSet::text() const {
  if (shape == Shape::empty) return "empty";
  std::string text;
  for (const auto& [low, high] : intervals) {
    if (!text.empty()) text += " or ";
    text += std::isinf(low) ? std::string("(-inf, ") : fmt::format("[{:.4g}, ", low);
    text += std::isinf(high) ? std::string("inf)") : fmt::format("{:.4g}]", high);
  }
  return text;
}

bool ConfidenceSet::contains(double value) const {
  return std::any_of(intervals.begin(), intervals.end(),
                     [&](const auto& i) { return value >= i.first && value <= i.second; });
}

}  // namespace amnok
