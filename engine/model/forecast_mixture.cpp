#include "engine/model/forecast_mixture.h"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

constexpr std::size_t kMostMembers = 8;
constexpr double kLeastWeight = 0.01;

// q: of the standardised variable.
double quantile_of(const ForecastComponent& c, double q, Eigen::Index h) {
  return c.transform.inverse(c.mean(h) + q * c.sd(h));
}

// Phi, one digit short of normal_cdf and without its detour over long doubles, which would be most
// of the time of a mixture's quantiles.
double quick_normal_cdf(double u) {
  using InDoubles = boost::math::policies::policy<boost::math::policies::promote_double<false>>;
  return 0.5 * boost::math::erfc(-u / std::numbers::sqrt2, InDoubles());
}
double quick_normal_pdf(double u) {
  return std::exp(-0.5 * u * u) / std::sqrt(2 * std::numbers::pi);
}

double mean_of(const ForecastComponent& c, Eigen::Index h) {
  const double m = c.mean(h), v = c.sd(h) * c.sd(h);
  switch (c.transform.kind) {
    case Transform::Kind::level:
      return m;
    case Transform::Kind::log:
      return std::exp(m + v / 2);
    case Transform::Kind::sqrt:
      return m * m + v;
    case Transform::Kind::box_cox: {
      // Second order: g(m) + g''(m) v / 2 (Guerrero 1993).
      const double base = c.transform.inverse(m), lambda = c.transform.lambda;
      if (lambda == 0) return std::exp(m + v / 2);
      const double scale = lambda * m + 1;
      return base * (1 + v * (1 - lambda) / (2 * scale * scale));
    }
  }
  return kMissing;
}

}  // namespace

ForecastMixture::ForecastMixture(std::vector<ForecastComponent> components)
    : components_(std::move(components)) {
  AMNOK_CHECK(!components_.empty(), "no component");
  if (components_.size() == 1) return;
  for (ForecastComponent& c : components_) {
    if (c.df > 0) c.sd *= student_t_quantile(0.975, c.df) / normal_quantile(0.975);
    c.df = 0;
  }
}

VectorXd ForecastMixture::mean() const {
  VectorXd mean = VectorXd::Zero(horizon());
  for (const ForecastComponent& c : components_) {
    for (Eigen::Index h = 0; h < mean.size(); ++h) mean(h) += c.weight * mean_of(c, h);
  }
  return mean;
}

VectorXd ForecastMixture::quantile(double p) const {
  VectorXd result(horizon());
  const double df = components_.front().df;  // none in a mixture
  const double q = df > 0 ? student_t_quantile(p, df) : normal_quantile(p);
  for (Eigen::Index h = 0; h < result.size(); ++h) {
    result(h) = components_.size() == 1 ? quantile_of(components_.front(), q, h)
                                        : mixture_quantile(p, q, h);
  }
  return result;
}

double ForecastMixture::mixture_quantile(double p, double standard, Eigen::Index h) const {
  double low = INFINITY, high = -INFINITY, guess = 0;
  for (const ForecastComponent& c : components_) {
    const double q = quantile_of(c, standard, h);
    low = std::min(low, q);
    high = std::max(high, q);
    guess += c.weight * q;
  }
  // Newton steps on F(x) - p, kept in the bracket.
  double x = std::clamp(guess, low, high);
  for (int iteration = 0; iteration < 60 && high - low > 1e-10 * (std::fabs(low) + std::fabs(high));
       ++iteration) {
    double cdf = 0, density = 0;
    for (const ForecastComponent& c : components_) {
      const double z = c.transform.forward(x);
      if (std::isnan(z)) continue;  // below the transform's domain: nothing there
      const double sd = std::max(c.sd(h), 1e-300), u = (z - c.mean(h)) / sd;
      cdf += c.weight * quick_normal_cdf(u);
      density += c.weight * quick_normal_pdf(u) / sd * c.transform.slope(x);
    }
    (cdf < p ? low : high) = x;
    const double step = (p - cdf) / density;
    if (std::fabs(step) < 1e-9 * std::fabs(x)) break;
    const double next = x + step;
    x = std::isfinite(next) && next > low && next < high ? next : 0.5 * (low + high);
  }
  return x;
}

std::vector<double> criterion_weights(std::span<const double> criteria) {
  double least = INFINITY;
  for (double c : criteria) {
    if (std::isfinite(c)) least = std::min(least, c);
  }
  std::vector<double> weights;
  double total = 0;
  for (double c : criteria) {
    weights.push_back(std::isfinite(c) ? std::exp(-(c - least) / 4) : 0);
    total += weights.back();
  }
  for (double& w : weights) w /= total > 0 ? total : 1;
  return weights;
}

std::vector<std::pair<std::size_t, double>> heaviest(const std::vector<double>& weights) {
  std::vector<std::pair<std::size_t, double>> members;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (weights[i] > kLeastWeight) members.emplace_back(i, weights[i]);
  }
  std::stable_sort(members.begin(), members.end(),
                   [](const auto& a, const auto& b) { return a.second > b.second; });
  members.resize(std::min(members.size(), kMostMembers));
  double total = 0;
  for (const auto& [i, w] : members) total += w;
  for (auto& [i, w] : members) w /= total;
  return members;
}

}  // namespace amnok
