#include "models/structural_break/break_bootstrap.h"

#include <Eigen/Eigenvalues>
#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <functional>

#include "engine/base/check.h"
#include "engine/model/parallel.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/segment_covariance.h"
#include "models/structural_break/sieve.h"

namespace amnok {

namespace {

constexpr int kBlock = 16;  // replications side by side
constexpr double kShareWithoutBreak = 0.8;
constexpr double kNoInformation = 1e-12;  // of a direction that one side does not see

struct NullErrors {
  VectorXd shape;  // what multipliers are put on
  Sieve sieve;     // instead of them
  double share = 1;
};

// What errors are drawn from, and its share of the level of the test. residuals: of y without the
// break under test; with_break(y): of any y with it, at its best date.
std::vector<NullErrors> null_errors(const VectorXd& y, const VectorXd& residuals,
                                    const std::function<VectorXd(const VectorXd&)>& with_break,
                                    const BreakBootstrapOptions& options, const StreamKey& key) {
  switch (options.scheme) {
    case Bootstrap::fixed_regressor:
      return {{VectorXd::Ones(y.size()), {}, 1}};
    case Bootstrap::fixed_hetero:
      return {{with_break(y), {}, 1}};
    case Bootstrap::rademacher:
    case Bootstrap::mammen:
      return {{residuals, {}, 1}};
    case Bootstrap::sieve:
      return {{{}, fit_sieve(residuals), kShareWithoutBreak},
              {{}, corrected_sieve(with_break(y), with_break, key), 1 - kShareWithoutBreak}};
  }
  return {};
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
  if (scheme == Bootstrap::sieve) return errors.sieve.draw(key, draw, n);
  VectorXd v(n);
  fill_multipliers(key, draw, scheme, {v.data(), static_cast<std::size_t>(n)});
  return v.cwiseProduct(errors.shape);
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
void for_each_block(const BreakBootstrapOptions& options, Eigen::Index n, const Draw& draw,
                    const Use& use) {
  const int blocks = (options.replications + kBlock - 1) / kBlock;
  in_parallel(blocks, options.threads, [&](int block) {
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

namespace {

struct DrawnFunctionals {
  VectorXd sup, ave, exp;  // by replication
};

DrawnFunctionals draw_functionals(const FPathKernel& kernel, const NullErrors& errors,
                                  const StreamKey& key, const BreakBootstrapOptions& options,
                                  Eigen::Index n) {
  const VectorXd empty(options.replications);
  DrawnFunctionals drawn = {empty, empty, empty};
  for_each_block(
      options, n, [&](std::uint32_t r) { return drawn_errors(errors, key, r, options.scheme, n); },
      [&](int begin, const MatrixXd& y) {
        const MatrixXd f = kernel.paths(y);
        for (Eigen::Index r = 0; r < f.cols(); ++r) {
          const Functionals values = functionals(f.col(r));
          drawn.sup(begin + r) = values.sup;
          drawn.ave(begin + r) = values.ave;
          drawn.exp(begin + r) = values.exp;
        }
      });
  return drawn;
}

}  // namespace

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
                             const BreakBootstrapOptions& options) {
  return bootstrap_f_tests(PartialBreakSearch{MatrixXd(x.rows(), 0), x, y}, first, last, options);
}

BootstrapF bootstrap_f_tests(const PartialBreakSearch& problem, int first, int last,
                             const BreakBootstrapOptions& options) {
  const Eigen::Index n = problem.y.size();
  const FPathKernel kernel(problem.changing, problem.common, first, last);
  const Functionals observed = functionals(kernel.paths(problem.y).col(0));
  const auto with_break = [&](const VectorXd& y) {
    Eigen::Index at = 0;
    kernel.paths(y).col(0).maxCoeff(&at);
    const PartialBreakSearch other = {problem.common, problem.changing, y};
    return fit_partial_breaks(other, {first + static_cast<int>(at) - 1}, {}).residuals;
  };
  const StreamKey key = {options.seed, Purpose::bootstrap, 0};
  const std::vector<NullErrors> sources = null_errors(
      problem.y, fit_partial_breaks(problem, {}, {}).residuals, with_break, options, key);
  BootstrapF result;
  result.sup = observed.sup;
  result.ave = observed.ave;
  result.exp = observed.exp;
  result.sup_p = result.ave_p = result.exp_p = 1;
  result.order = static_cast<int>(sources[0].sieve.ar.size());
  for (const NullErrors& errors : sources) {
    const DrawnFunctionals drawn = draw_functionals(kernel, errors, key, options, n);
    if (result.drawn_sup.size() == 0) result.drawn_sup = drawn.sup;
    result.sup_p = std::min(result.sup_p, share_reaching(drawn.sup, result.sup) / errors.share);
    result.ave_p = std::min(result.ave_p, share_reaching(drawn.ave, result.ave) / errors.share);
    result.exp_p = std::min(result.exp_p, share_reaching(drawn.exp, result.exp) / errors.share);
  }
  if (std::isnan(observed.sup)) result.sup_p = result.ave_p = result.exp_p = kMissing;
  return result;
}

BootstrapSequential bootstrap_sequential(const MatrixView& x, const VectorView& y,
                                         const std::vector<int>& last, int min_segment,
                                         const BreakBootstrapOptions& options) {
  const int n = static_cast<int>(y.size());
  struct Part {
    SegmentRows rows;
    FPathKernel kernel;
  };
  std::vector<Part> parts;
  for (const SegmentRows& rows : segment_rows(last, n)) {
    if (rows.rows < 2 * min_segment) continue;
    const MatrixXd own = x.middleRows(rows.begin, rows.rows);
    parts.push_back({rows, FPathKernel(own, min_segment, rows.rows - min_segment)});
  }
  BootstrapSequential result;
  if (parts.empty()) return result;
  // The largest F of any segment, and the dates with its break.
  const auto largest = [&](const VectorXd& values, std::vector<int>& breaks) {
    double best = -INFINITY;
    int split = 0;
    for (const Part& part : parts) {
      Eigen::Index at = 0;
      const MatrixXd f = part.kernel.paths(values.segment(part.rows.begin, part.rows.rows));
      const double sup = f.col(0).maxCoeff(&at);
      if (!(sup > best)) continue;
      best = sup;
      split = part.rows.begin + min_segment + static_cast<int>(at) - 1;
    }
    breaks.insert(std::upper_bound(breaks.begin(), breaks.end(), split), split);
    return best;
  };
  const auto with_break = [&](const VectorXd& values) {
    std::vector<int> breaks = last;
    largest(values, breaks);
    return fit_segments(x, values, breaks, {}).residuals;
  };
  std::vector<int> found = last;
  result.statistic = largest(y, found);
  const StreamKey key = {options.seed, Purpose::bootstrap, static_cast<std::uint32_t>(last.size())};
  result.p_value = std::isnan(result.statistic) ? kMissing : 1;
  for (const NullErrors& errors :
       null_errors(y, fit_segments(x, y, last, {}).residuals, with_break, options, key)) {
    VectorXd drawn(options.replications);
    for_each_block(
        options, n,
        [&](std::uint32_t r) { return drawn_errors(errors, key, r, options.scheme, n); },
        [&](int begin, const MatrixXd& y_drawn) {
          VectorXd best = VectorXd::Constant(y_drawn.cols(), -INFINITY);
          for (const Part& part : parts) {
            const MatrixXd f =
                part.kernel.paths(y_drawn.middleRows(part.rows.begin, part.rows.rows));
            best = best.cwiseMax(f.colwise().maxCoeff().transpose());
          }
          drawn.segment(begin, best.size()) = best;
        });
    result.p_value =
        std::min(result.p_value, share_reaching(drawn, result.statistic) / errors.share);
  }
  return result;
}

}  // namespace amnok
