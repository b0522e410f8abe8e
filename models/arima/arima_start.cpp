#include "models/arima/arima_start.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "engine/solver/linear_least_squares.h"
#include "engine/solver/nonlinear_least_squares.h"
#include "engine/stats/lag_polynomial.h"

namespace amnok {

namespace {

constexpr double kSameOptimum = 0.05;  // in log-likelihood
constexpr double kWellKnown = 0.25;    // standard error of a parameter of the search

bool is_mixed(const ArimaOrder& o) {
  return (o.p > 0 && o.q > 0) || (o.seasonal_p > 0 && o.seasonal_q > 0);
}

}  // namespace

VectorXd hannan_rissanen(const VectorView& w, const ArimaOrder& order) {
  const int n = static_cast<int>(w.size());
  VectorXd result = VectorXd::Zero(order.arma_count());
  if (result.size() == 0) return result;
  const int longest = std::max(order.ar_lags(), order.ma_lags());
  const int long_order =
      std::min(n / 3, std::max(longest + 1, static_cast<int>(2 * std::log(std::max(n, 2)))));
  if (long_order < 1 || n < 2 * long_order + 4) return result;

  // Residuals of the long autoregression by Levinson-Durbin (Yule-Walker): cheap and always stable.
  const VectorXd x = w.array() - w.mean();
  VectorXd gamma(long_order + 1), phi = VectorXd::Zero(long_order);
  for (int k = 0; k <= long_order; ++k) gamma(k) = x.head(n - k).dot(x.tail(n - k)) / n;
  if (!(gamma(0) > 0)) return result;
  double variance = gamma(0);
  for (int k = 0; k < long_order; ++k) {
    double r = gamma(k + 1);
    for (int j = 0; j < k; ++j) r -= phi(j) * gamma(k - j);
    r /= variance;
    VectorXd next = phi;
    for (int j = 0; j < k; ++j) next(j) = phi(j) - r * phi(k - 1 - j);
    next(k) = r;
    phi = next;
    variance *= 1 - r * r;
  }
  VectorXd e = VectorXd::Zero(n);
  for (int t = long_order; t < n; ++t) {
    e(t) = x(t);
    for (int j = 0; j < long_order; ++j) e(t) -= phi(j) * x(t - 1 - j);
  }
  const int first = std::min(n - 1, long_order + order.ma_lags());
  const int begin = std::max(first, order.ar_lags());
  const int rows = n - begin, columns = order.arma_count();
  if (rows < columns + 3) return result;
  LinearLeastSquares problem{MatrixXd(rows, columns), x.tail(rows)};
  int column = 0;
  const auto add = [&](const VectorXd& source, int lag) {
    problem.x.col(column++) = source.segment(begin - lag, rows);
  };
  for (int i = 1; i <= order.p; ++i) add(x, i);
  for (int i = 1; i <= order.q; ++i) add(e, i);
  for (int i = 1; i <= order.seasonal_p; ++i) add(x, i * order.period);
  for (int i = 1; i <= order.seasonal_q; ++i) add(e, i * order.period);
  result = solve(problem).coefficients;
  return result.allFinite() ? result : VectorXd::Zero(columns);
}

namespace {

// On the edge of the admissible region, where the derivative of a partial autocorrelation is zero, a
// search would start blind.
VectorXd off_the_edge(const VectorXd& u) {
  static constexpr double kMost = 0.98;
  return u.unaryExpr([](double v) { return std::asin(std::clamp(std::sin(v), -kMost, kMost)); });
}

// Hannan and Rissanen's estimates from the residuals of a plain regression of the differenced,
// gap-filled data; a half for what is not ARMA.
VectorXd first_values(const ArimaLikelihood& likelihood) {
  const ArimaData& data = likelihood.data();
  const ArimaOrder& o = data.order;
  VectorXd theta = VectorXd::Zero(likelihood.parameters().size());
  for (int i = o.arma_count(); i < theta.size(); ++i) theta(i) = 0.5;
  const VectorXd y = interpolate(data.y);
  const MatrixXd x = likelihood.regression_matrix(theta);
  LinearLeastSquares problem;
  problem.y = difference(y, o.d, o.seasonal_d, o.period);
  problem.x.resize(problem.y.size(), x.cols());
  for (Eigen::Index j = 0; j < x.cols(); ++j) {
    problem.x.col(j) = difference(x.col(j), o.d, o.seasonal_d, o.period);
  }
  const LinearFit regression = solve(problem);
  const VectorXd w = regression.residuals;
  theta.head(o.arma_count()) = hannan_rissanen(w, o);
  if (data.noisy()) {
    const double sd =
        std::sqrt(w.squaredNorm() / static_cast<double>(std::max<Eigen::Index>(w.size(), 1)));
    theta(theta.size() - 1) = sd > 0 ? sd : 1;
  }
  return theta;
}

VectorXd start_at(const ArimaLikelihood& likelihood, const VectorXd& theta) {
  VectorXd u = likelihood.parameters().to_unconstrained(theta);
  const int arma = likelihood.data().order.arma_count();
  u.head(arma) = off_the_edge(u.head(arma));
  return u;
}

}  // namespace

VectorXd first_start(const ArimaLikelihood& likelihood) {
  return start_at(likelihood, first_values(likelihood));
}

std::vector<VectorXd> start_values(const ArimaLikelihood& likelihood) {
  const ParameterVector& parameters = likelihood.parameters();
  const ArimaOrder& o = likelihood.data().order;
  VectorXd theta = first_values(likelihood);
  std::vector<VectorXd> result = {start_at(likelihood, theta)};
  // Every AR and MA coefficient of a block falls off from a first value.
  const auto add = [&](double ar, double ma) {
    for (int i = 0; i < o.arma_count(); ++i) {
      const bool ordinary = i < o.p + o.q;
      const bool is_ma = ordinary ? i >= o.p : i >= o.p + o.q + o.seasonal_p;
      const int first = ordinary ? (is_ma ? o.p : 0) : o.p + o.q + (is_ma ? o.seasonal_p : 0);
      theta(i) = (is_ma ? ma : ar) * std::pow(i == first ? 1.0 : 0.3, i - first);
    }
    if (parameters.is_admissible(theta)) result.push_back(parameters.to_unconstrained(theta));
  };
  if (o.arma_count() > 0) add(0.1, -0.1);
  if (is_mixed(o)) {
    add(0.5, -0.9);
    add(-0.5, 0.7);
    add(0.8, -0.4);
  }
  return result;
}

std::vector<VectorXd> promising_starts(const ArimaLikelihood& likelihood, const VectorXd& also) {
  const ArimaOrder& o = likelihood.data().order;
  std::vector<std::pair<double, VectorXd>> ranked;
  std::vector<VectorXd> starts = start_values(likelihood);
  if (also.size() > 0) starts.push_back(also);
  for (VectorXd& u : starts) {
    const double rss = u.size() == 0 ? INFINITY : likelihood.residual_sum(u);
    ranked.emplace_back(std::isfinite(rss) ? rss : INFINITY, std::move(u));
  }
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  ranked.resize(std::min<std::size_t>(ranked.size(), is_mixed(o) && also.size() == 0 ? 2 : 1));
  std::vector<VectorXd> result;
  for (auto& [rss, u] : ranked) result.push_back(std::move(u));
  return result;
}

VectorXd carried_over(const ArimaOrder& o, const VectorXd& from, const ArimaOrder& to) {
  const int old_counts[] = {o.p, o.q, o.seasonal_p, o.seasonal_q};
  const int new_counts[] = {to.p, to.q, to.seasonal_p, to.seasonal_q};
  const Eigen::Index rest = from.size() - o.arma_count();  // deltas, sigma
  if (rest < 0) return {};
  VectorXd u = VectorXd::Zero(to.arma_count() + rest);
  Eigen::Index old_at = 0, new_at = 0;
  for (int block = 0; block < 4; ++block) {
    const int common = std::min(old_counts[block], new_counts[block]);
    u.segment(new_at, common) = off_the_edge(from.segment(old_at, common));
    old_at += old_counts[block];
    new_at += new_counts[block];
  }
  u.tail(rest) = from.tail(rest);
  return u;
}

namespace {

// As far as a search among candidates goes.
NonlinearFit rough_optimum(const ArimaLikelihood& likelihood, const VectorXd& also) {
  NonlinearLeastSquares problem;
  problem.residual_count = likelihood.residual_count();
  problem.starts = promising_starts(likelihood, also);
  problem.effort = NonlinearLeastSquares::Effort::scan;
  problem.offset_tolerance = 1e-3;
  problem.max_iterations = 30;
  problem.cheap_jacobian = likelihood.data().complete();
  problem.evaluate = [&](const VectorXd& at, VectorXd& r, MatrixXd* jacobian) {
    return likelihood.residuals(at, r, jacobian);
  };
  if (likelihood.has_products()) {
    problem.products = [&](const VectorXd& at, ResidualProducts& products) {
      return likelihood.residual_products(at, products);
    };
  }
  return solve(problem);
}

}  // namespace

namespace {

// Whether a search from elsewhere may end at another optimum: in the units of the search, angles of
// partial autocorrelations.
bool is_doubtful(const ArimaLikelihood& likelihood, const NonlinearFit& fit) {
  const double n = likelihood.residual_count();
  for (double rss : fit.optima) {
    if (!(0.5 * n * std::log(rss / fit.rss) < kSameOptimum)) return true;
  }
  const int arma = likelihood.data().order.arma_count();
  const Eigen::LDLT<MatrixXd> factor(fit.gram);
  if (fit.gram.rows() < arma || factor.info() != Eigen::Success || !factor.isPositive())
    return true;
  const MatrixXd inverse = factor.solve(MatrixXd::Identity(fit.gram.rows(), fit.gram.cols()));
  const double largest = inverse.diagonal().head(arma).maxCoeff() * fit.rss / n;
  return !(largest < kWellKnown * kWellKnown);
}

std::vector<VectorXd> starts_near_the_circle(const ArimaLikelihood& likelihood) {
  constexpr double kAutoregressive = 0.9, kMovingAverage = -0.97;
  const ArimaOrder& o = likelihood.data().order;
  VectorXd theta = first_values(likelihood);
  std::vector<VectorXd> result;
  for (const double side : {1.0, -1.0}) {
    theta.head(o.arma_count()).setZero();
    int at = 0;
    for (const auto& [count, value] : {std::pair(o.p, kAutoregressive),
                                       {o.q, kMovingAverage},
                                       {o.seasonal_p, kAutoregressive},
                                       {o.seasonal_q, kMovingAverage}}) {
      if (count > 0) theta(at) = side * value;
      at += count;
    }
    if (likelihood.parameters().is_admissible(theta)) {
      result.push_back(likelihood.parameters().to_unconstrained(theta));
    }
  }
  return result;
}

}  // namespace

std::vector<VectorXd> thorough_starts(const ArimaLikelihood& likelihood) {
  const ArimaOrder& o = likelihood.data().order;
  const bool one_optimum = std::max({o.p, o.q, o.seasonal_p, o.seasonal_q}) < 2 && !is_mixed(o);
  if (one_optimum || likelihood.data().noisy()) return promising_starts(likelihood);
  const NonlinearFit rough = rough_optimum(likelihood, {});
  if (rough.status == FitStatus::failed) return start_values(likelihood);
  std::vector<VectorXd> starts = {rough.x};
  if (!is_doubtful(likelihood, rough)) return starts;
  for (const auto& more : {start_values(likelihood), starts_near_the_circle(likelihood)}) {
    starts.insert(starts.end(), more.begin(), more.end());
  }
  return starts;
}

VectorXd conditional_optimum(const ArimaLikelihood& likelihood) {
  ArimaData data = likelihood.data();
  const ArimaOrder order = data.order;
  const auto parameters =
      likelihood.parameters().size() + static_cast<int>(regression_names(data).size());
  if (data.n() - order.differences() - order.ar_lags() < parameters + 2) return {};
  data.conditional = true;
  const NonlinearFit fit = rough_optimum(ArimaLikelihood(std::move(data)), {});
  // Moved off the edge of the admissible region, as any other model's optimum that is taken over.
  return fit.status == FitStatus::failed ? VectorXd() : carried_over(order, fit.x, order);
}

VectorXd grown_start(const ArimaLikelihood& likelihood) {
  const ArimaOrder& to = likelihood.data().order;
  const int longest = std::max({to.p, to.q, to.seasonal_p, to.seasonal_q});
  VectorXd u;
  ArimaOrder from;
  for (int lags = 1; lags <= longest; ++lags) {
    ArimaOrder order = to;
    for (int* count : {&order.p, &order.q, &order.seasonal_p, &order.seasonal_q}) {
      *count = std::min(*count, lags);
    }
    if (order == to) break;
    ArimaData data = likelihood.data();
    data.order = order;
    const ArimaLikelihood smaller(std::move(data));
    u = rough_optimum(smaller, lags == 1 ? VectorXd() : carried_over(from, u, order)).x;
    from = order;
  }
  return u.size() > 0 ? carried_over(from, u, to) : VectorXd();
}

}  // namespace amnok
