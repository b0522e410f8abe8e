#include "models/ets/ets_likelihood.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "engine/base/check.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/solver/transforms.h"

namespace amnok {

namespace {

using Season = EtsForm::Season;

std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

// Seasonal figures of the first years: each observation against the centred yearly mean around it,
// averaged by season. Too short a series has none.
VectorXd first_seasons(const VectorXd& y, int m, bool multiplicative) {
  VectorXd sum = VectorXd::Zero(m), count = VectorXd::Zero(m);
  const auto n = static_cast<int>(y.size());
  const int last = std::min(n, std::max(3 * m + 1, 2 * m));
  for (int t = m / 2; t + (m + 1) / 2 < last; ++t) {
    double mean = 0.5 * (y(t - m / 2) + y(t - m / 2 + m)) * (m % 2 == 0 ? 1 : 0);
    const int first = m % 2 == 0 ? t - m / 2 + 1 : t - m / 2;
    const int width = m % 2 == 0 ? m - 1 : m;
    mean = (mean + y.segment(first, width).sum()) / m;
    if (multiplicative && !(mean > 0)) continue;
    sum(t % m) += multiplicative ? y(t) / mean : y(t) - mean;
    count(t % m) += 1;
  }
  VectorXd season = VectorXd::Constant(m, multiplicative ? 1 : 0);
  for (int i = 0; i < m; ++i) {
    if (count(i) > 0) season(i) = sum(i) / count(i);
  }
  if (multiplicative) {
    season = season.cwiseMax(0.01);
    return season / season.mean();
  }
  return season.array() - season.mean();
}

VectorXd gaps_filled(const VectorXd& y) {
  VectorXd filled = y;
  double last = kMissing;
  for (double& v : filled) {
    if (std::isnan(v)) v = last;
    last = v;
  }
  for (Eigen::Index t = filled.size() - 2; t >= 0; --t) {
    if (std::isnan(filled(t))) filled(t) = filled(t + 1);
  }
  return filled;
}

ParameterVector solver_parameters(const EtsForm& form) {
  ParameterVector p;
  p.add("alpha", 0.3, Constraint::bounded, kLowestSmoothing, kHighestSmoothing);
  if (form.trend) p.add("beta_star", 0.1, Constraint::bounded, 0, 1);
  if (form.seasonal()) p.add("gamma_star", 0.1, Constraint::bounded, 0, 1);
  if (form.damped) p.add("phi", 0.95, Constraint::bounded, kLowestDamping, kHighestDamping);
  p.add("level", 0);
  if (form.trend) p.add("trend", 0);
  for (int i = 1; form.seasonal() && i < form.period; ++i) p.add(fmt::format("season{}", i), 0);
  return p;
}

}  // namespace

EtsLikelihood::EtsLikelihood(EtsForm form, VectorXd y)
    : form_(form), y_(std::move(y)), parameters_(solver_parameters(form)) {
  for (double v : y_) observations_ += std::isnan(v) ? 0 : 1;
}

EtsParameters EtsLikelihood::natural(const VectorXd& v) const {
  EtsParameters p;
  int i = 0;
  p.alpha = v(i++);
  if (form_.trend) p.beta = kLowestSmoothing + (p.alpha - kLowestSmoothing) * v(i++);
  if (form_.seasonal()) p.gamma = kLowestSmoothing + (1 - p.alpha - kLowestSmoothing) * v(i++);
  if (form_.damped) p.phi = v(i++);
  p.level = v(i++);
  if (form_.trend) p.trend = v(i++);
  if (form_.seasonal()) {
    p.season.resize(form_.period);
    p.season.head(form_.period - 1) = v.tail(form_.period - 1);
    const double total = form_.season == Season::additive ? 0 : form_.period;
    p.season(form_.period - 1) = total - v.tail(form_.period - 1).sum();
  }
  return p;
}

VectorXd EtsLikelihood::solver_values(const EtsParameters& p) const {
  VectorXd v(form_.smoothing_count() + form_.state_count());
  const auto share = [](double x, double high) {
    const double width = high - kLowestSmoothing;
    return width > 0 ? std::clamp((x - kLowestSmoothing) / width, 1e-4, 1 - 1e-4) : 0.5;
  };
  int i = 0;
  v(i++) = p.alpha;
  if (form_.trend) v(i++) = share(p.beta, p.alpha);
  if (form_.seasonal()) v(i++) = share(p.gamma, 1 - p.alpha);
  if (form_.damped) v(i++) = p.phi;
  v(i++) = p.level;
  if (form_.trend) v(i++) = p.trend;
  if (form_.seasonal()) v.tail(form_.period - 1) = p.season.head(form_.period - 1);
  return v;
}

EtsParameters EtsLikelihood::start(double alpha) const {
  EtsParameters p;
  const VectorXd y = gaps_filled(y_);
  const int m = form_.period, n = static_cast<int>(y.size());
  VectorXd adjusted = y;
  if (form_.seasonal()) {
    const bool multiplicative = form_.season == Season::multiplicative;
    p.season = first_seasons(y, m, multiplicative);
    for (int t = 0; t < n; ++t) {
      adjusted(t) = multiplicative ? y(t) / p.season(t % m) : y(t) - p.season(t % m);
    }
  }
  const int span = std::min(n, std::max(10, 2 * m));
  p.level = adjusted.head(span).mean();
  if (form_.trend) {
    const VectorXd time = VectorXd::LinSpaced(span, 1, span);
    const double centre = time.mean();
    const VectorXd moved = time.array() - centre;
    p.trend = moved.dot(adjusted.head(span)) / moved.squaredNorm();
    p.level -= p.trend * centre;
  }
  p.alpha = alpha;
  p.beta = kLowestSmoothing + 0.1 * (alpha - kLowestSmoothing);
  p.gamma = kLowestSmoothing + 0.05 * (1 - alpha - kLowestSmoothing);
  p.phi = form_.damped ? 0.96 : 1;
  return p;
}

VectorXd EtsLikelihood::units() const {
  double mean = 0, spread = 0;
  for (double v : y_) mean += std::isnan(v) ? 0 : v / observations_;
  for (double v : y_) spread += std::isnan(v) ? 0 : std::fabs(v - mean) / observations_;
  VectorXd units = VectorXd::Ones(parameters_.size());
  // A multiplicative season is a ratio.
  const int of_y =
      form_.season == Season::additive ? form_.state_count() : 1 + (form_.trend ? 1 : 0);
  units.segment(form_.smoothing_count(), of_y).setConstant(spread);
  return units;
}

EtsPath EtsLikelihood::run(const EtsParameters& p) const {
  EtsPath path;
  const auto n = static_cast<int>(y_.size());
  const int m = form_.period;
  path.errors = VectorXd::Constant(n, kMissing);
  path.means.resize(n);
  double level = p.level, trend = p.trend;
  VectorXd season = p.season;
  for (int t = 0; t < n; ++t) {
    const double q = level + (form_.trend ? p.phi * trend : 0);
    const int i = t % m;
    const double s = form_.seasonal() ? season(i) : 0;
    const double mu = form_.season == Season::none       ? q
                      : form_.season == Season::additive ? q + s
                                                         : q * s;
    path.means(t) = mu;
    if (form_.multiplicative_error && !(mu > 0)) return path;
    double x = 0;
    if (!std::isnan(y_(t))) {
      x = y_(t) - mu;
      const double e = form_.multiplicative_error ? x / mu : x;
      path.errors(t) = e;
      path.sum_squares += e * e;
      if (form_.multiplicative_error) path.sum_log_mean += std::log(mu);
    }
    const bool scaled = form_.season == Season::multiplicative;
    if (scaled && (s == 0 || q == 0)) return path;
    const double xl = scaled ? x / s : x;
    level = q + p.alpha * xl;
    trend = p.phi * trend + p.beta * xl;
    if (form_.seasonal()) season(i) = s + p.gamma * (scaled ? x / q : x);
  }
  path.end.level = level;
  path.end.trend = trend;
  if (form_.seasonal()) {
    path.end.season.resize(m);
    for (int j = 0; j < m; ++j) path.end.season(j) = season((n + j) % m);
  }
  path.ok = std::isfinite(path.sum_squares) && path.sum_squares > 0;
  return path;
}

double EtsLikelihood::log_likelihood(const EtsPath& path) const {
  const double n = observations_;
  return -0.5 * n * (1 + std::log(2 * std::numbers::pi * path.sum_squares / n)) - path.sum_log_mean;
}

bool EtsLikelihood::residuals(const VectorXd& u, VectorXd& r, MatrixXd* jacobian) const {
  const ParameterVector& all = parameters_;
  const VectorXd values = all.to_natural(u);
  const EtsParameters p = natural(values);
  const double rescale = 1.0 / observations_;
  if (jacobian == nullptr) {
    const EtsPath path = run(p);
    if (!path.ok) return false;
    const double scale = std::exp(path.sum_log_mean * rescale);
    r.resize(observations_);
    Eigen::Index row = 0;
    for (double e : path.errors) {
      if (!std::isnan(e)) r(row++) = e * scale;
    }
    return true;
  }

  // Columns: alpha, beta, gamma, phi (as far as the form has them), level, trend, seasons.
  const int k = static_cast<int>(u.size()), m = form_.period;
  const int column_beta = form_.trend ? 1 : -1;
  const int column_gamma = form_.seasonal() ? 1 + (form_.trend ? 1 : 0) : -1;
  const int column_phi = form_.damped ? form_.smoothing_count() - 1 : -1;
  const int column_level = form_.smoothing_count();
  const int column_season = column_level + 1 + (form_.trend ? 1 : 0);
  const bool multiplies = form_.season == Season::multiplicative;
  // d l, d b, d q, d mu, sum of d mu / mu, then a row a season.
  std::vector<double> rows(at(k * (6 + (form_.seasonal() ? m : 0))), 0.0);
  double* const dl = rows.data();
  double* const db = dl + k;
  double* const dq = db + k;
  double* const dx = dq + k;
  double* const dlog = dx + k;
  double* const dmu = dlog + k;
  double* const ds = dmu + k;
  dl[column_level] = 1;
  if (form_.trend) db[column_level + 1] = 1;
  if (form_.seasonal()) {
    for (int i = 0; i + 1 < m; ++i) {
      ds[i * k + column_season + i] = 1;
      ds[(m - 1) * k + column_season + i] = -1;
    }
  }
  double level = p.level, trend = p.trend, sum_log = 0;
  VectorXd season = p.season;
  DrawMatrix derivative(observations_, k);
  r.resize(observations_);
  Eigen::Index row = 0;
  for (int t = 0; t < static_cast<int>(y_.size()); ++t) {
    const double q = level + (form_.trend ? p.phi * trend : 0);
    for (int j = 0; j < k; ++j) dq[j] = dl[j] + p.phi * db[j];
    if (column_phi >= 0) dq[column_phi] += trend;
    double* const si = form_.seasonal() ? ds + (t % m) * k : nullptr;
    const double s = form_.seasonal() ? season(t % m) : 0;
    double mu = q;
    if (!form_.seasonal()) {
      for (int j = 0; j < k; ++j) dmu[j] = dq[j];
    } else if (!multiplies) {
      mu = q + s;
      for (int j = 0; j < k; ++j) dmu[j] = dq[j] + si[j];
    } else {
      mu = q * s;
      if (s == 0 || q == 0) return false;
      for (int j = 0; j < k; ++j) dmu[j] = dq[j] * s + q * si[j];
    }
    if (form_.multiplicative_error && !(mu > 0)) return false;
    const bool present = !std::isnan(y_(t));
    const double x = present ? y_(t) - mu : 0;
    if (present) {
      double* const out = derivative.data() + row * k;
      if (form_.multiplicative_error) {
        r(row) = x / mu;
        sum_log += std::log(mu);
        const double slope = -y_(t) / (mu * mu), share = 1 / mu;
        for (int j = 0; j < k; ++j) {
          out[j] = slope * dmu[j];
          dlog[j] += share * dmu[j];
        }
      } else {
        r(row) = x;
        for (int j = 0; j < k; ++j) out[j] = -dmu[j];
      }
      ++row;
    }
    // x and its derivative as the states see it; a missing observation moves nothing.
    const double xl = multiplies ? x / s : x;
    const double live = present ? 1 : 0;
    if (multiplies) {
      const double inverse = 1 / s;
      for (int j = 0; j < k; ++j) dx[j] = (-live * dmu[j] - xl * si[j]) * inverse;
    } else {
      for (int j = 0; j < k; ++j) dx[j] = -live * dmu[j];
    }
    if (form_.seasonal()) {
      const double xs = multiplies ? x / q : x;
      if (multiplies) {
        const double inverse = 1 / q;
        for (int j = 0; j < k; ++j) {
          si[j] += p.gamma * (-live * dmu[j] - xs * dq[j]) * inverse;
        }
      } else {
        for (int j = 0; j < k; ++j) si[j] += p.gamma * dx[j];
      }
      si[column_gamma] += xs;
      season(t % m) = s + p.gamma * xs;
    }
    for (int j = 0; j < k; ++j) {
      dl[j] = dq[j] + p.alpha * dx[j];
      db[j] = p.phi * db[j] + p.beta * dx[j];
    }
    dl[0] += xl;
    if (column_beta >= 0) db[column_beta] += xl;
    if (column_phi >= 0) db[column_phi] += trend;
    level = q + p.alpha * xl;
    trend = p.phi * trend + p.beta * xl;
  }
  const double scale = std::exp(sum_log * rescale);
  if (form_.multiplicative_error) {
    for (Eigen::Index i = 0; i < observations_; ++i) {
      const double e = r(i) * rescale;
      for (int j = 0; j < k; ++j) derivative(i, j) = scale * (derivative(i, j) + e * dlog[j]);
    }
    r *= scale;
  }
  // To the solver's coordinates: beta and gamma are shares of what alpha leaves.
  if (form_.trend) {
    const double beta_share = values(1);
    derivative.col(0) += beta_share * derivative.col(column_beta);
    derivative.col(column_beta) *= p.alpha - kLowestSmoothing;
  }
  if (form_.seasonal()) {
    derivative.col(0) -= values(column_gamma) * derivative.col(column_gamma);
    derivative.col(column_gamma) *= 1 - p.alpha - kLowestSmoothing;
  }
  const MatrixXd to_natural = all.natural_jacobian(u);
  *jacobian = derivative;
  for (int j = 0; j < form_.smoothing_count(); ++j) {
    jacobian->col(j) *= to_natural(j, j);
    if (is_held_at_edge(u(j), r.dot(jacobian->col(j)))) jacobian->col(j).setZero();
  }
  return r.allFinite() && jacobian->allFinite();
}

}  // namespace amnok
