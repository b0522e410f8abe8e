// How much longer a sample must be before the weights decide: futures simulated from the averaged
// model of permanence.h.
#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/permanence_search.h"

namespace amnok {

namespace {

constexpr std::array<int, 12> kHorizons = {1, 2, 3, 6, 9, 12, 18, 24, 30, 36, 48, 60};
constexpr int kLongest = kHorizons.back();

bool is_permanent(const ResponseShape& shape) {
  return shape.share_left(kPermanenceLags.back()) >= kShareOfPermanent;
}

// The index that a uniform picks from weights that sum to one.
std::size_t picked(const std::vector<double>& weights, double uniform) {
  double sum = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    sum += weights[i];
    if (uniform <= sum) return i;
  }
  return weights.size() - 1;
}

Eigen::Map<const VectorXd> as_vector(const std::vector<double>& values) {
  return {values.data(), static_cast<Eigen::Index>(values.size())};
}

struct SimulatedFuture {
  PermanenceProblem problem;  // of the sample and all 60 periods after it
  bool permanent = false;
};

// The errors of the sample by period; where nothing was observed, what the autoregression expects.
VectorXd errors_by_period(const PermanenceData& data, const VectorXd& mean,
                          const std::vector<double>& phi) {
  VectorXd z = VectorXd::Zero(data.observed.periods);
  std::size_t next = 0;
  for (int t = 0; t < data.observed.periods; ++t) {
    if (next < data.observed.at.size() && data.observed.at[next] == t) {
      const auto row = static_cast<Eigen::Index>(next++);
      z(t) = data.y(row) - mean(row);
      continue;
    }
    for (int j = 1; j <= std::min(t, static_cast<int>(phi.size())); ++j) {
      z(t) += phi[static_cast<std::size_t>(j - 1)] * z(t - j);
    }
  }
  return z;
}

class Futures {
 public:
  Futures(const PermanenceProblem& problem, const Permanence& result, const MatrixView& future_x,
          const PermanenceOptions& options)
      : problem_(problem), options_(options), data_(permanence_data(problem)) {
    problem_.starts = {problem.starts.front()};
    for (const ShapeAlternative& a : result.alternatives) {
      if (a.best.response == Response::none) continue;
      alternatives_.push_back(&a);
      weights_.push_back(a.weights.of(options.criterion));
    }
    const double total = std::accumulate(weights_.begin(), weights_.end(), 0.0);
    for (double& w : weights_) w /= total;
    const Eigen::Index n = problem.y.size();
    longer_ = problem_;
    longer_.y = VectorXd::Zero(n + kLongest);
    longer_.y.head(n) = problem.y;
    longer_.x.resize(n + kLongest, problem.x.cols());
    longer_.x << problem.x, future_x.topRows(kLongest);
  }

  SimulatedFuture simulated(std::uint32_t draw) const {
    std::vector<double> uniforms(4);
    fill_uniforms({options_.seed, Purpose::simulation, 71}, draw, uniforms);
    const std::size_t a = picked(weights_, uniforms[0]);
    const ShapeAlternative& alternative = *alternatives_[a];
    const std::size_t s =
        picked({alternative.probability.begin(), alternative.probability.end()}, uniforms[1]);
    ResponseShape shape = alternative.shapes[s];
    shape.start = problem_.starts.front();
    const MatrixXd x = with_column(data_.base, response_column(shape, data_.observed));
    const ArRegressionFit fit = ar_regression_at(alternative.fit.phi, data_.observed, data_.y, x);
    const double df = std::max(data_.observed.count() - alternative.parameters, 1);
    const double sigma = std::sqrt(fit.rss / chi_squared_quantile(uniforms[2], df));
    std::vector<double> normals(static_cast<std::size_t>(x.cols() + kLongest));
    fill_normals({options_.seed, Purpose::simulation, 72}, draw, normals);
    const Eigen::Map<const VectorXd> z(normals.data(), static_cast<Eigen::Index>(normals.size()));
    const VectorXd b =
        fit.coefficients + sigma * (MatrixXd(fit.unscaled.llt().matrixL()) * z.head(x.cols()));
    return {with_path(shape, b, sigma, fit.phi, x * b, z.tail(kLongest)), is_permanent(shape)};
  }

  // The weight of permanent responses, given an effect, with `months` periods more.
  double permanent_weight(const SimulatedFuture& future, int months) const {
    PermanenceProblem problem = future.problem;
    const Eigen::Index n = problem_.y.size() + months;
    problem.y.conservativeResize(n);
    problem.x.conservativeResize(n, Eigen::NoChange);
    const PermanenceData data = permanence_data(problem);
    std::vector<double> criterion, mass;
    for (const ShapeAlternative* alternative : alternatives_) {
      const auto shapes =
          response_shapes(alternative->best.response, problem.starts, data.observed, data.controls);
      const ShapeScan scan = scan_shapes(data, shapes, alternative->fit.phi);
      if (!scan.usable()) continue;
      const Criteria criteria =
          criteria_of(scan.log_likelihood.maxCoeff(), scan.mean_log_marginal(),
                      alternative->parameters, data.observed.count());
      double permanent = 0;
      const VectorXd probability = scan.probability();
      for (std::size_t s = 0; s < shapes.size(); ++s) {
        if (is_permanent(shapes[s])) permanent += probability(static_cast<Eigen::Index>(s));
      }
      criterion.push_back(criteria.of(options_.criterion));
      mass.push_back(permanent);
    }
    return criterion_weights(as_vector(criterion)).dot(as_vector(mass));
  }

 private:
  PermanenceProblem with_path(const ResponseShape& shape, const VectorXd& b, double sigma,
                              const std::vector<double>& phi, const VectorXd& mean,
                              const VectorXd& shocks) const {
    const Eigen::Index n = problem_.y.size();
    VectorXd z(n + kLongest);
    z.head(n) = errors_by_period(data_, mean, phi);
    PermanenceProblem problem = longer_;
    for (Eigen::Index h = 0; h < kLongest; ++h) {
      z(n + h) = sigma * shocks(h);
      for (std::size_t j = 0; j < phi.size(); ++j) {
        z(n + h) += phi[j] * z(n + h - 1 - static_cast<Eigen::Index>(j));
      }
      problem.y(n + h) = future_row(h).dot(b.head(data_.base.cols())) + z(n + h) +
                         b(data_.base.cols()) * shape.at(static_cast<int>(n + h) - shape.start);
    }
    return problem;
  }

  // The base's row of a future period.
  VectorXd future_row(Eigen::Index h) const {
    return base_row(longer_, static_cast<int>(problem_.y.size() + h))(data_.kept);
  }

  PermanenceProblem problem_;  // with one start alone
  const PermanenceOptions& options_;
  PermanenceData data_;
  PermanenceProblem longer_;
  std::vector<const ShapeAlternative*> alternatives_;
  std::vector<double> weights_;
};

}  // namespace

std::string SettleResult::words() const {
  if (std::isnan(share)) return "not simulated";
  return months < 0 ? fmt::format("more than {} periods", kLongest)
                    : fmt::format("{} period{}", months, months == 1 ? "" : "s");
}

SettleResult periods_to_settle(const PermanenceProblem& problem, const Permanence& result,
                               const MatrixView& future_x, const PermanenceOptions& options,
                               const SettleOptions& settle) {
  AMNOK_CHECK(future_x.rows() >= kLongest && future_x.cols() == problem.x.cols(), "{} x {}",
              future_x.rows(), future_x.cols());
  SettleResult settled;
  if (result.status != FitStatus::converged) return settled;
  const Futures futures(problem, result, future_x, options);
  std::vector<SimulatedFuture> simulated;
  for (int r = 0; r < settle.futures; ++r) {
    simulated.push_back(futures.simulated(static_cast<std::uint32_t>(r)));
  }
  const auto settles = [&](int horizon) {
    int right = 0;
    for (const SimulatedFuture& future : simulated) {
      const double weight = futures.permanent_weight(future, horizon);
      right += (future.permanent ? weight : 1 - weight) > settle.weight ? 1 : 0;
    }
    settled.share = static_cast<double>(right) / settle.futures;
    settled.error = std::sqrt(settled.share * (1 - settled.share) / settle.futures);
    return settled.share >= settle.share;
  };
  if (!settles(kLongest)) return settled;  // most often: no need to look at the shorter ones
  for (int horizon : kHorizons) {
    settled.months = horizon;
    if (settles(horizon)) break;
  }
  return settled;
}

}  // namespace amnok
