#include "models/structural_break/break_dates.h"

#include <boost/math/tools/roots.hpp>
#include <cmath>
#include <numbers>

#include "engine/solver/linear_least_squares.h"
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

struct Segment {
  VectorXd coefficients;
  MatrixXd moments;
  double variance = 0;
};

double quantile(double p, double xi, double phi1, double phi2) {
  const auto f = [&](double x) { return argmax_cdf(x, xi, phi1, phi2) - p; };
  double low = 0, high = 0;
  for (double width = 8; f(low) > 0 && width < 1e12; width *= 2) low -= width;
  for (double width = 8; f(high) < 0 && width < 1e12; width *= 2) high += width;
  boost::uintmax_t iterations = 200;
  const auto [a, b] = boost::math::tools::toms748_solve(
      f, low, high, boost::math::tools::eps_tolerance<double>(45), iterations);
  return 0.5 * (a + b);
}

}  // namespace

double argmax_cdf(double x, double xi, double phi1, double phi2) {
  const double phi = xi * (phi2 / phi1) * (phi2 / phi1);
  return x < 0 ? left_branch(-x, xi, phi) : right_branch(x, xi, phi);
}

std::vector<BreakInterval> bai_intervals(const MatrixView& x, const VectorView& y,
                                         const std::vector<int>& last,
                                         const BreakIntervalOptions& options) {
  const int n = static_cast<int>(y.size());
  std::vector<Segment> segments;
  double rss = 0;
  int begin = 0;
  for (std::size_t i = 0; i <= last.size(); ++i) {
    const int end = i < last.size() ? last[i] + 1 : n, rows = end - begin;
    const MatrixXd part = x.middleRows(begin, rows);
    const LinearFit fit = solve(LinearLeastSquares{part, y.segment(begin, rows)});
    segments.push_back({fit.coefficients, part.transpose() * part / rows, fit.rss / rows});
    rss += fit.rss;
    begin = end;
  }
  const MatrixXd common = x.transpose() * x / n;
  for (Segment& segment : segments) {
    if (!options.segment_moments) segment.moments = common;
    if (!options.segment_variances) segment.variance = rss / n;
  }
  const double tail = (1 - options.level) / 2;
  std::vector<BreakInterval> intervals;
  for (std::size_t i = 0; i < last.size(); ++i) {
    const Segment &a = segments[i], &b = segments[i + 1];
    const VectorXd delta = b.coefficients - a.coefficients;
    const double q1 = delta.dot(a.moments * delta), q2 = delta.dot(b.moments * delta);
    const double xi = options.segment_moments ? q2 / q1 : 1.0;
    const double phi1 = std::sqrt(a.variance), phi2 = std::sqrt(b.variance);
    BreakInterval interval;
    interval.last = last[i];
    const double at_zero = argmax_cdf(0, xi, phi1, phi2);
    if (q1 > 0 && phi1 > 0 && phi2 > 0 && at_zero > tail && at_zero < 1 - tail) {
      const double scale = a.variance / q1;
      interval.exists = true;
      interval.lower =
          last[i] - static_cast<int>(std::ceil(scale * quantile(1 - tail, xi, phi1, phi2)));
      interval.upper =
          last[i] - static_cast<int>(std::floor(scale * quantile(tail, xi, phi1, phi2)));
    }
    intervals.push_back(interval);
  }
  return intervals;
}

}  // namespace amnok
