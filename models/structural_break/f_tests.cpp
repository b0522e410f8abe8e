#include "models/structural_break/f_tests.h"

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <vector>

#include "engine/base/check.h"
#include "engine/solver/covariance.h"
#include "engine/solver/growing_regression.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

// One side of a split: its coefficients and their covariance under robust errors.
struct Side {
  VectorXd coefficients;
  MatrixXd covariance;
};

Side describe_side(const GrowingRegression& regression, const MatrixView& x, const VectorView& y,
                   const FPathOptions& options) {
  const Eigen::Index k = x.cols();
  const auto r = regression.triangle().leftCols(k).triangularView<Eigen::Upper>();
  Side side;
  side.coefficients = r.solve(regression.triangle().col(k));
  const MatrixXd root = r.solve(MatrixXd::Identity(k, k));
  const MatrixXd inverse = root * root.transpose();  // (X'X)^-1
  const MatrixXd omega = score_covariance(regression_scores(x, y - x * side.coefficients),
                                          options.errors, options.prewhiten);
  side.covariance = static_cast<double>(x.rows()) * inverse * omega * inverse;
  return side;
}

// Wald statistics of all candidates; the triangles of both sides come from one pass each.
VectorXd wald_path(const MatrixView& x, const VectorView& y, const FPathOptions& options) {
  const int n = static_cast<int>(y.size());
  const VectorXd scale = column_scale(x);
  GrowingRegression forward(scale), backward(scale);
  std::vector<Side> before;
  for (int i = 1; i <= options.last; ++i) {
    forward.add(x, y, i - 1);
    if (i < options.first) continue;
    before.push_back(describe_side(forward, x.topRows(i), y.head(i), options));
  }
  VectorXd f(options.last - options.first + 1);
  for (int i = n - 1; i >= options.first; --i) {
    backward.add(x, y, i);
    if (i > options.last) continue;
    const Side after = describe_side(backward, x.bottomRows(n - i), y.tail(n - i), options);
    const Side& other = before[static_cast<std::size_t>(i - options.first)];
    const VectorXd d = after.coefficients - other.coefficients;
    f(i - options.first) = d.dot((after.covariance + other.covariance).ldlt().solve(d));
  }
  return f;
}

double whole_rss(const MatrixView& x, const VectorView& y) {
  GrowingRegression whole(column_scale(x));
  for (Eigen::Index t = 0; t < y.size(); ++t) whole.add(x, y, t);
  return whole.rss();
}

}  // namespace

VectorXd split_rss(const MatrixView& x, const VectorView& y, int first, int last) {
  const int n = static_cast<int>(y.size());
  AMNOK_CHECK(1 <= first && first <= last && last < n, "candidates {}..{}, n {}", first, last, n);
  const VectorXd scale = column_scale(x);
  VectorXd rss(last - first + 1);
  GrowingRegression forward(scale), backward(scale);
  for (int i = 1; i <= last; ++i) {
    forward.add(x, y, i - 1);
    if (i >= first) rss(i - first) = forward.rss();
  }
  for (int i = n - 1; i >= first; --i) {
    backward.add(x, y, i);
    if (i <= last) rss(i - first) += backward.rss();
  }
  return rss;
}

double FPath::lambda() const {
  const double from = first, to = last, all = n;
  return (all - from) * to / (from * (all - to));
}

FPath summarised_path(const VectorXd& f, int first, int n, int k) {
  FPath path;
  path.first = first;
  path.last = first + static_cast<int>(f.size()) - 1;
  path.n = n;
  path.k = k;
  path.f = f;
  Eigen::Index at = 0;
  path.sup = f.maxCoeff(&at);
  path.argmax = first + static_cast<int>(at);
  path.ave = f.mean();
  path.exp = path.sup / 2 + std::log(((f.array() - path.sup) / 2).exp().mean());
  return path;
}

FPath f_path(const MatrixView& x, const VectorView& y, const FPathOptions& options) {
  const int n = static_cast<int>(y.size()), k = static_cast<int>(x.cols());
  if (options.errors != Errors::classical) {
    return summarised_path(wald_path(x, y, options), options.first, n, k);
  }
  const VectorXd rss = split_rss(x, y, options.first, options.last);
  const double df = n - 2 * k;
  const VectorXd f = df * (whole_rss(x, y) - rss.array()) / rss.array();
  return summarised_path(f, options.first, n, k);
}

FPathOptions trimmed_range(int n, int k, double share) {
  FPathOptions options;
  options.first = std::max(static_cast<int>(std::floor(share * n)), k + 1);
  options.last = n - options.first;
  return options;
}

FTest chow_test(const MatrixView& x, const VectorView& y, int i, Errors errors, bool prewhiten) {
  const int n = static_cast<int>(y.size()), k = static_cast<int>(x.cols());
  AMNOK_CHECK(i >= k && n - i >= k && n > 2 * k, "split after {}, n {}, k {}", i, n, k);
  FTest test;
  test.df1 = k;
  test.df2 = n - 2 * k;
  const FPath path = f_path(x, y, {i, i, errors, prewhiten});
  test.statistic = path.sup / k;
  test.p_value = f_sf(test.statistic, test.df1, test.df2);
  return test;
}

FTest predictive_chow_test(const MatrixView& x, const VectorView& y, int i) {
  const int n = static_cast<int>(y.size()), k = static_cast<int>(x.cols());
  AMNOK_CHECK(i > k && i < n, "split after {}, n {}, k {}", i, n, k);
  const double before = whole_rss(x.topRows(i), y.head(i)), all = whole_rss(x, y);
  FTest test;
  test.df1 = n - i;
  test.df2 = i - k;
  test.statistic = (all - before) / test.df1 / (before / test.df2);
  test.p_value = f_sf(test.statistic, test.df1, test.df2);
  return test;
}

}  // namespace amnok
