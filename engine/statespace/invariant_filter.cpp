#include "engine/statespace/invariant_filter.h"

#include <cmath>

#include "engine/base/check.h"

namespace amnok {

namespace {

// As in kalman_filter.cpp: F_inf below this times its size counts as zero.
constexpr double kDiffuseTolerance = 1e-9;
// The covariance has settled when a period moves no element by more than this share of the largest.
constexpr double kSettled = 1e-14;

class Filter {
 public:
  Filter(const InvariantModel& model, Eigen::Index columns)
      : model_(model), z_(model.loading), mean_(model.states.size(), columns) {
    const StateSpace& s = model.states;
    mean_.setZero();
    mean_.col(0) = s.initial_mean;
    star_ = s.initial_covariance;
    infinite_ = MatrixXd::Zero(s.size(), s.size());
    if (s.initial_diffuse.size() > 0) infinite_ = s.initial_diffuse;
    diffuse_ = infinite_.cwiseAbs().maxCoeff() > 0;
    before_ = star_;
    half_.resize(s.size(), s.size());
    next_mean_.resize(s.size(), columns);
    k_star_.resize(s.size());
    k_infinite_.resize(s.size());
    error_.resize(columns);
  }

  InvariantFilterResult run(const MatrixView& data) {
    InvariantFilterResult result;
    result.errors = MatrixXd::Constant(data.rows(), data.cols(), kMissing);
    result.variance = VectorXd::Constant(data.rows(), kMissing);
    for (Eigen::Index t = 0; t < data.rows(); ++t) {
      const bool gap = data.row(t).array().isNaN().any();
      if (gap) {
        settled_ = false;
      } else {
        observe(data.row(t), t, result);
      }
      predict(gap);
      if (settled_ && result.steady_from < 0) result.steady_from = static_cast<int>(t) + 1;
    }
    result.mean = mean_;
    result.covariance = star_;
    result.diffuse = infinite_;
    return result;
  }

 private:
  template <class Row>
  void observe(const Row& row, Eigen::Index t, InvariantFilterResult& result) {
    error_ = row;
    error_.noalias() -= z_.transpose() * mean_;
    if (!settled_) {
      k_star_.noalias() = star_ * z_;
      f_ = z_.dot(k_star_) + model_.observation_variance;
    }
    if (diffuse_ && use_up(result)) return;
    if (!(f_ > 0)) return;
    mean_.noalias() += k_star_ * (error_ / f_);
    if (!settled_) star_.noalias() -= k_star_ * (k_star_.transpose() / f_);
    result.errors.row(t) = error_;
    result.variance(t) = f_;
    result.sum_log_variance += std::log(f_);
    ++result.count;
  }

  // True: the observation resolves a part of the diffuse start.
  bool use_up(InvariantFilterResult& result) {
    k_infinite_.noalias() = infinite_ * z_;
    const double f = z_.dot(k_infinite_);
    const double scale = z_.squaredNorm() * infinite_.diagonal().maxCoeff();
    if (!(f > kDiffuseTolerance * std::max(scale, 1e-300))) return false;
    mean_.noalias() += k_infinite_ * (error_ / f);
    star_.noalias() += k_infinite_ * (k_infinite_.transpose() * (f_ / (f * f)));
    star_.noalias() -= k_star_ * (k_infinite_.transpose() / f);
    star_.noalias() -= k_infinite_ * (k_star_.transpose() / f);
    infinite_.noalias() -= k_infinite_ * (k_infinite_.transpose() / f);
    if (infinite_.cwiseAbs().maxCoeff() < kDiffuseTolerance) {
      infinite_.setZero();
      diffuse_ = false;
    }
    result.sum_log_diffuse += std::log(f);
    ++result.diffuse_count;
    return true;
  }

  void predict(bool gap) {
    const auto& transition = model_.states.transition;
    next_mean_.noalias() = transition * mean_;
    mean_.swap(next_mean_);
    if (settled_) return;
    half_.noalias() = transition * star_;
    star_.noalias() = transition * half_.transpose();
    star_ += model_.states.noise;
    if (diffuse_) {
      half_.noalias() = transition * infinite_;
      infinite_.noalias() = transition * half_.transpose();
      return;
    }
    settled_ =
        !gap && (star_ - before_).cwiseAbs().maxCoeff() <= kSettled * star_.cwiseAbs().maxCoeff();
    if (settled_) {
      k_star_.noalias() = star_ * z_;
      f_ = z_.dot(k_star_) + model_.observation_variance;
    }
    before_ = star_;
  }

  const InvariantModel& model_;
  const VectorXd& z_;
  MatrixXd mean_, next_mean_, star_, infinite_, half_;
  MatrixXd before_;  // the covariance predicted a period before
  VectorXd k_star_, k_infinite_;
  Eigen::RowVectorXd error_;
  double f_ = 0;
  bool diffuse_ = false, settled_ = false;
};

}  // namespace

InvariantFilterResult invariant_filter(const InvariantModel& model, const MatrixView& data) {
  AMNOK_CHECK(model.loading.size() == model.states.size(), "{} loadings, {} states",
              model.loading.size(), model.states.size());
  return Filter(model, data.cols()).run(data);
}

void predict_covariance(const StateSpace& states, MatrixXd& covariance) {
  const MatrixXd half = states.transition * covariance;
  covariance.noalias() = states.transition * half.transpose();
  covariance += states.noise;
}

SteadyState steady_state(const InvariantModel& model) {
  constexpr int kMost = 20000;
  const Eigen::Index m = model.states.size();
  SteadyState steady;
  MatrixXd& p = steady.covariance;
  p = model.states.noise;
  MatrixXd before(m, m), half(m, m);
  VectorXd pz(m);
  const auto measure = [&] {
    pz.noalias() = p * model.loading;
    steady.variance = model.loading.dot(pz) + model.observation_variance;
  };
  measure();
  for (int i = 0; i < kMost; ++i) {
    before = p;
    if (steady.variance > 0) p.noalias() -= pz * (pz.transpose() / steady.variance);
    half.noalias() = model.states.transition * p;
    p.noalias() = model.states.transition * half.transpose();
    p += model.states.noise;
    measure();
    if ((p - before).cwiseAbs().maxCoeff() <= kSettled * p.cwiseAbs().maxCoeff()) break;
  }
  steady.gain = model.states.transition * pz;
  if (steady.variance > 0) steady.gain /= steady.variance;
  return steady;
}

}  // namespace amnok
