#include <Eigen/Core>
#include <vector>

#include "models/ets/ets.h"

namespace amnok {

namespace {

using Matrix2 = Eigen::Matrix2d;
using Vector2 = Eigen::Vector2d;

EtsMoments additive_moments(const EtsForm& form, const EtsParameters& p, const EtsStates& states,
                            double sigma2, int horizon) {
  EtsMoments moments{VectorXd(horizon), VectorXd(horizon)};
  double level = states.level, trend = states.trend, damping = 0, power = 1, total = 1;
  for (int h = 0; h < horizon; ++h) {
    trend *= form.trend ? p.phi : 0;
    level += trend;
    moments.mean(h) = level + (form.seasonal() ? states.season(h % form.period) : 0);
    moments.variance(h) = sigma2 * total;
    // c_{h+1} = alpha + beta (phi + ... + phi^{h+1}) + gamma [h + 1 is a multiple of the period]
    power *= p.phi;
    damping += power;
    double c = p.alpha + (form.trend ? p.beta * damping : 0);
    if (form.seasonal() && (h + 1) % form.period == 0) c += p.gamma;
    total += c * c;
  }
  return moments;
}

// Multiplicative errors with an additive season or none: with c_j as above,
//   theta_h = mu_h^2 + sigma^2 sum_{j<h} c_j^2 theta_{h-j},   variance = (1 + sigma^2) theta_h -
//   mu_h^2
EtsMoments multiplicative_error_moments(const EtsForm& form, const EtsParameters& p,
                                        const EtsStates& states, double sigma2, int horizon) {
  EtsMoments moments = additive_moments(form, p, states, 1, horizon);
  VectorXd squares(horizon), theta(horizon);
  for (int h = 1; h < horizon; ++h) squares(h) = moments.variance(h) - moments.variance(h - 1);
  for (int h = 0; h < horizon; ++h) {
    theta(h) = moments.mean(h) * moments.mean(h);
    for (int j = 1; j <= h; ++j) theta(h) += sigma2 * squares(j) * theta(h - j);
    moments.variance(h) = (1 + sigma2) * theta(h) - moments.mean(h) * moments.mean(h);
  }
  return moments;
}

// Multiplicative season and errors. With x = (l, b)' and z_1 .. z_m the seasonal states (z_m next),
// q_j = x z_j follows  q'_1 = (F + G e)(1 + gamma e) q_m,  q'_{j+1} = (F + G e) q_j;  their first
// moments and the 2 x 2 blocks E(q_i q_j') close on themselves.
EtsMoments multiplicative_season_moments(const EtsForm& form, const EtsParameters& p,
                                         const EtsStates& states, double sigma2, int horizon) {
  const int m = form.period;
  const auto at = [](int i) { return static_cast<std::size_t>(i); };
  Matrix2 f, g;
  f << 1, p.phi, 0, p.phi;
  g << p.alpha, p.alpha * p.phi, p.beta, p.beta * p.phi;
  if (!form.trend) {
    f << 1, 0, 0, 0;
    g << p.alpha, 0, 0, 0;
  }
  const Vector2 w(1, form.trend ? p.phi : 0.0);
  const Vector2 x(states.level, form.trend ? states.trend : 0.0);
  std::vector<Vector2> mean(at(m));
  std::vector<Matrix2> second(at(m * m));
  for (int i = 0; i < m; ++i) mean[at(i)] = x * states.season(m - 1 - i);
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < m; ++j) second[at(i * m + j)] = mean[at(i)] * mean[at(j)].transpose();
  }
  EtsMoments moments{VectorXd(horizon), VectorXd(horizon)};
  std::vector<Vector2> next_mean(at(m));
  std::vector<Matrix2> next_second(at(m * m));
  for (int h = 0; h < horizon; ++h) {
    const Matrix2& last = second[at(m * m - 1)];
    moments.mean(h) = w.dot(mean[at(m - 1)]);
    moments.variance(h) = (1 + sigma2) * w.dot(last * w) - moments.mean(h) * moments.mean(h);
    for (int j = 0; j + 1 < m; ++j) next_mean[at(j + 1)] = f * mean[at(j)];
    next_mean[0] = (f + p.gamma * sigma2 * g) * mean[at(m - 1)];
    for (int i = 0; i < m; ++i) {
      for (int j = 0; j < m; ++j) {
        const Matrix2& s = second[at(i * m + j)];
        const Matrix2 fs = f * s, gs = g * s;
        const Matrix2 ff = fs * f.transpose(), gg = gs * g.transpose();
        const Matrix2 mixed = gs * f.transpose() + fs * g.transpose();
        const double ends = (i == m - 1 ? 1 : 0) + (j == m - 1 ? 1 : 0);
        Matrix2 next = ff + sigma2 * gg + ends * p.gamma * sigma2 * mixed;
        if (ends == 2) next += p.gamma * p.gamma * sigma2 * (ff + 3 * sigma2 * gg);
        next_second[at(((i + 1) % m) * m + (j + 1) % m)] = next;
      }
    }
    mean.swap(next_mean);
    second.swap(next_second);
  }
  return moments;
}

}  // namespace

EtsMoments ets_moments(const EtsForm& form, const EtsParameters& parameters,
                       const EtsStates& states, double sigma2, int horizon) {
  if (!form.multiplicative_error) {
    return additive_moments(form, parameters, states, sigma2, horizon);
  }
  if (form.season != EtsForm::Season::multiplicative) {
    return multiplicative_error_moments(form, parameters, states, sigma2, horizon);
  }
  return multiplicative_season_moments(form, parameters, states, sigma2, horizon);
}

}  // namespace amnok
