#include "engine/stats/hac.h"

#include <Eigen/LU>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <unsupported/Eigen/FFT>
#include <vector>

#include "engine/base/check.h"
#include "engine/base/cross_product.h"

namespace amnok {

namespace {

// From so many lags on, transforms are faster than sums.
constexpr std::size_t kLagsForTransform = 400;

// The least number at or above n without prime factors above 5.
int transform_length(int n) {
  for (int length = n;; ++length) {
    int rest = length;
    for (const int prime : {2, 3, 5}) {
      while (rest % prime == 0) rest /= prime;
    }
    if (rest == 1) return length;
  }
}

// The same sum at frequencies: S = 1/N sum_f W(f) Re s(f) s(f)^*, W the transform of w_|j|, N at
// least n plus the lags so that nothing wraps around. O(k n log n + k^2 n).
MatrixXd weighted_sum_by_transform(const MatrixView& scores, const std::vector<double>& weights) {
  const auto n = static_cast<int>(scores.rows());
  const auto lags = std::min(weights.size(), static_cast<std::size_t>(n));
  const auto length = static_cast<std::size_t>(transform_length(n + static_cast<int>(lags)));
  Eigen::FFT<double> fft;
  std::vector<double> padded(length, 0.0);
  std::vector<std::complex<double>> spectrum;
  padded[0] = weights[0];
  for (std::size_t j = 1; j < lags; ++j) padded[j] = padded[length - j] = weights[j];
  fft.fwd(spectrum, padded);
  const auto frequencies = static_cast<Eigen::Index>(length);
  VectorXd window(frequencies);
  for (std::size_t f = 0; f < length; ++f) {
    window(static_cast<Eigen::Index>(f)) = spectrum[f].real() / static_cast<double>(length);
  }
  MatrixXd real(frequencies, scores.cols()), imaginary(frequencies, scores.cols());
  for (Eigen::Index c = 0; c < scores.cols(); ++c) {
    std::fill(padded.begin(), padded.end(), 0.0);
    std::copy(scores.col(c).begin(), scores.col(c).end(), padded.begin());
    fft.fwd(spectrum, padded);
    const Eigen::Map<const Eigen::VectorXcd> column(spectrum.data(), frequencies);
    real.col(c) = column.real();
    imaginary.col(c) = column.imag();
  }
  const MatrixXd sum = real.transpose() * window.asDiagonal() * real +
                       imaginary.transpose() * window.asDiagonal() * imaginary;
  return 0.5 * (sum + sum.transpose());
}

// G(0) + sum w_j (G(j) + G(j)'), weights[j] = w_j, w_0 = 1.
MatrixXd weighted_sum(const MatrixView& scores, const std::vector<double>& weights) {
  const Eigen::Index n = scores.rows();
  if (weights.size() > kLagsForTransform) return weighted_sum_by_transform(scores, weights);
  // sum_j w_j s_{t-j}, then one product: S = sum_t s_t (s_t / 2 + ...)' + transpose.
  MatrixXd filtered = 0.5 * scores;
  for (std::size_t j = 1; j < weights.size(); ++j) {
    const auto lag = static_cast<Eigen::Index>(j);
    if (lag >= n) break;
    filtered.bottomRows(n - lag) += weights[j] * scores.topRows(n - lag);
  }
  const MatrixXd half = scores.transpose() * filtered;
  return half + half.transpose();
}

// Scores of one column: as they are, or x_t e_t made on the way.
struct ColumnScores {
  const double* s;
  double operator[](Eigen::Index t) const { return s[t]; }
};
struct ProductScores {
  const double* x;
  const double* e;
  double operator[](Eigen::Index t) const { return x[t] * e[t]; }
};

void check_lags(int lags, Eigen::Index n) {
  AMNOK_CHECK(n > 0 && lags >= 0 && lags < n, "lags {}, n {}", lags, n);
}

// Bartlett's weights are the autocorrelation of a box of L + 1 ones, so that the long-run sum is
// B'B / (L + 1) with B the n + L moving sums of L + 1 scores. Every block of sums starts afresh:
// rounding does not build up.
template <class ScoresOf>
MatrixXd box_covariance(Eigen::Index n, Eigen::Index k, int lags, const ScoresOf& scores_of) {
  const Eigen::Index width = lags + 1;
  const MatrixXd sum = cross_product(n + lags, k, [&](Eigen::Index first, auto block) {
    const Eigen::Index rows = block.rows(), last = std::min(first, n - 1);
    const Eigen::Index entering = std::clamp<Eigen::Index>(n - first, 1, rows);
    const Eigen::Index leaving = std::clamp<Eigen::Index>(width - first, 1, rows);
    for (Eigen::Index c = 0; c < k; ++c) {
      const auto s = scores_of(c);
      double* b = block.data() + c * block.outerStride();
      for (Eigen::Index i = 1; i < entering; ++i) b[i] = s[first + i];
      for (Eigen::Index i = entering; i < rows; ++i) b[i] = 0;
      for (Eigen::Index i = leaving; i < rows; ++i) b[i] -= s[first + i - width];
      double running = 0;
      for (Eigen::Index t = std::max<Eigen::Index>(first - lags, 0); t <= last; ++t) {
        running += s[t];
      }
      b[0] = running;
      for (Eigen::Index i = 1; i < rows; ++i) b[i] = running += b[i];
    }
  });
  return sum / static_cast<double>(width);
}

double kernel_weight(Kernel kernel, double x) {
  if (x == 0) return 1;
  if (kernel == Kernel::bartlett) return std::max(0.0, 1 - x);
  const double y = 6 * std::numbers::pi * x / 5;
  return 3 / (y * y) * (std::sin(y) / y - std::cos(y));
}

// k(0), k(1 / bandwidth), .. up to the last that counts, of n observations.
std::vector<double> kernel_weights(Eigen::Index n, Kernel kernel, double bandwidth) {
  std::vector<double> weights = {1.0};
  for (Eigen::Index j = 1; j < n && bandwidth > 0; ++j) {
    weights.push_back(kernel_weight(kernel, static_cast<double>(j) / bandwidth));
  }
  while (std::fabs(weights.back()) <= 1e-7) weights.pop_back();
  return weights;
}

}  // namespace

MatrixXd newey_west(const MatrixView& scores, int lags) {
  check_lags(lags, scores.rows());
  return box_covariance(scores.rows(), scores.cols(), lags,
                        [&](Eigen::Index c) { return ColumnScores{scores.col(c).data()}; });
}

MatrixXd newey_west(const MatrixView& x, const VectorView& residuals, int lags) {
  check_lags(lags, x.rows());
  return box_covariance(x.rows(), x.cols(), lags, [&](Eigen::Index c) {
    return ProductScores{x.col(c).data(), residuals.data()};
  });
}

MatrixXd kernel_covariance(const MatrixView& scores, Kernel kernel, double bandwidth) {
  return weighted_sum(scores, kernel_weights(scores.rows(), kernel, bandwidth));
}

MatrixXd one_sided_covariance(const MatrixView& scores, Kernel kernel, double bandwidth) {
  const Eigen::Index n = scores.rows();
  const std::vector<double> weights = kernel_weights(n, kernel, bandwidth);
  MatrixXd past = scores;  // s_t + sum_j w_j s_{t-j}
  for (std::size_t j = 1; j < weights.size(); ++j) {
    const auto lag = static_cast<Eigen::Index>(j);
    past.bottomRows(n - lag) += weights[j] * scores.topRows(n - lag);
  }
  return scores.transpose() * past;
}

Prewhitened prewhiten(const MatrixView& scores) {
  const Eigen::Index n = scores.rows(), k = scores.cols();
  AMNOK_CHECK(n > k + 1, "n {}, k {}", n, k);
  const MatrixXd before = scores.topRows(n - 1), now = scores.bottomRows(n - 1);
  const MatrixXd a = before.colPivHouseholderQr().solve(now);  // k x k: now = before * a
  Prewhitened result;
  result.residuals = now - before * a;
  result.recolour = (MatrixXd::Identity(k, k) - a.transpose()).inverse();
  return result;
}

double newey_west_bandwidth(const MatrixView& scores, const VectorView& weights, bool prewhitened) {
  const auto n = static_cast<double>(scores.rows() + (prewhitened ? 1 : 0));
  const int m = static_cast<int>(std::floor((prewhitened ? 3 : 4) * std::pow(n / 100, 2.0 / 9)));
  const VectorXd h = scores * weights;
  const Eigen::Index rows = h.size();
  double s0 = h.squaredNorm() / static_cast<double>(rows), s1 = 0;
  for (int j = 1; j <= m && j < rows; ++j) {
    const double sigma = h.head(rows - j).dot(h.tail(rows - j)) / static_cast<double>(rows);
    s0 += 2 * sigma;
    s1 += 2 * j * sigma;
  }
  return 1.1447 * std::cbrt(s1 / s0 * (s1 / s0) * n);
}

double andrews_bandwidth(const MatrixView& scores, const VectorView& weights, Kernel kernel) {
  const Eigen::Index n = scores.rows();
  double numerator = 0, denominator = 0;
  for (Eigen::Index c = 0; c < scores.cols(); ++c) {
    if (weights(c) == 0) continue;
    const VectorXd before = scores.col(c).head(n - 1), now = scores.col(c).tail(n - 1);
    const VectorXd x = before.array() - before.mean(), y = now.array() - now.mean();
    const double rho = x.dot(y) / x.squaredNorm();
    const double s4 = std::pow((y - rho * x).squaredNorm() / static_cast<double>(n - 1), 2);
    denominator += weights(c) * s4 / std::pow(1 - rho, 4);
    numerator += weights(c) * 4 * rho * rho * s4 /
                 (kernel == Kernel::bartlett ? std::pow(1 - rho, 6) * std::pow(1 + rho, 2)
                                             : std::pow(1 - rho, 8));
  }
  const double alpha = static_cast<double>(n) * numerator / denominator;
  return kernel == Kernel::bartlett ? 1.1447 * std::cbrt(alpha) : 1.3221 * std::pow(alpha, 0.2);
}

}  // namespace amnok
