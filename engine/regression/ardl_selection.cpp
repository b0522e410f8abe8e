#include "engine/regression/ardl_selection.h"

#include <Eigen/QR>
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>

namespace amnok {

namespace {

ArdlOrder longest_order(const ArdlSearch& search) {
  return {search.max_p, search.max_q};
}

// The regression in levels with all lags, reduced once to its triangle: of any shorter one, the sum
// of squares is that of the triangle's columns plus what no column reaches.
class AllLags {
 public:
  AllLags(const ArdlData& data, DeterministicCase terms, const ArdlSearch& search)
      : search_(search) {
    // fit_ardl checks the data and the longest order.
    const ArdlFit longest = fit_ardl(data, longest_order(search), terms);
    rows_ = longest.target.size();
    const ArdlLevels levels = ardl_levels(longest);
    const Eigen::Index lags = levels.coefficients.size();
    const Eigen::Index first = longest.first;
    const std::vector<int>& rows = longest.rows;
    const auto lagged = [&](const VectorView& series, int lag) {
      VectorXd values(rows_);
      for (Eigen::Index i = 0; i < rows_; ++i) {
        values(i) = series(rows[static_cast<std::size_t>(i)] - lag);
      }
      return values;
    };
    free_ = static_cast<int>(longest.names.size() - levels.names.size());
    MatrixXd all(rows_, free_ + lags + 1);
    Eigen::Index c = 0;
    if (longest.constant >= 0) all.col(c++) = longest.design.col(longest.constant);
    if (longest.trend >= 0) all.col(c++) = longest.design.col(longest.trend);
    for (Eigen::Index j = 0; j < data.fixed.cols(); ++j)
      all.col(c++) = lagged(data.fixed.col(j), 0);
    for (int i = 1; i <= search.max_p; ++i) all.col(c++) = lagged(data.y, i);
    for (std::size_t j = 0; j < search.max_q.size(); ++j) {
      for (int l = 0; l <= search.max_q[j]; ++l) {
        all.col(c++) = lagged(data.x.col(static_cast<Eigen::Index>(j)), l);
      }
    }
    all.col(c) = lagged(data.y, 0);
    const Eigen::HouseholderQR<MatrixXd> qr(all);
    const MatrixXd r = qr.matrixQR().topRows(all.cols()).triangularView<Eigen::Upper>();
    triangle_ = r.topLeftCorner(c, c);
    target_ = r.col(c).head(c);
    unreached_ = r(c, c) * r(c, c);
    first_ = static_cast<int>(first);
  }

  int first() const { return first_; }

  ArdlCandidate candidate(const ArdlOrder& order) const {
    std::vector<int> columns;
    for (int j = 0; j < free_ + order.p; ++j) columns.push_back(j);
    int at = free_ + search_.max_p;
    for (std::size_t j = 0; j < order.q.size(); ++j) {
      for (int l = 0; l <= order.q[j]; ++l) columns.push_back(at + l);
      at += search_.max_q[j] + 1;
    }
    const LinearFit fit = solve(LinearLeastSquares{triangle_(Eigen::all, columns), target_});
    const auto n = static_cast<double>(rows_);
    const double k = static_cast<double>(columns.size()) + 1;
    const double deviance = n * (std::log(2 * std::numbers::pi * (fit.rss + unreached_) / n) + 1);
    ArdlCandidate candidate{order, deviance + 2 * k, deviance + std::log(n) * k};
    if (n - k > 1) candidate.aicc = candidate.aic + 2 * k * (k + 1) / (n - k - 1);
    return candidate;
  }

 private:
  const ArdlSearch& search_;
  Eigen::Index rows_ = 0;
  int free_ = 0, first_ = 0;
  MatrixXd triangle_;
  VectorXd target_;
  double unreached_ = 0;
};

using Lags = std::vector<int>;  // p, q_1 .. q_k

ArdlOrder order_of(const Lags& lags) {
  return {lags[0], Lags(lags.begin() + 1, lags.end())};
}

// The next point of the grid, as an odometer counts; false after the last.
bool advance(Lags& lags, const Lags& least, const Lags& most) {
  for (std::size_t i = 0; i < lags.size(); ++i) {
    if (++lags[i] <= most[i]) return true;
    lags[i] = least[i];
  }
  return false;
}

double or_infinity(double value) {
  return std::isnan(value) ? INFINITY : value;
}

// Every order met once, with its criteria.
class Tried {
 public:
  Tried(const AllLags& all, ArdlCriterion criterion) : all_(all), criterion_(criterion) {}

  double value(const Lags& lags) {
    const auto found = candidates_.find(lags);
    if (found != candidates_.end()) return or_infinity(found->second.value(criterion_));
    const ArdlCandidate candidate = all_.candidate(order_of(lags));
    candidates_.emplace(lags, candidate);
    return or_infinity(candidate.value(criterion_));
  }
  // The best of the neighbours, until none is better.
  void descend(Lags lags, const Lags& least, const Lags& most) {
    for (double best = value(lags);;) {
      Lags next = lags;
      for (std::size_t i = 0; i < lags.size(); ++i) {
        for (int step : {-1, 1}) {
          Lags neighbour = lags;
          neighbour[i] += step;
          if (neighbour[i] < least[i] || neighbour[i] > most[i]) continue;
          if (const double v = value(neighbour); v < best) {
            best = v;
            next = neighbour;
          }
        }
      }
      if (next == lags) return;
      lags = next;
    }
  }
  std::vector<ArdlCandidate> sorted() const {
    std::vector<ArdlCandidate> all;
    for (const auto& [lags, candidate] : candidates_) all.push_back(candidate);
    std::stable_sort(all.begin(), all.end(), [&](const ArdlCandidate& a, const ArdlCandidate& b) {
      return or_infinity(a.value(criterion_)) < or_infinity(b.value(criterion_));
    });
    return all;
  }

 private:
  const AllLags& all_;
  ArdlCriterion criterion_;
  std::map<Lags, ArdlCandidate> candidates_;
};

}  // namespace

double ArdlCandidate::value(ArdlCriterion criterion) const {
  switch (criterion) {
    case ArdlCriterion::aic:
      return aic;
    case ArdlCriterion::bic:
      return bic;
    case ArdlCriterion::aicc:
      break;
  }
  return aicc;
}

ArdlSelection select_ardl(const ArdlData& data, DeterministicCase terms, const ArdlSearch& search) {
  const AllLags all(data, terms, search);
  Tried tried(all, search.criterion);
  Lags least(search.max_q.size() + 1, 0), most = {search.max_p};
  least[0] = 1;
  most.insert(most.end(), search.max_q.begin(), search.max_q.end());
  double grid = 1;
  for (std::size_t i = 0; i < most.size(); ++i) grid *= most[i] - least[i] + 1;
  ArdlSelection selection;
  selection.first = all.first();
  selection.whole_grid = grid <= search.whole_grid_up_to;
  if (selection.whole_grid) {
    Lags lags = least;
    do tried.value(lags);
    while (advance(lags, least, most));
  } else {
    tried.descend(least, least, most);
    tried.descend(most, least, most);
  }
  selection.candidates = tried.sorted();
  return selection;
}

}  // namespace amnok
