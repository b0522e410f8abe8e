#include "engine/statespace/arma_products.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <cstring>

#include "engine/base/wide.h"
#include "engine/statespace/arma_dual.h"
#include "engine/statespace/arma_filter_detail.h"

namespace amnok {

namespace {

using namespace arma_detail;

// Beyond it X'X no longer gives beta, and its correction, to enough digits.
constexpr double kLargestCondition = 1e5;
constexpr int kSpare = 8;  // periods that a sample must have beyond s

std::size_t at(int i) {
  return static_cast<std::size_t>(i);
}

using V8 = Lanes<8>::type;
// Any eight doubles. By value, because a reference to V8 loses its alignment of 8 under Clang 14;
// always inlined, so that how a vector is returned (-Wpsabi) does not matter.
#pragma GCC diagnostic ignored "-Wpsabi"
inline __attribute__((always_inline)) V8 lanes8(const double* x) {
  V8 lanes;
  std::memcpy(&lanes, x, sizeof(lanes));
  return lanes;
}
inline double sum_of(const V8& v) {
  return ((v[0] + v[4]) + (v[1] + v[5])) + ((v[2] + v[6]) + (v[3] + v[7]));
}

// Series are held in columns of a multiple of eight rows, zero behind the n periods and for 16 rows
// more, so that sums need no remainder.
std::ptrdiff_t padded(int n) {
  return (n + 7) / 8 * 8 + 16;
}

// a'b of n elements, in eight partial sums: the same on every machine. Zero from n on: one of them.
inline double dot(const double* a, const double* b, int n) {
  V8 even = {}, odd = {};
  for (int t = 0; t < n; t += 16) {
    even += lanes8(a + t) * lanes8(b + t);
    if (t + 8 < n) odd += lanes8(a + t + 8) * lanes8(b + t + 8);
  }
  return sum_of(even + odd);
}

// out_i = sum_t a_t b_{t+i}, i = 0 .. 3, b zero from n on.
inline void four_dots(const double* a, const double* b, int n, double* out) {
  V8 s0 = {}, s1 = {}, s2 = {}, s3 = {};
  for (int t = 0; t < n; t += 8) {
    const V8 x = lanes8(a + t);
    s0 += x * lanes8(b + t);
    s1 += x * lanes8(b + t + 1);
    s2 += x * lanes8(b + t + 2);
    s3 += x * lanes8(b + t + 3);
  }
  out[0] = sum_of(s0);
  out[1] = sum_of(s1);
  out[2] = sum_of(s2);
  out[3] = sum_of(s3);
}

// out(i, j) = sum_t c_{t-i} columns(t, j), i < rows: H' times some columns. out: `stride` rows.
AMNOK_WIDE void lagged_products(const double* c, const double* columns, int n, int count, int rows,
                                double* out, std::ptrdiff_t stride) {
  for (int j = 0; j < count; ++j) {
    const double* column = columns + j * padded(n);
    double* to = out + j * stride;
    int i = 0;
    for (; i + 4 <= rows; i += 4) four_dots(c, column + i, n - i, to + i);
    for (; i < rows; ++i) to[i] = dot(c, column + i, n - i);
  }
}

// out(i, j) = a_i'b_j.
AMNOK_WIDE void products(const double* a, int a_count, const double* b, int b_count, int n,
                         double* out) {
  for (int j = 0; j < b_count; ++j) {
    for (int i = 0; i < a_count; ++i) {
      out[j * a_count + i] = dot(a + i * padded(n), b + j * padded(n), n);
    }
  }
}

// Square matrices of the state: columns of a multiple of eight rows, zero behind the s that are used.
enum class Shape { full, lower, upper };

// c = a b, the first `count` columns; what is zero in a triangular a or b takes no part.
AMNOK_WIDE void multiply(const double* a, Shape of_a, const double* b, Shape of_b, int s, int count,
                         double* c) {
  const int rows = (s + 7) / 8 * 8;
  for (int j = 0; j < count; ++j) {
    const int b_first = of_b == Shape::lower ? j : 0, b_end = of_b == Shape::upper ? j + 1 : s;
    for (int block = 0; block < rows; block += 8) {
      const int first = of_a == Shape::upper ? std::max(b_first, block) : b_first;
      const int end = of_a == Shape::lower ? std::min(b_end, block + 8) : b_end;
      V8 sum = {};
      for (int k = first; k < end; ++k) sum += lanes8(a + k * rows + block) * b[j * rows + k];
      *reinterpret_cast<V8*>(c + j * rows + block) = sum;
    }
  }
}

void transpose(const double* a, int s, double* b) {
  const int rows = (s + 7) / 8 * 8;
  for (int j = 0; j < s; ++j) {
    for (int i = 0; i < s; ++i) b[i * rows + j] = a[j * rows + i];
  }
}

// to_i -= sum_{k < count} shares_k columns_ki, the blocks from `begin` to `end` of eight rows, k in
// order. shares: `stride` apart.
inline void subtract_columns(double* to, const double* columns, const double* shares,
                             std::ptrdiff_t stride, int count, int rows, int begin, int end) {
  for (int block = begin; block < end; block += 8) {
    V8 sum = lanes8(to + block);
    for (int k = 0; k < count; ++k) sum -= lanes8(columns + k * rows + block) * shares[k * stride];
    *reinterpret_cast<V8*>(to + block) = sum;
  }
}

// The lower Cholesky factor of a, in place, and its inverse transposed (upper); false: there is none.
// Blocks of rows that are zero in either take no part.
AMNOK_WIDE bool factor(double* a, int s, double* inverse_transposed) {
  const int rows = (s + 7) / 8 * 8;
  for (int j = 0; j < s; ++j) {
    double* column = a + j * rows;
    subtract_columns(column, a, a + j, rows, j, rows, j / 8 * 8, rows);
    if (!(column[j] > 0) || !std::isfinite(column[j])) return false;
    const double inverse = 1 / std::sqrt(column[j]);
    for (int i = 0; i < j; ++i) column[i] = 0;
    for (int i = j; i < rows; ++i) column[i] *= inverse;
  }
  // Row i of L^-1: (unit_i - sum_{k < i} L_ik row_k) / L_ii.
  for (int i = 0; i < s; ++i) {
    double* row = inverse_transposed + i * rows;
    const int end = (i / 8 + 1) * 8;
    for (int t = 0; t < rows; ++t) row[t] = t == i ? 1.0 : 0.0;
    subtract_columns(row, inverse_transposed, a + i, rows, i, rows, 0, end);
    const double inverse = 1 / a[i * rows + i];
    for (int t = 0; t < end; ++t) row[t] *= inverse;
  }
  return true;
}

// x += c y, shifted to later periods by `lag`.
inline void add_lagged(double* __restrict x, double c, const double* __restrict y, int lag, int n) {
  for (int t = lag; t < n; ++t) x[t] += c * y[t - lag];
}
AMNOK_WIDE void add_lag(double* x, double c, const double* y, int lag, int n) {
  add_lagged(x, c, y, lag, n);
}

// columns <- phi(B) columns.
AMNOK_WIDE void difference_by(const ArmaCoefficients& arma, const std::vector<int>& lags,
                              const double* columns, int n, int count, double* out) {
  for (int j = 0; j < count; ++j) {
    const double* from = columns + j * padded(n);
    double* to = out + j * padded(n);
    std::copy(from, from + n, to);
    for (int lag : lags) add_lagged(to, -arma.ar[at(lag - 1)], from, lag, n);
  }
}

// x_t += sum_i weights_i c_{t-i}, i < count; behind `count` periods eight at a time.
AMNOK_WIDE void add_convolution(double* x, const double* weights, int count, const double* c,
                                int n) {
  int t = 0;
  for (; t < n && t < count; ++t) {
    for (int i = 0; i <= t; ++i) x[t] += weights[i] * c[t - i];
  }
  for (; t + 8 <= n; t += 8) {
    V8 sum = lanes8(x + t);
    for (int i = 0; i < count; ++i) sum += lanes8(c + t - i) * weights[i];
    *reinterpret_cast<V8*>(x + t) = sum;
  }
  for (; t < n; ++t) {
    for (int i = 0; i < count; ++i) x[t] += weights[i] * c[t - i];
  }
}

// Up to W series divided by theta(B) side by side. rows: n + q rows of W lanes, the first q zero.
// lags: the longest first, so that what follows a result closest is subtracted last.
template <int W>
inline void divide_lanes(const std::vector<double>& theta, const std::vector<int>& lags,
                         const double* const* from, double* const* to, int count, int n,
                         double* rows) {
  using V = typename Lanes<W>::type;
  V* e = reinterpret_cast<V*>(rows) + theta.size();
  for (int j = 0; j < W; ++j) {
    const double* source = from[std::min(j, count - 1)];
    for (int t = 0; t < n; ++t) reinterpret_cast<double*>(e + t)[j] = source[t];
  }
  const bool has_first = !lags.empty() && lags.back() == 1;
  const double first = has_first ? theta[0] : 0.0;
  const std::size_t others = lags.size() - (has_first ? 1 : 0);
  V last = {};
  for (int t = 0; t < n; ++t) {
    V row = e[t];
    for (std::size_t i = 0; i < others; ++i) row -= e[t - lags[i]] * theta[at(lags[i] - 1)];
    row -= last * first;
    last = row;
    e[t] = row;
  }
  for (int j = 0; j < count; ++j) {
    for (int t = 0; t < n; ++t) to[j][t] = reinterpret_cast<const double*>(e + t)[j];
  }
}
AMNOK_WIDE void divide_two(const std::vector<double>& theta, const std::vector<int>& lags,
                           const double* const* from, double* const* to, int count, int n,
                           double* rows) {
  divide_lanes<2>(theta, lags, from, to, count, n, rows);
}
AMNOK_WIDE void divide_four(const std::vector<double>& theta, const std::vector<int>& lags,
                            const double* const* from, double* const* to, int count, int n,
                            double* rows) {
  divide_lanes<4>(theta, lags, from, to, count, n, rows);
}
AMNOK_WIDE void divide_eight(const std::vector<double>& theta, const std::vector<int>& lags,
                             const double* const* from, double* const* to, int count, int n,
                             double* rows) {
  divide_lanes<8>(theta, lags, from, to, count, n, rows);
}

// Q with derivatives, and its products with two matrices of weights:
//
//   Q_ij = phi_{i+1} phi_{j+1} P_00 + phi_{i+1} P_{0,j+1} + phi_{j+1} P_{i+1,0} + P_{i+1,j+1}
//   P_ij = Q_ij + R_i R_j,   P_0j = gamma_j - sum_{i <= j} phi_i gamma_{j-i},   R = (1, theta)
template <int W>
struct PresampleCovariance {
  int s = 0;
  std::vector<Dual<W>> ar, noise, first;  // phi_{i+1}, R_i and P_0i, i = 0 .. s; zero beyond

  inline bool start(const ArmaCoefficients& arma, int length, int from, int count) {
    s = length;
    const auto phi = with_derivatives<W>(arma.ar, arma.ar_derivative, from, count);
    const auto theta = with_derivatives<W>(arma.ma, arma.ma_derivative, from, count);
    ar.assign(at(s + 1), Dual<W>());
    noise = first = ar;
    std::copy(phi.begin(), phi.end(), ar.begin());
    noise[0] = Dual<W>(1.0);
    std::copy(theta.begin(), theta.end(), noise.begin() + 1);
    if (phi.empty()) return true;  // P_0i is not used
    std::vector<Dual<W>> gamma;
    if (!arma_autocovariances(phi, theta, s, gamma)) return false;
    first = gamma;
    for (int j = 1; j <= static_cast<int>(phi.size()); ++j) {
      if (is_zero(ar[at(j - 1)])) continue;
      for (int i = j; i <= s; ++i) first[at(i)] = first[at(i)] - ar[at(j - 1)] * gamma[at(i - j)];
    }
    return true;
  }

  // visit(i, j, Q_ij), i <= j, a diagonal after the other from its end upwards.
  template <class Visit>
  inline void each(const Visit& visit) const {
    std::vector<char> used(at(s + 1));
    for (int i = 0; i < s; ++i) used[at(i)] = !is_zero(ar[at(i)]);
    for (int d = 0; d < s; ++d) {
      Dual<W> below = noise[at(s - d)] * noise[at(s)];
      for (int i = s - 1 - d; i >= 0; --i) {
        const int j = i + d;
        Dual<W> q = below;
        if (used[at(i)] && used[at(j)]) q = q + ar[at(i)] * ar[at(j)] * first[0];
        if (used[at(i)]) q = q + ar[at(i)] * first[at(j + 1)];
        if (used[at(j)]) q = q + ar[at(j)] * first[at(i + 1)];
        visit(i, j, q);
        below = q + noise[at(i)] * noise[at(j)];
      }
    }
  }
};

// Q, and its elements with `count` derivatives from parameter `first` on, W lanes each.
template <int W>
inline bool presample_covariance(const ArmaCoefficients& arma, int s, int first, int count,
                                 double* q, std::vector<double>& lanes) {
  PresampleCovariance<W> covariance;
  if (!covariance.start(arma, s, first, count)) return false;
  lanes.resize(at(s * (s + 1) / 2 * W));
  const int rows = (s + 7) / 8 * 8;
  double* next = lanes.data();
  covariance.each([&](int i, int j, const Dual<W>& value) {
    std::memcpy(next, &value.lanes, sizeof(value.lanes));
    next += W;
    q[j * rows + i] = q[i * rows + j] = value.value();
  });
  return true;
}
AMNOK_WIDE bool covariance_of_few(const ArmaCoefficients& arma, int s, int first, int count,
                                  double* q, std::vector<double>& lanes) {
  return presample_covariance<4>(arma, s, first, count, q, lanes);
}
AMNOK_WIDE bool covariance_of_many(const ArmaCoefficients& arma, int s, int first, int count,
                                   double* q, std::vector<double>& lanes) {
  return presample_covariance<kMostLanes>(arma, s, first, count, q, lanes);
}

// tr(K dQ) - weight lambda' dQ lambda, by lane.
template <int W>
inline void contract(const std::vector<double>& lanes, int s, const double* lambda, const double* k,
                     double* quadratic, double* trace) {
  using V = typename Lanes<W>::type;
  const int rows = (s + 7) / 8 * 8;
  const V* next = reinterpret_cast<const V*>(lanes.data());
  V squares = {}, traces = {};
  for (int d = 0; d < s; ++d) {
    const double twice = d == 0 ? 1.0 : 2.0;
    for (int i = s - 1 - d; i >= 0; --i, ++next) {
      squares += *next * (twice * lambda[i] * lambda[i + d]);
      traces += *next * (twice * k[(i + d) * rows + i]);
    }
  }
  for (int j = 0; j < W; ++j) {
    quadratic[j] = squares[j];
    trace[j] = traces[j];
  }
}
AMNOK_WIDE void contract_few(const std::vector<double>& lanes, int s, const double* lambda,
                             const double* k, double* quadratic, double* trace) {
  contract<4>(lanes, s, lambda, k, quadratic, trace);
}
AMNOK_WIDE void contract_many(const std::vector<double>& lanes, int s, const double* lambda,
                              const double* k, double* quadratic, double* trace) {
  contract<kMostLanes>(lanes, s, lambda, k, quadratic, trace);
}

// Everything that one evaluation needs, step by step.
class Evaluation {
 public:
  Evaluation(const ArmaCoefficients& arma, const MatrixView& data)
      : arma_(arma),
        n_(static_cast<int>(data.rows())),
        m_(static_cast<int>(data.cols()) - 1),
        s_(static_cast<int>(std::max(arma.ar.size(), arma.ma.size()))),
        rows_of_state_((s_ + 7) / 8 * 8),
        stride_(padded(n_)),
        ar_lags_(used_lags(arma.ar, arma.ar_derivative)),
        ma_lags_(used_lags(arma.ma, arma.ma_derivative)) {
    std::reverse(ma_lags_.begin(), ma_lags_.end());
    lane_rows_.resize(8 * (n_ + static_cast<int>(arma.ma.size())));
    divide_data(data);
  }

  bool run(const VectorXd* beta, ArmaProducts& out) {
    if (!presample() || !regress(beta, out)) return false;
    remove_presample(out);
    if (arma_.parameters() > 0) differentiate(beta == nullptr, out);
    return std::isfinite(out.rss) && std::isfinite(out.log_determinant);
  }

 private:
  // Lags whose coefficient or a derivative of it is not zero.
  static std::vector<int> used_lags(const std::vector<double>& c, const MatrixXd& derivative) {
    std::vector<int> lags;
    for (std::size_t i = 0; i < c.size(); ++i) {
      const auto row = static_cast<Eigen::Index>(i);
      if (c[i] != 0 || (derivative.cols() > 0 && (derivative.row(row).array() != 0).any()))
        lags.push_back(static_cast<int>(i) + 1);
    }
    return lags;
  }

  // Room for `columns` series, zero behind their periods.
  MatrixXd series(int columns) const {
    MatrixXd result(stride_, columns);
    for (int j = 0; j < columns; ++j) {
      std::fill(result.col(j).data() + n_, result.col(j).data() + stride_, 0.0);
    }
    return result;
  }
  MatrixXd of_state(int columns) const { return MatrixXd::Zero(rows_of_state_, columns); }

  // An impulse and the data, divided by theta(B).
  void divide_data(const MatrixView& data) {
    divided_ = series(2 + m_);
    const VectorXd impulse = VectorXd::Unit(n_, 0);
    std::vector<const double*> from = {impulse.data()};
    std::vector<double*> to = {divided_.data()};
    for (int j = 0; j <= m_; ++j) {
      from.push_back(data.col(j).data());
      to.push_back(divided_.col(j + 1).data());
    }
    divide_all(from, to);
  }

  void divide_all(const std::vector<const double*>& from, const std::vector<double*>& to) {
    const std::size_t count = to.size();
    for (std::size_t j = 0; j < count; j += 8) {
      const int part = static_cast<int>(std::min<std::size_t>(8, count - j));
      const auto divide = part <= 2 ? divide_two : part <= 4 ? divide_four : divide_eight;
      lane_rows_.head(8 * std::ssize(arma_.ma)).setZero();
      divide(arma_.ma, ma_lags_, &from[j], &to[j], part, n_, lane_rows_.data());
    }
  }

  const double* weights() const { return divided_.data(); }  // of 1 / theta(B)

  // Q, G and the factors L L' = G, R R' = I + L'Q L, with their inverses.
  bool presample() {
    covariance_ = of_state(s_);
    const int count = arma_.parameters();
    const bool defined = count < 4
                             ? covariance_of_few(arma_, s_, 0, count, covariance_.data(), lanes_)
                             : covariance_of_many(arma_, s_, 0, std::min(count, kMostLanes - 1),
                                                  covariance_.data(), lanes_);
    if (!defined) return false;
    lower_ = of_state(s_);
    lagged_products(weights(), weights(), n_, 1, s_, lower_.data(), rows_of_state_);
    for (int j = 0; j < s_; ++j) {
      for (int i = j; i < s_; ++i) {
        if (j > 0) {
          lower_(i, j) = lower_(i - 1, j - 1) - divided_(n_ - i, 0) * divided_(n_ - j, 0);
        }
        lower_(j, i) = lower_(i, j);
      }
    }
    upper_inverse_ = of_state(s_);
    if (!factor(lower_.data(), s_, upper_inverse_.data())) return false;
    upper_ = of_state(s_);
    transpose(lower_.data(), s_, upper_.data());
    lower_inverse_ = of_state(s_);
    transpose(upper_inverse_.data(), s_, lower_inverse_.data());
    inner_ = upper_product(upper_, product(covariance_, Shape::full, lower_, Shape::lower));
    for (int i = 0; i < s_; ++i) inner_(i, i) += 1;
    inner_upper_inverse_ = of_state(s_);
    if (!factor(inner_.data(), s_, inner_upper_inverse_.data())) return false;
    inner_lower_inverse_ = of_state(s_);
    transpose(inner_upper_inverse_.data(), s_, inner_lower_inverse_.data());
    return true;
  }

  MatrixXd product(const MatrixXd& a, Shape of_a, const MatrixXd& b, Shape of_b) const {
    MatrixXd c(rows_of_state_, b.cols());  // every element is written
    multiply(a.data(), of_a, b.data(), of_b, s_, static_cast<int>(b.cols()), c.data());
    return c;
  }
  MatrixXd product(const MatrixXd& a, const MatrixXd& b) const {
    return product(a, Shape::full, b, Shape::full);
  }
  MatrixXd lower_product(const MatrixXd& a, const MatrixXd& b) const {
    return product(a, Shape::lower, b, Shape::full);
  }
  MatrixXd upper_product(const MatrixXd& a, const MatrixXd& b) const {
    return product(a, Shape::upper, b, Shape::full);
  }

  // (I + G Q)^-1 b = L (I + L'Q L)^-1 L^-1 b
  MatrixXd presample_scores(const MatrixXd& b) const {
    const MatrixXd half = lower_product(inner_lower_inverse_, lower_product(lower_inverse_, b));
    return lower_product(lower_, upper_product(inner_upper_inverse_, half));
  }

  // a0 of y - X beta, H'a0 and beta.
  bool regress(const VectorXd* beta, ArmaProducts& out) {
    started_ = series(1 + m_);
    difference_by(arma_, ar_lags_, divided_.col(1).data(), n_, 1 + m_, started_.data());
    const MatrixXd scores = start_scores(started_);
    errors_ = started_.col(0);
    error_scores_ = scores.leftCols(1);
    if (m_ == 0) return true;
    taken_ = product(covariance_, presample_scores(scores.rightCols(m_)));  // (Q^-1 + G)^-1 H'X0
    MatrixXd xx(m_, m_);
    products(started_.col(1).data(), m_, started_.col(1).data(), m_, n_, xx.data());
    xx -= scores.rightCols(m_).transpose() * taken_;
    out.regression_products = 0.5 * (xx + xx.transpose());
    out.beta = VectorXd::Zero(m_);
    if (beta != nullptr) {
      move_beta(*beta, out);
      out.regression_score = regression_score();
      return true;
    }
    const VectorXd shrink = out.regression_products.diagonal().cwiseSqrt().cwiseInverse();
    if (!shrink.allFinite()) return false;
    const Eigen::LDLT<MatrixXd> ldlt(shrink.asDiagonal() * out.regression_products *
                                     shrink.asDiagonal());
    const double smallest = ldlt.vectorD().minCoeff(), largest = ldlt.vectorD().maxCoeff();
    if (!(smallest * kLargestCondition * kLargestCondition >= largest)) return false;
    for (int pass = 0; pass < 2; ++pass) {  // the second gives back the digits that X'X cost
      const VectorXd score = regression_score();
      move_beta(shrink.cwiseProduct(ldlt.solve(shrink.cwiseProduct(score))), out);
    }
    out.regression_score = VectorXd::Zero(m_);
    return out.beta.allFinite();
  }

  // H' times series.
  MatrixXd start_scores(const MatrixXd& of) const {
    MatrixXd scores = of_state(static_cast<int>(of.cols()));
    lagged_products(weights(), of.data(), n_, static_cast<int>(of.cols()), s_, scores.data(),
                    rows_of_state_);
    return scores;
  }

  // X' Sigma^-1 z at the present beta.
  VectorXd regression_score() const {
    VectorXd score(m_);
    products(started_.col(1).data(), m_, errors_.data(), 1, n_, score.data());
    return score - taken_.transpose() * error_scores_;
  }

  void move_beta(const VectorXd& change, ArmaProducts& out) {
    out.beta += change;
    for (int j = 0; j < m_; ++j) {
      add_lag(errors_.data(), -change(j), started_.col(j + 1).data(), 0, n_);
    }
    error_scores_ = start_scores(errors_);
  }

  // From a0 to a.
  void remove_presample(ArmaProducts& out) {
    lambda_ = presample_scores(error_scores_);
    const MatrixXd best = product(covariance_, lambda_);
    const VectorXd removed = -best;
    add_convolution(errors_.data(), removed.data(), s_, weights(), n_);
    products(errors_.data(), 1, errors_.data(), 1, n_, &out.rss);
    out.rss += lambda_.col(0).dot(best.col(0));
    LogProduct determinant;
    for (int i = 0; i < s_; ++i) determinant.multiply(inner_(i, i));
    out.log_determinant = 2 * determinant.value();
  }

  void differentiate(bool with_gram, ArmaProducts& out) {
    const int k = arma_.parameters();
    twice_ = series(2);  // a and the weights, divided by theta(B) once more
    divide_all({errors_.data(), weights()}, {twice_.col(0).data(), twice_.col(1).data()});
    VectorXd z = divided_.col(1);
    for (int j = 0; j < m_; ++j) {
      add_lag(z.data(), -out.beta(j), divided_.col(j + 2).data(), 0, n_);
    }
    jacobian_ = series(k);
    jacobian_.topRows(n_).setZero();
    error_derivatives(z);
    out.error_products.resize(k);
    products(jacobian_.data(), k, errors_.data(), 1, n_, out.error_products.data());
    // (Q^-1 + G)^-1 = L^-T (I - (I + L'Q L)^-1) L^-1 and G (I + Q G)^-1 = L (I + L'Q L)^-1 L'
    MatrixXd rest = product(inner_upper_inverse_, Shape::upper, inner_lower_inverse_, Shape::lower);
    const MatrixXd kept = lower_product(lower_, product(rest, Shape::full, upper_, Shape::upper));
    rest = -rest;
    for (int i = 0; i < s_; ++i) rest(i, i) += 1;
    const MatrixXd shrunk =
        upper_product(upper_inverse_, product(rest, Shape::full, lower_inverse_, Shape::lower));
    if (with_gram) find_gram(shrunk, out);
    out.half_gradient = out.error_products;
    out.log_determinant_derivative = gram_trace(shrunk);
    add_covariance_terms(kept, out);
  }

  void add_covariance_terms(const MatrixXd& kept, ArmaProducts& out) {
    const int k = arma_.parameters();
    double quadratic[kMostLanes], trace[kMostLanes];
    for (int first = 0; first < k; first += kMostLanes - 1) {
      const int count = std::min(kMostLanes - 1, k - first);
      if (first > 0) covariance_of_many(arma_, s_, first, count, covariance_.data(), lanes_);
      (k < 4 ? contract_few : contract_many)(lanes_, s_, lambda_.data(), kept.data(), quadratic,
                                             trace);
      for (int j = 0; j < count; ++j) {
        out.half_gradient(first + j) -= 0.5 * quadratic[j + 1];
        out.log_determinant_derivative(first + j) += trace[j + 1];
      }
    }
  }

  // da, a column a parameter.
  void error_derivatives(const VectorXd& z) {
    const auto add = [&](const std::vector<int>& lags, const MatrixXd& derivative,
                         const double* series) {
      for (int lag : lags) {
        for (int j = 0; j < arma_.parameters(); ++j) {
          const double c = derivative(lag - 1, j);
          if (c != 0) add_lag(jacobian_.col(j).data(), -c, series, lag, n_);
        }
      }
    };
    add(ma_lags_, arma_.ma_derivative, twice_.data());
    add(ar_lags_, arma_.ar_derivative, z.data());
  }

  // J'J - J'N (N'N + Q^-1)^-1 N'J, N the derivatives in x and beta.
  void find_gram(const MatrixXd& shrunk, ArmaProducts& out) const {
    const int k = arma_.parameters();
    out.gram.resize(k, k);
    products(jacobian_.data(), k, jacobian_.data(), k, n_, out.gram.data());
    const MatrixXd along = start_scores(jacobian_);
    out.gram -= along.transpose().lazyProduct(product(shrunk, along));
    if (m_ == 0) return;
    MatrixXd cross(m_, k);
    products(started_.col(1).data(), m_, jacobian_.data(), k, n_, cross.data());
    cross -= taken_.transpose().lazyProduct(along);
    const MatrixXd share = out.regression_products.ldlt().solve(cross);
    out.gram -= cross.transpose().lazyProduct(share);
  }

  // tr(C dG) = 2 sum_t dc_t u_t,   u_t = sum_ij C_ij c_{t+j-i},   dc = -sum_j dtheta_j B^j c / theta
  VectorXd gram_trace(const MatrixXd& c) const {
    if (ma_lags_.empty()) return VectorXd::Zero(arma_.parameters());
    // For t that no column leaves behind the end of the sample, one sum over j - i from s - 1 down.
    VectorXd diagonals = VectorXd::Zero(2 * s_ - 1);
    for (int j = 0; j < s_; ++j) {
      for (int i = 0; i < s_; ++i) diagonals(s_ - 1 - j + i) += c(i, j);
    }
    VectorXd shifted = VectorXd::Zero(stride_ + s_);  // u_t in row t + s - 1
    add_convolution(shifted.data(), diagonals.data(), 2 * s_ - 1, weights(), n_);
    double* u = shifted.data() + s_ - 1;
    // Behind them column j counts up to period n - 1 - j: u_t = sum_j y_j(t+j), y_j(t) = sum_i
    // C_ij c_{t-i}, and C is symmetric.
    MatrixXd late = of_state(s_ - 1);  // c_{t-i}, a column t
    const int first = n_ - s_ + 1;
    for (int k = 0; k < s_ - 1; ++k) {
      for (int i = 0; i < s_ && i <= first + k; ++i) late(i, k) = divided_(first + k - i, 0);
    }
    late = product(c, late);
    for (int k = 0; k < s_ - 1; ++k) {
      double& sum = u[first + k];
      sum = 0;
      for (int j = 0; j + k < s_ - 1; ++j) sum += late(j, k + j);
    }
    VectorXd result = VectorXd::Zero(arma_.parameters());
    for (int lag : ma_lags_) {
      double sum = 0;
      products(u + lag, 1, twice_.col(1).data(), 1, n_ - lag, &sum);
      result -= 2 * sum * arma_.ma_derivative.row(lag - 1).transpose();
    }
    return result;
  }

  const ArmaCoefficients& arma_;
  int n_, m_, s_, rows_of_state_;
  std::ptrdiff_t stride_;
  std::vector<int> ar_lags_, ma_lags_;
  VectorXd lane_rows_;
  MatrixXd divided_, started_, taken_, twice_, jacobian_;
  MatrixXd covariance_, lower_, upper_, lower_inverse_, upper_inverse_;
  MatrixXd inner_, inner_lower_inverse_, inner_upper_inverse_;  // of I + L'Q L
  std::vector<double> lanes_;                                   // Q with derivatives
  MatrixXd errors_, error_scores_, lambda_;
};

ArmaProducts evaluated(const ArmaCoefficients& arma, const MatrixView& data, const VectorXd* beta) {
  ArmaProducts out;
  const auto s = static_cast<Eigen::Index>(std::max(arma.ar.size(), arma.ma.size()));
  if (data.rows() < s + kSpare) return out;
  out.ok = Evaluation(arma, data).run(beta, out);
  return out;
}

}  // namespace

ArmaProducts arma_products(const ArmaCoefficients& arma, const MatrixView& data) {
  return evaluated(arma, data, nullptr);
}

ArmaProducts arma_products(const ArmaCoefficients& arma, const MatrixView& data,
                           const VectorXd& beta) {
  return evaluated(arma, data, &beta);
}

}  // namespace amnok
