#include "models/structural_break/breaks_or_noise.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/model/parallel.h"
#include "engine/statespace/ar_regression.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/errors.h"
#include "models/structural_break/sieve.h"

namespace amnok {

namespace {

constexpr int kReached = 10;  // gains after which draws end
constexpr int kBatch = 16;    // draws between looks at that, whatever the threads
constexpr std::uint32_t kFirstDraw = 0x40000000u;  // of the stream: no other bootstrap's

PartitionFit best_partitions(const PartialBreakSearch& problem) {
  if (problem.common.cols() > 0) return solve(problem);
  return solve(
      PartitionSearch{problem.changing, problem.y, problem.min_segment, problem.max_breaks});
}

// The regressors of all segments side by side.
MatrixXd segmented(const PartialBreakSearch& problem, const std::vector<int>& last) {
  const std::vector<SegmentRows> parts = segment_rows(last, static_cast<int>(problem.y.size()));
  const Eigen::Index q = problem.changing.cols(), p = problem.common.cols();
  MatrixXd x = MatrixXd::Zero(problem.y.size(), p + q * static_cast<Eigen::Index>(parts.size()));
  x.leftCols(p) = problem.common;
  Eigen::Index column = p;
  for (const SegmentRows& part : parts) {
    x.block(part.begin, column, part.rows, q) = problem.changing.middleRows(part.begin, part.rows);
    column += q;
  }
  return x;
}

struct Described {
  double criterion = INFINITY;
  ArRegressionFit fit;
};

// C(m) of one partition.
Described described(const PartialBreakSearch& problem, const std::vector<int>& last,
                    const ObservedPeriods& observed, int max_ar) {
  const MatrixXd x = segmented(problem, last);
  const double log_n = std::log(static_cast<double>(observed.count()));
  Described best;
  for (int p = 0; p <= max_ar; ++p) {
    ArRegressionFit fit = fit_ar_regression(p, observed, problem.y, x);
    if (fit.status == FitStatus::failed) continue;
    const double parameters =
        static_cast<double>(x.cols() + p + 1) + static_cast<double>(last.size());
    const double criterion = -2 * fit.log_likelihood + log_n * parameters;
    if (criterion < best.criterion) best = {criterion, std::move(fit)};
  }
  return best;
}

struct Compared {
  std::vector<double> criterion;
  std::vector<ArRegressionFit> fits;
  double least_rss = INFINITY;

  double gain() const {
    if (criterion.size() < 2) return -INFINITY;
    return criterion[0] - *std::min_element(criterion.begin() + 1, criterion.end());
  }
};

Compared compared(const PartialBreakSearch& problem, const ObservedPeriods& observed, int max_ar) {
  Compared result;
  for (const Partition& partition : best_partitions(problem).best) {
    Described one = described(problem, partition.last, observed, max_ar);
    result.criterion.push_back(one.criterion);
    result.fits.push_back(std::move(one.fit));
    result.least_rss = std::min(result.least_rss, partition.rss);
  }
  return result;
}

// Errors as they are without a break.
Sieve noise_of(const ArRegressionFit& fit) {
  Sieve sieve;
  sieve.ar = Eigen::Map<const VectorXd>(fit.phi.data(), static_cast<Eigen::Index>(fit.phi.size()));
  sieve.innovations = fit.residuals.array() - fit.residuals.mean();
  return sieve;
}

double bootstrap_p(const PartialBreakSearch& problem, const ObservedPeriods& observed,
                   const Compared& real, const BreaksOrNoiseOptions& options) {
  const Sieve noise = noise_of(real.fits[0]);
  const StreamKey key = {options.seed, Purpose::bootstrap, 0};
  int reached = 0;
  for (int begin = 0; begin < options.replications; begin += kBatch) {
    const int count = std::min(kBatch, options.replications - begin);
    std::vector<double> gains(static_cast<std::size_t>(count));
    in_parallel(count, options.threads, [&](int i) {
      const auto draw = kFirstDraw + static_cast<std::uint32_t>(begin + i);
      PartialBreakSearch drawn = problem;
      drawn.y = noise.draw(key, draw, observed.periods)(observed.at);
      gains[static_cast<std::size_t>(i)] = compared(drawn, observed, options.max_ar).gain();
    });
    for (int i = 0; i < count; ++i) {
      reached += gains[static_cast<std::size_t>(i)] >= real.gain() ? 1 : 0;
      if (reached == kReached) return static_cast<double>(kReached) / (begin + i + 1);
    }
  }
  return (1.0 + reached) / (1.0 + options.replications);
}

}  // namespace

BreaksOrNoise breaks_or_noise(const PartialBreakSearch& problem, const std::vector<int>& rows,
                              int periods, const BreaksOrNoiseOptions& options) {
  AMNOK_CHECK(static_cast<Eigen::Index>(rows.size()) == problem.y.size(), "rows {}, y {}",
              rows.size(), problem.y.size());
  const ObservedPeriods observed{rows, periods};
  const Compared real = compared(problem, observed, options.max_ar);
  BreaksOrNoise result;
  const bool exact = real.least_rss <= kRounding * problem.y.squaredNorm();
  if (exact || real.criterion.empty() || !std::isfinite(real.criterion[0])) return result;
  result.criterion = real.criterion;
  const auto least = std::min_element(real.criterion.begin(), real.criterion.end());
  result.breaks = static_cast<int>(least - real.criterion.begin());
  result.phi = real.fits[static_cast<std::size_t>(result.breaks)].phi;
  result.phi_without = real.fits[0].phi;
  result.gain = real.gain();
  result.p_value = result.gain > 0 ? bootstrap_p(problem, observed, real, options) : 1;
  return result;
}

}  // namespace amnok
