// Structural breaks.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/cli/reference/formula.h"
#include "engine/cli/reference/tasks.h"
#include "models/structural_break/structural_break.h"

namespace amnok {

Quantities run_bai_perron_breakpoints(const ReferenceCase& c) {
  const RegressionData data = complete(build_regression(c.text("formula"), c.data.at(0)));
  PartitionSearch search{data.x, data.y, 0, c.integer("max_breaks", 5)};
  const int n = static_cast<int>(data.y.size());
  search.min_segment =
      c.integer("min_segment", static_cast<int>(std::floor(c.number("h", 0.15) * n)));
  const PartitionFit fit = solve(search);
  const BreakAnalysis analysis = analyse_breaks(search, fit);
  Quantities q;
  q["nobs"] = n;
  q["k"] = static_cast<int>(data.x.cols());
  q["max_breaks_feasible"] = static_cast<int>(fit.best.size()) - 1;
  std::vector<double> rss;
  for (std::size_t m = 0; m < fit.best.size(); ++m) {
    rss.push_back(fit.best[m].rss);
    std::vector<int> one_based;
    for (int last : fit.best[m].last) one_based.push_back(last + 1);
    if (m > 0) q[fmt::format("breakpoints_m{}", m)] = one_based;
  }
  q["rss_by_m"] = rss;
  q["bic_by_m"] = analysis.bic;
  q["lwz_by_m"] = analysis.lwz;
  q["breaks_by_bic"] = analysis.breaks_by_bic;
  q["breaks_by_lwz"] = analysis.breaks_by_lwz;
  const auto m = static_cast<std::size_t>(c.integer("n_breaks_used_for_ci", 1));
  if (m >= fit.best.size()) return q;
  const std::vector<int>& last = fit.best[m].last;
  const MatrixXd coefficients = segment_coefficients(data.x, data.y, last);
  std::vector<double> flat;
  for (Eigen::Index i = 0; i < coefficients.rows(); ++i) {
    for (Eigen::Index j = 0; j < coefficients.cols(); ++j) flat.push_back(coefficients(i, j));
  }
  std::vector<std::string> names = data.names;
  std::replace(names.begin(), names.end(), std::string("const"), std::string("(Intercept)"));
  q["regime_coefs_at_bic"] = flat;
  q["regime_coef_layout"] =
      fmt::format("row-major: {} regimes x ({})", coefficients.rows(), join(names, ", "));
  const auto report = [&](const std::string& suffix, const BreakIntervalOptions& options) {
    std::vector<double> lower, upper;
    for (const BreakInterval& interval : bai_intervals(data.x, data.y, last, options)) {
      lower.push_back(interval.exists ? interval.lower + 1 : kMissing);
      upper.push_back(interval.exists ? interval.upper + 1 : kMissing);
    }
    q["ci95_lower" + suffix] = lower;
    q["ci95_upper" + suffix] = upper;
  };
  report("", {0.95, {}});
  SegmentErrors alike;
  alike.segment_moments = alike.segment_variances = false;
  report("_homog", {0.95, alike});
  return q;
}

}  // namespace amnok
