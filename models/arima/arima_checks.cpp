// Is the regression part of an arima model identified by its sample?
#include <fmt/format.h>

#include <cmath>

#include "engine/base/text.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/lag_polynomial.h"
#include "models/arima/arima.h"

namespace amnok {

// What differencing removes from the levels: powers of time, and seasonal patterns.
MatrixXd BoundArima::removed_columns() const {
  const ArimaOrder& o = likelihood_->data().order;
  const int n = likelihood_->data().n();
  MatrixXd removed = MatrixXd::Zero(n, o.differences());
  Eigen::Index column = 0;
  for (int power = 0; power < o.seasonal_d; ++power) {
    for (int season = 0; season < o.period; ++season, ++column) {
      for (int t = season; t < n; t += o.period) {
        removed(t, column) = std::pow((t + 1.0) / n, power);
      }
    }
  }
  for (int power = o.seasonal_d; power < o.seasonal_d + o.d; ++power, ++column) {
    removed.col(column) = VectorXd::LinSpaced(n, 1.0 / n, 1).array().pow(power);
  }
  return removed;
}

// Columns that the data cannot tell apart: a combination of earlier ones, or nothing once
// differenced. Complete data are differenced; else what differencing removes stands beside the
// columns, in the rows that are observed (sums over several periods among them).
std::vector<int> BoundArima::aliased_columns() const {
  const ArimaData& data = likelihood_->data();
  const ArimaOrder& o = data.order;
  VectorXd theta = VectorXd::Constant(likelihood_->parameters().size(), 0.5);
  theta.head(o.arma_count()).setZero();
  const MatrixXd x = likelihood_->regression_matrix(theta);
  if (x.cols() == 0) return {};
  LinearLeastSquares problem;
  Eigen::Index before = 0;
  if (data.complete()) {
    problem.x.resize(data.n() - o.differences(), x.cols());
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      problem.x.col(j) = difference(x.col(j), o.d, o.seasonal_d, o.period);
    }
  } else {
    before = o.differences();
    MatrixXd all(data.n(), before + x.cols());
    all << removed_columns(), x;
    std::vector<Eigen::Index> observed;
    for (Eigen::Index t = 0; t < data.y.size(); ++t) {
      if (!std::isnan(data.y(t))) observed.push_back(t);
    }
    const auto rows = static_cast<Eigen::Index>(observed.size());
    problem.x = MatrixXd::Zero(rows + static_cast<Eigen::Index>(data.sums.size()), all.cols());
    problem.x.topRows(rows) = all(observed, Eigen::all);
    for (std::size_t i = 0; i < data.sums.size(); ++i) {
      for (const auto& [lag, weight] : data.sums[i].parts) {
        problem.x.row(rows + static_cast<Eigen::Index>(i)) +=
            weight * all.row(data.sums[i].last - lag);
      }
    }
  }
  problem.y = VectorXd::Zero(problem.x.rows());
  std::vector<int> aliased;
  for (int j : solve(problem).aliased) {
    if (j >= before) aliased.push_back(j - static_cast<int>(before));
  }
  return aliased;
}

// What the columns before an outlier explain (an event in the same period) is no outlier.
bool BoundArima::drop_aliased_outliers() {
  if (spec_.outliers.empty()) return false;
  const auto first = static_cast<int>(regression_names(likelihood_->data()).size()) -
                     static_cast<int>(spec_.outliers.size());
  const std::vector<int> aliased = aliased_columns();
  bool dropped = false;
  for (auto column = aliased.rbegin(); column != aliased.rend(); ++column) {
    if (*column < first) continue;
    spec_.outliers.erase(spec_.outliers.begin() + (*column - first));
    dropped = true;
  }
  return dropped;
}

void BoundArima::check_identified() const {
  const ArimaOrder& o = likelihood_->data().order;
  const std::vector<std::string> names = regression_names(likelihood_->data());
  std::vector<std::string> aliased;
  for (int column : aliased_columns()) aliased.push_back(names[static_cast<std::size_t>(column)]);
  if (aliased.empty()) return;
  throw InputError(
      fmt::format("perfectly collinear within {}: {} is a linear combination of the columns before "
                  "it{}",
                  format_range(sample_.range), join(aliased, ", "),
                  o.differences() == 0 ? "" : ", or of what differencing removes"),
      "leave one of them out");
}

}  // namespace amnok
