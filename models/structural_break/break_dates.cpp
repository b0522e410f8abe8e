#include "models/structural_break/break_dates.h"

#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <numbers>

#include "engine/solver/covariance.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

// log Phi(-z) for z >= 0, also where Phi underflows (Mills' ratio).
double log_upper_tail(double z) {
  if (z < 35) return std::log(normal_cdf(-z));
  return -0.5 * z * z - std::log(z) - 0.5 * std::log(2 * std::numbers::pi) - 1 / (z * z);
}

double density_term(double x) {
  return std::sqrt(x / (2 * std::numbers::pi)) * std::exp(-x / 8);
}

// The two branches of Bai (1997), eqs (B.2) and (B.3), with phi = xi (phi2 / phi1)^2.
double left_branch(double x, double xi, double phi) {
  const double ratio = xi / phi;
  const double b = phi / xi * (phi + 2 * xi) / (phi + xi);
  const double c = (phi + 2 * xi) * (phi + 2 * xi) / ((phi + xi) * xi);
  return -density_term(x) -
         b * std::exp(ratio * (1 + ratio) * x / 2 + log_upper_tail((0.5 + ratio) * std::sqrt(x))) +
         (x / 2 - 2 + c) * std::exp(log_upper_tail(std::sqrt(x) / 2));
}

double right_branch(double x, double xi, double phi) {
  const double ratio = xi * xi / phi;
  const double b = xi / phi * (2 * phi + xi) / (phi + xi);
  const double c = (2 * phi + xi) * (2 * phi + xi) / ((phi + xi) * phi);
  return 1 + density_term(ratio * x) +
         b * std::exp((phi + xi) * x / 2 +
                      log_upper_tail((phi + xi / 2) / std::sqrt(phi) * std::sqrt(x))) -
         (c - 2 + ratio * x / 2) * std::exp(log_upper_tail(std::sqrt(ratio * x) / 2));
}

// One side of a break: regressor moments Q and the covariance O of the scores.
struct Side {
  MatrixXd moments, scores;
};

std::vector<Side> sides(const MatrixView& x, const SegmentedFit& fit, const SegmentErrors& errors) {
  const SegmentRows sample = {0, static_cast<int>(x.rows())};
  const MatrixXd scores = regression_scores(x, fit.residuals);
  std::vector<Side> result;
  for (const SegmentRows& part : segment_rows(fit.last, sample.rows)) {
    const SegmentRows& of_moments = errors.segment_moments ? part : sample;
    const SegmentRows& of_scores = errors.segment_variances ? part : sample;
    const MatrixXd rows = x.middleRows(of_moments.begin, of_moments.rows);
    Side side;
    side.moments = rows.transpose() * rows / of_moments.rows;
    if (errors.errors == Errors::classical) {
      const auto e = fit.residuals.segment(of_scores.begin, of_scores.rows);
      side.scores = e.squaredNorm() / of_scores.rows * side.moments;
    } else {
      side.scores = score_covariance(scores.middleRows(of_scores.begin, of_scores.rows),
                                     errors.errors, errors.prewhiten);
    }
    result.push_back(std::move(side));
  }
  return result;
}

}  // namespace

double argmax_cdf(double x, double xi, double phi1, double phi2) {
  const double phi = xi * (phi2 / phi1) * (phi2 / phi1);
  return x < 0 ? left_branch(-x, xi, phi) : right_branch(x, xi, phi);
}

double BreakLimit::quantile(double p) const {
  if (!(scale > 0 && phi1 > 0 && phi2 > 0 && xi > 0)) return kMissing;
  const auto f = [&](double x) { return argmax_cdf(x, xi, phi1, phi2) - p; };
  double low = 0, high = 0;
  for (double width = 8; f(low) > 0 && width < 1e12; width *= 2) low -= width;
  for (double width = 8; f(high) < 0 && width < 1e12; width *= 2) high += width;
  boost::uintmax_t iterations = 200;
  const auto [a, b] = boost::math::tools::toms748_solve(
      f, low, high, boost::math::tools::eps_tolerance<double>(45), iterations);
  return 0.5 * (a + b);
}

std::vector<BreakLimit> break_limits(const MatrixView& x, const VectorView& y,
                                     const std::vector<int>& last, const SegmentErrors& errors) {
  const SegmentedFit fit = fit_segments(x, y, last, {});
  const std::vector<Side> side = sides(x, fit, errors);
  std::vector<BreakLimit> limits;
  for (std::size_t i = 0; i < last.size(); ++i) {
    const Side &a = side[i], &b = side[i + 1];
    const auto row = static_cast<Eigen::Index>(i);
    const VectorXd delta = (fit.coefficients.row(row + 1) - fit.coefficients.row(row)).transpose();
    const double q1 = delta.dot(a.moments * delta), q2 = delta.dot(b.moments * delta);
    const double variance1 = delta.dot(a.scores * delta) / q1;
    const double variance2 = delta.dot(b.scores * delta) / q2;
    limits.push_back({q2 / q1, std::sqrt(variance1), std::sqrt(variance2), variance1 / q1});
  }
  return limits;
}

std::vector<BreakInterval> bai_intervals(const MatrixView& x, const VectorView& y,
                                         const std::vector<int>& last,
                                         const BreakIntervalOptions& options) {
  const double tail = (1 - options.level) / 2;
  std::vector<BreakInterval> intervals;
  for (const BreakLimit& limit : break_limits(x, y, last, options.errors)) {
    BreakInterval interval;
    interval.last = last[intervals.size()];
    const double at_zero = argmax_cdf(0, limit.xi, limit.phi1, limit.phi2);
    if (limit.scale > 0 && limit.phi2 > 0 && at_zero > tail && at_zero < 1 - tail) {
      interval.exists = true;
      interval.lower =
          interval.last - static_cast<int>(std::ceil(limit.scale * limit.quantile(1 - tail)));
      interval.upper =
          interval.last - static_cast<int>(std::floor(limit.scale * limit.quantile(tail)));
    }
    intervals.push_back(interval);
  }
  return intervals;
}

}  // namespace amnok
