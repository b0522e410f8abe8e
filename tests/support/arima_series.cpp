#include "tests/support/arima_series.h"

#include <cmath>

#include "engine/base/check.h"
#include "engine/data/csv.h"
#include "engine/stats/distributions.h"
#include "engine/stats/lag_polynomial.h"
#include "engine/stats/random_stream.h"

namespace amnok {

Sample arima_sample(const VectorXd& y, int season, Period first) {
  Sample sample;
  sample.range = {first, y.size()};
  sample.season = season;
  sample.target = {"y", {}};
  sample.y = y;
  sample.regressors.resize(y.size(), 0);
  return sample;
}

VectorXd simulated_arima(const ArimaOrder& o, const VectorXd& theta, int n, std::uint32_t seed,
                         double df) {
  const auto take = [&](int first, int count) {
    return std::vector<double>(theta.begin() + first, theta.begin() + first + count);
  };
  const auto ar = expand_seasonal(take(0, o.p), take(o.p + o.q, o.seasonal_p), o.period, -1.0);
  const auto ma =
      expand_seasonal(take(o.p, o.q), take(o.p + o.q + o.seasonal_p, o.seasonal_q), o.period, 1.0);
  const auto differencing = difference_coefficients(o.d, o.seasonal_d, o.period);
  const auto all = expand_seasonal(ar, differencing, 1, -1.0);
  constexpr int kRunIn = 150;
  std::vector<double> e(static_cast<std::size_t>(n + kRunIn)), y(e.size());
  fill_normals({310, Purpose::simulation, 7}, seed, e);
  if (df > 0) {
    for (double& x : e) x = student_t_quantile(normal_cdf(x), df) * std::sqrt((df - 2) / df);
  }
  for (std::size_t t = 0; t < y.size(); ++t) {
    y[t] = e[t];
    for (std::size_t j = 1; j <= std::min(t, all.size()); ++j) y[t] += all[j - 1] * y[t - j];
    for (std::size_t j = 1; j <= std::min(t, ma.size()); ++j) y[t] += ma[j - 1] * e[t - j];
  }
  return Eigen::Map<const VectorXd>(y.data() + kRunIn, n);
}

VectorXd reference_column(const std::string& file, const std::string& column) {
  ProblemList problems;
  const CsvTable table = read_csv(AMNOK_SOURCE_DIR "/tests/reference/data/" + file, problems);
  const int index = table.column(column);
  AMNOK_CHECK(index >= 0, "no {} in {}", column, file);
  VectorXd values(static_cast<Eigen::Index>(table.rows()));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    values(static_cast<Eigen::Index>(row)) =
        number_cell(table, row, static_cast<std::size_t>(index), problems).value_or(kMissing);
  }
  return values;
}

}  // namespace amnok
