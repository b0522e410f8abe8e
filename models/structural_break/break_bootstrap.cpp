#include "models/structural_break/break_bootstrap.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/segment_covariance.h"

namespace amnok {

namespace {

constexpr int kBlock = 16;                // replications side by side
constexpr int kSieveStart = 100;          // periods before the sample
constexpr double kNoInformation = 1e-12;  // of a direction that one side does not see

struct NullErrors {
  VectorXd shape;  // what multipliers are put on
  VectorXd ar;     // of the sieve
};

// Yule-Walker would shrink; least squares with Akaike's order on a common sample.
VectorXd sieve(const VectorXd& e, VectorXd& innovations) {
  const auto n = static_cast<int>(e.size());
  const int most = std::max(
      0, std::min(static_cast<int>(std::floor(10 * std::log10(static_cast<double>(n)))), n / 10));
  MatrixXd lags(n - most, most);
  for (int j = 0; j < most; ++j) lags.col(j) = e.segment(most - 1 - j, n - most);
  const VectorXd now = e.tail(n - most);
  double best = INFINITY;
  VectorXd ar(0);
  for (int p = 0; p <= most; ++p) {
    const LinearFit fit = solve(LinearLeastSquares{lags.leftCols(p), now});
    const double aic = (n - most) * std::log(fit.rss / (n - most)) + 2 * p;
    if (aic < best) {
      best = aic;
      ar = fit.coefficients;
    }
  }
  const auto p = static_cast<int>(ar.size());
  innovations = e.tail(n - p);
  for (int j = 0; j < p; ++j) innovations -= ar(j) * e.segment(p - 1 - j, n - p);
  innovations.array() -= innovations.mean();
  innovations *= std::sqrt(static_cast<double>(n - p) / std::max(n - 2 * p - 1, 1));
  return ar;
}

// residuals: without the break under test; with_break(): with it, at its best date.
template <class WithBreak>
NullErrors null_errors(const VectorXd& residuals, const WithBreak& with_break, Bootstrap scheme) {
  NullErrors errors;
  switch (scheme) {
    case Bootstrap::fixed_regressor:
      errors.shape = VectorXd::Ones(residuals.size());
      break;
    case Bootstrap::fixed_hetero:
      errors.shape = with_break();
      break;
    case Bootstrap::rademacher:
    case Bootstrap::mammen:
      errors.shape = residuals;
      break;
    case Bootstrap::sieve:
      errors.ar = sieve(residuals, errors.shape);
      break;
  }
  return errors;
}

// Multipliers of one replication.
void fill_multipliers(const StreamKey& key, std::uint32_t draw, Bootstrap scheme,
                      std::span<double> out) {
  if (scheme == Bootstrap::fixed_regressor || scheme == Bootstrap::fixed_hetero) {
    return fill_normals(key, draw, out);
  }
  fill_uniforms(key, draw, out);
  const double root = std::sqrt(5.0);
  for (double& u : out) {
    if (scheme == Bootstrap::rademacher) u = u < 0.5 ? -1 : 1;
    if (scheme == Bootstrap::mammen)
      u = u < (root + 1) / (2 * root) ? (1 - root) / 2 : (1 + root) / 2;
  }
}

VectorXd drawn_errors(const NullErrors& errors, const StreamKey& key, std::uint32_t draw,
                      Bootstrap scheme, Eigen::Index n) {
  if (scheme != Bootstrap::sieve) {
    VectorXd v(n);
    fill_multipliers(key, draw, scheme, {v.data(), static_cast<std::size_t>(n)});
    return v.cwiseProduct(errors.shape);
  }
  VectorXd u(n + kSieveStart);
  fill_uniforms(key, draw, {u.data(), static_cast<std::size_t>(u.size())});
  const auto p = errors.ar.size();
  for (Eigen::Index t = 0; t < u.size(); ++t) {
    const auto pick = static_cast<Eigen::Index>(u(t) * static_cast<double>(errors.shape.size()));
    u(t) = errors.shape(std::min(pick, errors.shape.size() - 1));
    for (Eigen::Index j = 1; j <= std::min(p, t); ++j) u(t) += errors.ar(j - 1) * u(t - j);
  }
  return u.tail(n);
}

struct Functionals {
  double sup = 0, ave = 0, exp = 0;
};

Functionals functionals(const VectorXd& f) {
  Functionals result;
  result.sup = f.maxCoeff();
  result.ave = f.mean();
  result.exp = result.sup / 2 + std::log(((f.array() - result.sup) / 2).exp().mean());
  return result;
}

// use(replication, y*) for blocks of columns, in parallel; nothing is shared between blocks.
template <class Draw, class Use>
void for_each_block(const BootstrapOptions& options, Eigen::Index n, const Draw& draw,
                    const Use& use) {
  const auto threads =
      options.threads > 0
          ? static_cast<std::size_t>(options.threads)
          : tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, threads);
  const int blocks = (options.replications + kBlock - 1) / kBlock;
  tbb::parallel_for(0, blocks, [&](int block) {
    const int first = block * kBlock, count = std::min(kBlock, options.replications - first);
    MatrixXd y(n, count);
    for (int r = 0; r < count; ++r) y.col(r) = draw(static_cast<std::uint32_t>(first + r));
    use(first, y);
  });
}

// Orthogonal columns that span those of x.
MatrixXd orthogonal_basis(const MatrixXd& x) {
  const VectorXd scale = x.colwise().norm().transpose().unaryExpr(
      [](double norm) { return norm > 0 ? 1 / norm : 0.0; });
  const Eigen::ColPivHouseholderQR<MatrixXd> qr(x * scale.asDiagonal());
  return qr.householderQ() * MatrixXd::Identity(x.rows(), qr.rank());
}

double share_reaching(const VectorXd& drawn, double statistic) {
  if (std::isnan(statistic)) return kMissing;
  return (1 + static_cast<double>((drawn.array() >= statistic).count())) /
         (1 + static_cast<double>(drawn.size()));
}

}  // namespace

FPathKernel::FPathKernel(const MatrixView& x, int first, int last)
    : FPathKernel(x, MatrixXd(x.rows(), 0), first, last) {}

FPathKernel::FPathKernel(const MatrixView& changing, const MatrixView& common, int first, int last)
    : first_(first),
      last_(last),
      df_(static_cast<double>(changing.rows() - common.cols() - 2 * changing.cols())) {
  AMNOK_CHECK(1 <= first && first <= last && last < changing.rows(), "candidates {}..{}, n {}",
              first, last, changing.rows());
  z_ = orthogonal_basis(changing);
  MatrixXd all(changing.rows(), changing.cols() + common.cols());
  all << changing, common;
  q_ = orthogonal_basis(all);
  MatrixXd a = MatrixXd::Zero(z_.cols(), z_.cols()), b = MatrixXd::Zero(z_.cols(), q_.cols());
  for (int i = 1; i <= last; ++i) {
    a.noalias() += z_.row(i - 1).transpose() * z_.row(i - 1);
    b.noalias() += z_.row(i - 1).transpose() * q_.row(i - 1);
    if (i < first) continue;
    const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(a - b * b.transpose());
    const VectorXd root = eigen.eigenvalues().unaryExpr(
        [](double v) { return v > kNoInformation ? 1 / std::sqrt(v) : 0.0; });
    roots_.push_back(root.asDiagonal() * eigen.eigenvectors().transpose());
  }
}

MatrixXd FPathKernel::paths(const MatrixView& y) const {
  const MatrixXd e = y - q_ * (q_.transpose() * y);
  const Eigen::ArrayXd rss = e.colwise().squaredNorm().transpose();
  MatrixXd f(last_ - first_ + 1, y.cols());
  MatrixXd sum = MatrixXd::Zero(z_.cols(), y.cols());
  MatrixXd whitened(z_.cols(), y.cols());
  for (int i = 1; i <= last_; ++i) {
    sum.noalias() += z_.row(i - 1).transpose() * e.row(i - 1);
    if (i < first_) continue;
    whitened.noalias() = roots_[static_cast<std::size_t>(i - first_)] * sum;
    const Eigen::ArrayXd gain = whitened.colwise().squaredNorm().transpose();
    f.row(i - first_) = (df_ * gain / (rss - gain)).matrix().transpose();
  }
  return f;
}

std::string bootstrap_name(Bootstrap scheme) {
  switch (scheme) {
    case Bootstrap::fixed_regressor:
      return "fixed regressors";
    case Bootstrap::fixed_hetero:
      return "fixed regressors, heteroskedastic";
    case Bootstrap::rademacher:
      return "wild, Rademacher";
    case Bootstrap::mammen:
      return "wild, Mammen";
    case Bootstrap::sieve:
      return "sieve";
  }
  return "";
}

double BootstrapF::sup_critical(double level) const {
  std::vector<double> sorted(drawn_sup.begin(), drawn_sup.end());
  const auto above = static_cast<std::size_t>(level * static_cast<double>(sorted.size() + 1));
  const std::size_t at = sorted.size() - std::clamp<std::size_t>(above, 1, sorted.size());
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(at), sorted.end());
  return sorted[at];
}

BootstrapF bootstrap_f_tests(const MatrixView& x, const VectorView& y, int first, int last,
                             const BootstrapOptions& options) {
  return bootstrap_f_tests(PartialBreakSearch{MatrixXd(x.rows(), 0), x, y}, first, last, options);
}

BootstrapF bootstrap_f_tests(const PartialBreakSearch& problem, int first, int last,
                             const BootstrapOptions& options) {
  const Eigen::Index n = problem.y.size();
  const FPathKernel kernel(problem.changing, problem.common, first, last);
  const VectorXd path = kernel.paths(problem.y);
  Eigen::Index at = 0;
  path.maxCoeff(&at);
  const Functionals observed = functionals(path);
  const auto residuals = [&](const std::vector<int>& breaks) {
    return fit_partial_breaks(problem, breaks, {}).residuals;
  };
  const NullErrors errors = null_errors(
      residuals({}), [&] { return residuals({first + static_cast<int>(at) - 1}); }, options.scheme);
  const StreamKey key = {options.seed, Purpose::bootstrap, 0};
  BootstrapF result;
  result.order = static_cast<int>(errors.ar.size());
  result.drawn_sup.resize(options.replications);
  result.drawn_ave.resize(options.replications);
  result.drawn_exp.resize(options.replications);
  for_each_block(
      options, n, [&](std::uint32_t r) { return drawn_errors(errors, key, r, options.scheme, n); },
      [&](int begin, const MatrixXd& drawn) {
        const MatrixXd f = kernel.paths(drawn);
        for (Eigen::Index r = 0; r < f.cols(); ++r) {
          const Functionals values = functionals(f.col(r));
          result.drawn_sup(begin + r) = values.sup;
          result.drawn_ave(begin + r) = values.ave;
          result.drawn_exp(begin + r) = values.exp;
        }
      });
  result.sup = observed.sup;
  result.ave = observed.ave;
  result.exp = observed.exp;
  result.sup_p = share_reaching(result.drawn_sup, result.sup);
  result.ave_p = share_reaching(result.drawn_ave, result.ave);
  result.exp_p = share_reaching(result.drawn_exp, result.exp);
  return result;
}

BootstrapSequential bootstrap_sequential(const MatrixView& x, const VectorView& y,
                                         const std::vector<int>& last, int min_segment,
                                         const BootstrapOptions& options) {
  const int n = static_cast<int>(y.size());
  struct Part {
    SegmentRows rows;
    FPathKernel kernel;
  };
  std::vector<Part> parts;
  std::vector<int> with_splits = last;
  VectorXd statistics(0);
  for (const SegmentRows& rows : segment_rows(last, n)) {
    if (rows.rows < 2 * min_segment) continue;
    Part part{rows, FPathKernel(x.middleRows(rows.begin, rows.rows), min_segment,
                                rows.rows - min_segment)};
    Eigen::Index at = 0;
    const MatrixXd path = part.kernel.paths(y.segment(rows.begin, rows.rows));
    statistics.conservativeResize(statistics.size() + 1);
    statistics(statistics.size() - 1) = path.col(0).maxCoeff(&at);
    with_splits.push_back(rows.begin + min_segment + static_cast<int>(at) - 1);
    parts.push_back(std::move(part));
  }
  BootstrapSequential result;
  if (parts.empty()) return result;
  std::sort(with_splits.begin(), with_splits.end());
  const NullErrors errors = null_errors(
      fit_segments(x, y, last, {}).residuals,
      [&] { return fit_segments(x, y, with_splits, {}).residuals; }, options.scheme);
  const StreamKey key = {options.seed, Purpose::bootstrap, static_cast<std::uint32_t>(last.size())};
  VectorXd drawn(options.replications);
  for_each_block(
      options, n, [&](std::uint32_t r) { return drawn_errors(errors, key, r, options.scheme, n); },
      [&](int begin, const MatrixXd& y_drawn) {
        VectorXd largest = VectorXd::Constant(y_drawn.cols(), -INFINITY);
        for (const Part& part : parts) {
          const MatrixXd f = part.kernel.paths(y_drawn.middleRows(part.rows.begin, part.rows.rows));
          largest = largest.cwiseMax(f.colwise().maxCoeff().transpose());
        }
        drawn.segment(begin, largest.size()) = largest;
      });
  result.statistic = statistics.maxCoeff();
  result.p_value = share_reaching(drawn, result.statistic);
  return result;
}

}  // namespace amnok
