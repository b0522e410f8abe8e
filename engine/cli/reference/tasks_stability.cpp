// Tests of structural change: one break at an unknown date, fluctuation tests, Chow.
#include <algorithm>

#include "engine/cli/reference/formula.h"
#include "engine/cli/reference/tasks.h"
#include "models/structural_break/f_test_distribution.h"
#include "models/structural_break/f_tests.h"
#include "models/structural_break/fluctuation_distribution.h"
#include "models/structural_break/fluctuation_tests.h"

namespace amnok {

namespace {

void add_f_tests(const RegressionData& data, double from, Quantities& q) {
  const int n = static_cast<int>(data.y.size()), k = static_cast<int>(data.x.cols());
  // A share of the sample, or observations when it is 1 and more; each side has one more than
  // coefficients.
  const int asked = from < 1 ? static_cast<int>(std::floor(from * n)) : static_cast<int>(from);
  const int first = std::max(asked, k + 1), last = std::min(n - asked, n - k - 1);
  const FPath path = f_path(data.x, data.y, {first, last, Errors::classical, false});
  const auto report = [&](const std::string& name, FStatistic statistic, double value) {
    q[name + "_stat"] = value;
    q[name + "_p_hansen"] =
        hansen_p_value(statistic, value, k, path.lambda(), Surface::as_published);
  };
  report("supF", FStatistic::sup, path.sup);
  report("aveF", FStatistic::ave, path.ave);
  report("expF", FStatistic::exp, path.exp);
  q["supF_argmax_obs"] = path.argmax;
  q["fstats_first"] = VectorXd(path.f.head(std::min<Eigen::Index>(5, path.f.size())));
  q["n_fstats"] = static_cast<int>(path.f.size());
}

// R's strucchange reads this p-value off lines between simulated quantiles and (0, 1), never below
// 0.005. Here the quantiles are exact; the exact p-value is bridge_square_integral_p_value.
double tabulated_square_integral_p_value(double x, int k) {
  constexpr double kTails[] = {0.2,  0.175, 0.15, 0.125, 0.1,  0.09, 0.08, 0.07,
                               0.06, 0.05,  0.04, 0.03,  0.02, 0.01, 0.005};
  double x0 = 0, p0 = 1;
  for (const double p1 : kTails) {
    const double x1 = bridge_square_integral_critical_value(p1, std::min(k, 25));
    if (x <= x1) return p0 + (p1 - p0) * (x - x0) / (x1 - x0);
    x0 = x1;
    p0 = p1;
  }
  return p0;
}

void add_fluctuation_tests(const RegressionData& data, double h, Quantities& q) {
  const int k = static_cast<int>(data.x.cols());
  const auto report = [&](const std::string& name, double statistic, double p) {
    q[name + "_stat"] = statistic;
    q[name + "_p"] = p;
  };
  const double cusum = ols_cusum(data.x, data.y).statistic;
  report("olscusum", cusum, bridge_p_value(cusum, 1));
  const double recursive = recursive_cusum(data.x, data.y).statistic;
  report("reccusum", recursive, motion_p_value(recursive));
  const double mosum = ols_mosum(data.x, data.y, h).statistic;
  report("olsmosum", mosum, bridge_increments_p_value(mosum, h, 1));
  const double moving = recursive_mosum(data.x, data.y, h).statistic;
  report("recmosum", moving, motion_increments_p_value(moving, h));
  const double re = recursive_estimates(data.x, data.y).statistic;
  report("re", re, bridge_p_value(re, k));
  if (h * static_cast<double>(data.y.size()) >= k) {
    const double me = moving_estimates(data.x, data.y, h).statistic;
    // strucchange takes the values of 6 coefficients, the most of the tables, for more.
    report("me", me, bridge_increments_p_value(me, h, std::min(k, 6)));
  }
  const double l = nyblom_hansen(data.x, data.y);
  report("nyblom_hansen", l, tabulated_square_integral_p_value(l, k + 1));
}

}  // namespace

Quantities run_stability_tests(const ReferenceCase& c) {
  const RegressionData data = complete(build_regression(c.text("formula"), c.data.at(0)));
  Quantities q;
  add_f_tests(data, c.number("fstats_from", 0.15), q);
  add_fluctuation_tests(data, c.number("mosum_h", 0.15), q);
  if (const int point = c.integer("chow_point", 0); point > 0) {
    const FTest chow = chow_test(data.x, data.y, point);
    q["chow_stat"] = chow.statistic;
    q["chow_p"] = chow.p_value;
  }
  return q;
}

}  // namespace amnok
