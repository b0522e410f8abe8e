#include "models/arima/arima_start.h"

#include <algorithm>
#include <cmath>

#include "engine/solver/linear_least_squares.h"

namespace amnok {

VectorXd interpolate(const VectorView& y) {
  VectorXd filled = y;
  Eigen::Index last = -1;
  for (Eigen::Index t = 0; t < filled.size(); ++t) {
    if (std::isnan(filled(t))) continue;
    for (Eigen::Index i = last + 1; i < t; ++i) {
      const double share =
          last < 0 ? 1 : static_cast<double>(i - last) / static_cast<double>(t - last);
      filled(i) = last < 0 ? filled(t) : filled(last) + share * (filled(t) - filled(last));
    }
    last = t;
  }
  for (Eigen::Index i = last + 1; i < filled.size(); ++i) filled(i) = last < 0 ? 0 : filled(last);
  return filled;
}

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

}  // namespace amnok
