#include "models/arima/arima_outliers.h"

#include <fmt/format.h>

#include <Eigen/QR>
#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/stats/distributions.h"
#include "models/arima/arima.h"
#include "models/arima/outlier_effects.h"

namespace amnok {

namespace {

constexpr double kFalseAlarm = 0.05;   // of a clean series
constexpr double kNoVariation = 1e-6;  // share of a column that the others leave; below it: aliased
constexpr int kMostRounds = 10;
constexpr Eigen::Index kMostKept = 1 << 21;  // numbers, of the whitened candidates
constexpr Eigen::Index kBlock = 2048;  // numbers that are whitened together: what a cache holds

struct Candidate {
  OutlierType type;
  int at;  // row of the sample
};

double median(VectorXd v) {
  const auto middle = v.begin() + v.size() / 2;
  std::nth_element(v.begin(), middle, v.end());
  const double upper = *middle;
  if (v.size() % 2 == 1) return upper;
  return 0.5 * (upper + *std::max_element(v.begin(), middle));
}

// Standard deviation of m whitened residuals after k estimated coefficients: robust, unless half of
// them are equal.
double robust_scale(const VectorXd& e, int k) {
  const auto m = static_cast<double>(e.size());
  const double df = std::max(1.0, m - k);
  const double mad = median((e.array() - median(e)).abs());
  const double scale = 1.4826 * mad * std::sqrt(m / df);
  return scale > 1e-10 * e.norm() ? scale : std::sqrt(e.squaredNorm() / df);
}

bool has_season(const ArimaOrder& o) {
  return o.period > 1 && o.seasonal_p + o.seasonal_d + o.seasonal_q > 0;
}

// All dates of all types that the data can tell apart: at the last observation every type is an
// additive one; a seasonal outlier needs a season before and two occurrences.
std::vector<Candidate> candidates(const OutlierSearch& search, const ArimaOrder& order,
                                  const Sample& sample) {
  const std::vector<bool> observed = observed_periods(sample);
  const auto first = std::find(observed.begin(), observed.end(), true) - observed.begin();
  const auto last = std::ssize(observed) - 1 -
                    (std::find(observed.rbegin(), observed.rend(), true) - observed.rbegin());
  std::vector<Candidate> result;
  for (OutlierType type : kOutlierTypes) {  // the simplest type wins a tie
    if (std::find(search.types.begin(), search.types.end(), type) == search.types.end()) continue;
    if (type == OutlierType::seasonal && !has_season(order)) continue;
    for (auto t = first; t <= last; ++t) {
      if (!observed[static_cast<std::size_t>(t)]) continue;
      const bool seasonal = type == OutlierType::seasonal;
      if (type != OutlierType::additive && t == last) continue;
      if (type == OutlierType::level_shift && t == first) continue;
      if (seasonal && (t - order.period < first || t + order.period > last)) continue;
      result.push_back({type, static_cast<int>(t)});
    }
  }
  return result;
}

// The tests of all candidates at given ARMA parameters, some outliers taken out.
class OutlierScan {
 public:
  // base: the data without outliers.
  OutlierScan(ArimaData base, VectorXd theta, const std::vector<Candidate>& candidates)
      : base_(std::move(base)), theta_(std::move(theta)), candidates_(candidates) {
    MatrixXd rows;
    AMNOK_CHECK(ArimaLikelihood(base_).whitened(theta_, rows), "a fit has a likelihood");
    residuals_ = rows.col(0);
    MatrixXd x = rows.rightCols(rows.cols() - 1);
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      const double norm = x.col(j).norm();
      if (norm > 0) x.col(j) /= norm;
    }
    basis_.resize(x.rows(), 0);
    if (x.cols() > 0) {
      const Eigen::ColPivHouseholderQR<MatrixXd> qr(x);
      basis_ = qr.householderQ() * MatrixXd::Identity(x.rows(), qr.rank());
    }
    residuals_ -= basis_ * (basis_.transpose() * residuals_);
    for (OutlierType type : kOutlierTypes) {
      VectorXd& shape = shapes_[static_cast<std::size_t>(type)];
      shape.resize(base_.n());
      for (int i = 0; i < base_.n(); ++i) shape(i) = outlier_shape(type, i, base_.order.period);
    }
    test_all();
  }

  Eigen::Index rows() const { return residuals_.size(); }

  // The candidate with the largest |tau|, and that.
  std::pair<std::size_t, double> strongest() const {
    const auto fitted = static_cast<int>(basis_.cols()) + base_.order.arma_count();
    const double scale = robust_scale(residuals_, fitted);
    std::pair<std::size_t, double> best{0, 0.0};
    if (!(scale > 0)) return best;
    for (Eigen::Index j = 0; j < whole_.size(); ++j) {
      if (!(own_(j) > kNoVariation * whole_(j))) continue;
      const double tau = std::fabs(score_(j)) / (scale * std::sqrt(own_(j)));
      if (tau > best.second) best = {static_cast<std::size_t>(j), tau};
    }
    return best;
  }

  void take_out(std::size_t candidate) {
    VectorXd x = whitened(static_cast<Eigen::Index>(candidate), 1);
    for (int again = 0; again < 2; ++again) x -= basis_ * (basis_.transpose() * x);
    x.normalize();
    const double along = x.dot(residuals_);
    in_blocks([&](Eigen::Index first, const MatrixXd& columns) {
      const VectorXd shared = columns.transpose() * x;
      own_.segment(first, columns.cols()) -= shared.cwiseAbs2();
      score_.segment(first, columns.cols()) -= along * shared;
    });
    residuals_ -= along * x;
    basis_.conservativeResize(Eigen::NoChange, basis_.cols() + 1);
    basis_.rightCols(1) = x;
  }

 private:
  void test_all() {
    whole_.resize(std::ssize(candidates_));
    own_.resize(whole_.size());
    score_.resize(whole_.size());
    MatrixXd kept;
    if (rows() * whole_.size() <= kMostKept) kept.resize(rows(), whole_.size());
    in_blocks([&](Eigen::Index first, const MatrixXd& x) {
      const Eigen::Index count = x.cols();
      const auto squares = [](const MatrixXd& m) {
        return VectorXd(m.colwise().squaredNorm().transpose());
      };
      whole_.segment(first, count) = squares(x);
      own_.segment(first, count) = whole_.segment(first, count) - squares(basis_.transpose() * x);
      score_.segment(first, count) = x.transpose() * residuals_;
      if (kept.size() > 0) kept.middleCols(first, count) = x;
    });
    columns_ = std::move(kept);
  }

  // work(first, columns) for all candidates, in blocks unless all of them are kept.
  template <class Work>
  void in_blocks(const Work& work) const {
    if (columns_.size() > 0) return work(0, columns_);
    const Eigen::Index width = std::max<Eigen::Index>(1, kBlock / base_.n());
    for (Eigen::Index first = 0; first < whole_.size(); first += width) {
      work(first, whitened(first, std::min(width, whole_.size() - first)));
    }
  }

  // The columns of `count` candidates from `first` on.
  MatrixXd whitened(Eigen::Index first, Eigen::Index count) const {
    const Eigen::Index k = base_.x.cols(), n = base_.n();
    ArimaData wide = base_;
    wide.x.conservativeResize(n, k + count);
    wide.regressor_names.resize(static_cast<std::size_t>(k + count));
    for (Eigen::Index j = 0; j < count; ++j) {
      const Candidate& c = candidates_[static_cast<std::size_t>(first + j)];
      wide.x.col(k + j).head(c.at).setZero();
      wide.x.col(k + j).tail(n - c.at) = shapes_[static_cast<std::size_t>(c.type)].head(n - c.at);
    }
    MatrixXd rows;
    AMNOK_CHECK(ArimaLikelihood(std::move(wide)).whitened(theta_, rows), "a fit has a likelihood");
    return rows.middleCols(1 + k, count);
  }

  ArimaData base_;
  VectorXd theta_;
  const std::vector<Candidate>& candidates_;
  VectorXd residuals_;            // off the basis
  MatrixXd basis_;                // orthonormal columns that span what is in the model
  MatrixXd columns_;              // whitened candidates; empty: too many to be kept
  VectorXd whole_, own_, score_;  // of each: x'x, x'M x, x'M e
  std::array<VectorXd, kOutlierTypes.size()> shapes_;  // L(0), L(1), ...
};

void sort_by_period(std::vector<Outlier>& outliers) {
  std::sort(outliers.begin(), outliers.end(), [](const Outlier& a, const Outlier& b) {
    return std::pair(a.period, a.type) < std::pair(b.period, b.type);
  });
}

class OutlierSearcher {
 public:
  OutlierSearcher(const ArimaSpec& spec, const Sample& sample)
      : spec_(spec), sample_(sample), search_(*spec.outlier_search) {
    spec_.outlier_search.reset();
    if (spec_.order.period == 0) spec_.order.period = sample.season;
    candidates_ = candidates(search_, spec_.order, sample);
    critical_ = search_.critical.value_or(outlier_critical_value(candidates_.size()));
  }

  FoundOutliers run() {
    ArimaSpec bare = spec_;
    if (search_.before_events) bare.interventions.clear();
    Joint joint = search(bare);
    if (search_.before_events && !spec_.interventions.empty()) {
      joint = estimate(spec_, without_aliased(joint.outliers));
    }
    FoundOutliers found;
    found.outliers = joint.outliers;
    if (joint.fitted.result.status != FitStatus::failed) {
      const BoundArima& bound = arima(joint);
      found.start =
          bound.likelihood().parameters().to_unconstrained(bound.theta_of(joint.fitted.result));
    }
    found.notes = std::move(notes_);
    found.notes.insert(
        found.notes.begin(),
        fmt::format("outliers: {} with |t| of {:.2f} or more in {} tests of {} periods",
                    joint.outliers.empty() ? "none" : std::to_string(joint.outliers.size()),
                    critical_, candidates_.size(), sample_.n()));
    return found;
  }

 private:
  struct Joint {
    std::vector<Outlier> outliers;
    FittedModel fitted;
  };

  static const BoundArima& arima(const Joint& joint) {
    return dynamic_cast<const BoundArima&>(*joint.fitted.model);
  }

  // Steps 1 to 4.
  Joint search(const ArimaSpec& spec) {
    std::vector<Joint> visited = {estimate(spec, {})};
    for (int round = 0; round < kMostRounds; ++round) {
      if (visited.back().fitted.result.status == FitStatus::failed) return visited.back();
      std::vector<Outlier> taken = scan(visited.back());
      if (taken == visited.back().outliers) return visited.back();
      Joint next = estimate(spec, std::move(taken));
      if (next.outliers == visited.back().outliers) return visited.back();
      const bool circle = std::any_of(visited.begin(), visited.end(),
                                      [&](const Joint& j) { return j.outliers == next.outliers; });
      visited.push_back(std::move(next));
      if (circle) break;
    }
    const auto best = std::min_element(
        visited.begin(), visited.end(),
        [](const Joint& a, const Joint& b) { return a.fitted.result.bic < b.fitted.result.bic; });
    notes_.push_back(
        "the search for outliers did not settle on one set; the one with the smallest BIC stands");
    return *best;
  }

  // Step 2.
  std::vector<Outlier> scan(const Joint& joint) {
    const BoundArima& bound = arima(joint);
    ArimaData base = bound.likelihood().data();
    base.inputs.resize(base.inputs.size() - joint.outliers.size());
    OutlierScan tests(std::move(base), bound.theta_of(joint.fitted.result), candidates_);
    const Eigen::Index spare = tests.rows() - joint.fitted.result.parameters.size() - 2;
    const Eigen::Index most = std::max<Eigen::Index>(0, std::min(tests.rows() / 10, spare));
    std::vector<Outlier> taken;
    while (!candidates_.empty()) {
      const auto [best, tau] = tests.strongest();
      if (tau < critical_) break;
      if (std::ssize(taken) == most) {
        const std::string note =
            most == 0 ? fmt::format("{} observations are too few to tell an outlier", tests.rows())
                      : fmt::format(
                            "more than {} outliers in {} observations: the model itself is "
                            "in doubt",
                            most, tests.rows());
        if (std::find(notes_.begin(), notes_.end(), note) == notes_.end()) notes_.push_back(note);
        break;
      }
      tests.take_out(best);
      taken.push_back({candidates_[best].type, sample_.range[candidates_[best].at]});
    }
    sort_by_period(taken);
    return taken;
  }

  // Step 3.
  Joint estimate(const ArimaSpec& spec, std::vector<Outlier> outliers) const {
    for (;;) {
      ArimaSpec with = spec;
      with.outliers = outliers;
      Joint joint{{}, fit_model(*make_arima(with), sample_)};
      joint.outliers = outliers = arima(joint).spec().outliers;
      if (outliers.empty() || joint.fitted.result.status == FitStatus::failed) return joint;
      const FitResult& fit = joint.fitted.result;
      const auto strength = [&](const Outlier& outlier) {
        const int index = fit.parameters.index_of(outlier_name(outlier));
        const double t = std::fabs(fit.parameters.values()(index) / fit.standard_error(index));
        return std::isfinite(t) ? t : 0.0;
      };
      const auto weakest = std::min_element(
          outliers.begin(), outliers.end(),
          [&](const Outlier& a, const Outlier& b) { return strength(a) < strength(b); });
      if (strength(*weakest) >= critical_) return joint;
      outliers.erase(weakest);
    }
  }

  // Outliers whose columns the events leave anything of.
  std::vector<Outlier> without_aliased(const std::vector<Outlier>& outliers) {
    ArimaSpec with = spec_;
    with.outliers = outliers;
    const std::vector<Outlier> kept = BoundArima(with, sample_).spec().outliers;
    for (const Outlier& outlier : outliers) {
      if (std::find(kept.begin(), kept.end(), outlier) != kept.end()) continue;
      notes_.push_back(
          fmt::format("{} was found before the events; it is what the events explain, "
                      "and their coefficients hold it",
                      outlier_name(outlier)));
    }
    return kept;
  }

  ArimaSpec spec_;
  const Sample& sample_;
  OutlierSearch search_;
  std::vector<Candidate> candidates_;
  double critical_ = 0;
  std::vector<std::string> notes_;
};

}  // namespace

double outlier_critical_value(std::size_t tests) {
  return normal_quantile(1 - kFalseAlarm / (2.0 * std::max<double>(1, static_cast<double>(tests))));
}

FoundOutliers find_outliers(const ArimaSpec& spec, const Sample& sample) {
  AMNOK_CHECK(spec.outlier_search && !spec.search, "the orders of {} are not chosen",
              sample.target.variable);
  return OutlierSearcher(spec, sample).run();
}

std::unique_ptr<BoundModel> bind_with_outliers(const ArimaSpec& spec, const Sample& sample) {
  ArimaSpec chosen = spec;
  if (chosen.order.period == 0) chosen.order.period = sample.season;
  std::vector<ResultTable> tables;
  std::vector<std::string> notes;
  // Orders with some outliers in the model, as series.
  const auto choose = [&](const std::vector<Outlier>& outliers) {
    ArimaSpec with = spec;
    with.outlier_search.reset();
    for (const Outlier& outlier : outliers) {
      with.inputs.push_back(outlier_input(outlier, sample.range, chosen.order.period));
    }
    const std::unique_ptr<Model> model = make_arima(with);
    const std::unique_ptr<BoundModel> bound = model->bind(sample);
    const auto& arima = dynamic_cast<const BoundArima&>(*bound);
    chosen.search.reset();
    chosen.order = arima.spec().order;
    chosen.constant = arima.spec().constant;
    tables = arima.choice_tables();
    notes = arima.choice_notes();
  };
  if (spec.search) choose({});
  FoundOutliers found = find_outliers(chosen, sample);
  if (spec.search && !found.outliers.empty()) {
    const ArimaOrder before = chosen.order;
    const ArimaConstant constant = chosen.constant;
    choose(found.outliers);
    if (chosen.order != before || chosen.constant != constant) {
      notes.push_back(fmt::format("ARIMA{} without outliers", order_text(before)));
      found = find_outliers(chosen, sample);
    }
  }
  chosen.outlier_search.reset();
  chosen.outliers = found.outliers;
  auto bound = std::make_unique<BoundArima>(chosen, sample);
  notes.insert(notes.end(), found.notes.begin(), found.notes.end());
  bound->set_choice(std::move(tables), std::move(notes), found.start);
  return bound;
}

}  // namespace amnok
