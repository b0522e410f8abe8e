#include "engine/statespace/kalman_filter.h"

#include <cmath>
#include <numbers>

#include "engine/base/check.h"

namespace amnok {

namespace {

// F_inf below this times its size counts as zero: the observation says nothing about what is still
// diffuse.
constexpr double kDiffuseTolerance = 1e-9;

// T as a list of its elements: for the few that a small model has, quicker than a sparse product.
class Transition {
 public:
  explicit Transition(const StateSpace& model) {
    for (Eigen::Index i = 0; i < model.transition.outerSize(); ++i) {
      for (decltype(model.transition)::InnerIterator it(model.transition, i); it; ++it) {
        elements_.push_back({it.row(), it.col(), it.value()});
      }
    }
  }

  // out = T x, of the same size.
  void apply(const MatrixXd& x, MatrixXd& out) const {
    out.setZero(x.rows(), x.cols());
    for (Eigen::Index c = 0; c < x.cols(); ++c) {
      const double* from = x.data() + c * x.rows();
      double* to = out.data() + c * x.rows();
      for (const Element& e : elements_) to[e.row] += e.value * from[e.column];
    }
  }

 private:
  struct Element {
    Eigen::Index row, column;
    double value;
  };
  std::vector<Element> elements_;
};

// The moments of the state given the past: mean columns for y and the regressors.
struct Moments {
  MatrixXd mean;
  MatrixXd star, infinite;
  bool diffuse = false;
  MatrixXd half, half_mean;  // room for predict()
};

Moments initial_moments(const StateSpace& model, Eigen::Index columns) {
  Moments m;
  m.mean = MatrixXd::Zero(model.size(), columns);
  m.mean.col(0) = model.initial_mean;
  m.star = model.initial_covariance;
  m.infinite = model.initial_diffuse;
  m.diffuse = m.infinite.size() > 0 && m.infinite.cwiseAbs().maxCoeff() > 0;
  return m;
}

// Products go through `half` and `next`, so that a filter allocates nothing after its first period.
void predict(const StateSpace& model, const Transition& transition, Moments& m) {
  transition.apply(m.mean, m.half_mean);
  m.mean.swap(m.half_mean);
  // T P T' = (T (T P)')' because P is symmetric.
  transition.apply(m.star, m.half);
  m.half.transposeInPlace();
  transition.apply(m.half, m.star);
  m.star += model.noise;
  if (m.diffuse) {
    transition.apply(m.infinite, m.half);
    m.half.transposeInPlace();
    transition.apply(m.half, m.infinite);
  }
}

// What one observation does to the moments; kept by the smoother.
struct Step {
  Eigen::RowVectorXd error;  // v for y and the regressors
  double f_star = 0, f_infinite = 0;
  VectorXd k_star, k_infinite;  // P z
  bool used_up = false;         // by the diffuse start
};

void update(const Observation& observation, Moments& m, Step& step) {
  const VectorXd& z = observation.loading;
  step.error.noalias() = z.transpose() * m.mean;
  step.error *= -1;
  step.error(0) += observation.value;
  for (Eigen::Index j = 0; j < observation.regressors.size(); ++j) {
    step.error(1 + j) += observation.regressors(j);
  }
  step.k_star.noalias() = m.star * z;
  step.f_star = z.dot(step.k_star) + observation.variance;
  step.f_infinite = 0;
  step.used_up = false;
  if (m.diffuse) {
    step.k_infinite.noalias() = m.infinite * z;
    step.f_infinite = z.dot(step.k_infinite);
    const double scale = z.squaredNorm() * m.infinite.diagonal().maxCoeff();
    step.used_up = step.f_infinite > kDiffuseTolerance * std::max(scale, 1e-300);
  }
  if (step.used_up) {
    const double f = step.f_infinite;
    m.mean.noalias() += step.k_infinite * (step.error / f);
    m.star.noalias() += (step.f_star / (f * f)) * step.k_infinite * step.k_infinite.transpose();
    m.star.noalias() -= (1 / f) * step.k_star * step.k_infinite.transpose();
    m.star.noalias() -= (1 / f) * step.k_infinite * step.k_star.transpose();
    m.infinite.noalias() -= (1 / f) * step.k_infinite * step.k_infinite.transpose();
    if (m.infinite.cwiseAbs().maxCoeff() < kDiffuseTolerance) {
      m.infinite.setZero();
      m.diffuse = false;
    }
  } else if (step.f_star > 0) {
    m.mean.noalias() += step.k_star * (step.error / step.f_star);
    m.star.noalias() -= (1 / step.f_star) * step.k_star * step.k_star.transpose();
  }
}

}  // namespace

FilterResult kalman_filter(const StateSpace& model, const std::vector<Observation>& observations,
                           int periods) {
  const Eigen::Index k = observations.empty() ? 0 : observations.front().regressors.size();
  const Transition transition(model);
  Moments m = initial_moments(model, 1 + k);
  FilterResult result;
  result.whitened.resize(static_cast<Eigen::Index>(observations.size()), 1 + k);
  result.time.reserve(observations.size());
  result.variance.reserve(observations.size());
  Eigen::Index rows = 0;
  std::size_t next = 0;
  Step step;
  for (int t = 0; t < periods; ++t) {
    for (; next < observations.size() && observations[next].time == t; ++next) {
      update(observations[next], m, step);
      if (step.used_up) {
        result.sum_log_diffuse += std::log(step.f_infinite);
        ++result.diffuse_count;
      } else if (step.f_star > 0) {
        result.whitened.row(rows++).noalias() = step.error / std::sqrt(step.f_star);
        result.time.push_back(t);
        result.variance.push_back(step.f_star);
        result.sum_log_variance += std::log(step.f_star);
      }
    }
    predict(model, transition, m);
  }
  AMNOK_CHECK(next == observations.size(), "{} of {} observations lie in {} periods in order", next,
              observations.size(), periods);
  result.whitened.conservativeResize(rows, Eigen::NoChange);
  result.mean = m.mean;
  result.covariance = m.star;
  result.diffuse = m.diffuse ? m.infinite : MatrixXd::Zero(model.size(), model.size());
  return result;
}

SmootherResult kalman_smoother(const StateSpace& model,
                               const std::vector<Observation>& observations, int periods) {
  const Eigen::Index size = model.size();
  SmootherResult result;
  result.mean.resize(size, periods);
  result.covariance.resize(static_cast<std::size_t>(periods));
  result.adjoint.resize(size, periods);
  result.adjoint_information.resize(static_cast<std::size_t>(periods));
  result.innovations = VectorXd::Constant(static_cast<Eigen::Index>(observations.size()), kMissing);

  // Forward: the moments before each period's observations, and each observation's step.
  std::vector<Moments> before(static_cast<std::size_t>(periods));
  std::vector<Step> steps(observations.size());
  std::vector<std::size_t> first(static_cast<std::size_t>(periods) + 1);
  const Transition transition(model);
  Moments m = initial_moments(model, 1);
  std::size_t next = 0;
  for (int t = 0; t < periods; ++t) {
    before[static_cast<std::size_t>(t)] = m;
    first[static_cast<std::size_t>(t)] = next;
    for (; next < observations.size() && observations[next].time == t; ++next) {
      Step& step = steps[next];
      update(observations[next], m, step);
      // Durbin & Koopman (7.2) leave out the constant of the used-up observations; statsmodels
      // counts it. We count it: the difference is a constant.
      result.log_likelihood -= 0.5 * std::log(2 * std::numbers::pi);
      if (step.used_up) {
        result.log_likelihood -= 0.5 * std::log(step.f_infinite);
      } else if (step.f_star > 0) {
        result.log_likelihood -=
            0.5 * (std::log(step.f_star) + step.error(0) * step.error(0) / step.f_star);
        result.innovations(static_cast<Eigen::Index>(next)) =
            step.error(0) / std::sqrt(step.f_star);
      }
    }
    predict(model, transition, m);
  }
  first[static_cast<std::size_t>(periods)] = next;

  // Backward: r0, r1 and their covariances N0, N1 (of r1 with r0, not symmetric), N2.
  VectorXd r0 = VectorXd::Zero(size), r1 = r0;
  MatrixXd n0 = MatrixXd::Zero(size, size), n1 = n0, n2 = n0;
  for (int t = periods - 1; t >= 0; --t) {
    const auto at = static_cast<std::size_t>(t);
    for (std::size_t i = first[at + 1]; i-- > first[at];) {
      const VectorXd& z = observations[i].loading;
      const Step& step = steps[i];
      const double v = step.error(0);
      if (step.used_up) {
        const double f = step.f_infinite;
        // L_inf = I - K_inf z' / F_inf,   L_0 = (K_inf F* / F_inf - K*) z' / F_inf
        const MatrixXd l_inf = MatrixXd::Identity(size, size) - step.k_infinite * z.transpose() / f;
        const MatrixXd l_0 =
            (step.k_infinite * (step.f_star / f) - step.k_star) * z.transpose() / f;
        r1 = (z * (v / f) + l_inf.transpose() * r1 + l_0.transpose() * r0).eval();
        r0 = (l_inf.transpose() * r0).eval();
        const MatrixXd zz = z * z.transpose();
        n2 = (-zz * (step.f_star / (f * f)) + l_inf.transpose() * n2 * l_inf +
              l_inf.transpose() * n1 * l_0 + l_0.transpose() * n1.transpose() * l_inf +
              l_0.transpose() * n0 * l_0)
                 .eval();
        n1 = (zz / f + l_inf.transpose() * n1 * l_inf + l_0.transpose() * n0 * l_inf).eval();
        n0 = (l_inf.transpose() * n0 * l_inf).eval();
      } else if (step.f_star > 0) {
        const MatrixXd l =
            MatrixXd::Identity(size, size) - step.k_star * z.transpose() / step.f_star;
        r0 = (z * (v / step.f_star) + l.transpose() * r0).eval();
        n0 = (z * z.transpose() / step.f_star + l.transpose() * n0 * l).eval();
        if (before[at].diffuse) {
          r1 = (l.transpose() * r1).eval();
          n1 = (l.transpose() * n1 * l).eval();
          n2 = (l.transpose() * n2 * l).eval();
        }
      }
    }
    const Moments& moments = before[at];
    result.adjoint.col(t) = r0;
    result.adjoint_information[at] = n0;
    result.mean.col(t) = moments.mean.col(0) + moments.star * r0;
    MatrixXd& v = result.covariance[at];
    v = moments.star - moments.star * n0 * moments.star;
    if (moments.diffuse) {
      result.mean.col(t) += moments.infinite * r1;
      const MatrixXd cross = moments.infinite * n1 * moments.star;
      v -= cross + cross.transpose() + moments.infinite * n2 * moments.infinite;
    }
    const auto transposed = model.transition.transpose();
    r0 = (transposed * r0).eval();
    r1 = (transposed * r1).eval();
    n0 = (transposed * (transposed * n0).transpose()).eval();
    n1 = (transposed * (transposed * n1.transpose()).transpose()).eval();
    n2 = (transposed * (transposed * n2).transpose()).eval();
  }
  return result;
}

}  // namespace amnok
