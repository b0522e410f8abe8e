// Paths of an arima model: the state at the forecast origin draw by draw, then the recursion.
#include <Eigen/Eigenvalues>
#include <cmath>

#include "engine/statespace/arma_state.h"
#include "engine/stats/random_stream.h"
#include "models/arima/arima.h"

namespace amnok {

namespace {

struct ArimaPast : PastState {
  DrawMatrix known;   // r x R: what of w_{n+1+i} is known at the forecast origin
  DrawMatrix lags;    // z_n, z_{n-1}, ... (as many as differencing needs) x R
  DrawMatrix ar, ma;  // expanded polynomials, lag x R
  std::vector<int> ar_lags, ma_lags, z_lags;  // that are not zero
  std::vector<double> differencing;
};

std::vector<int> used_lags(const DrawMatrix& coefficients) {
  std::vector<int> lags;
  for (Eigen::Index i = 0; i < coefficients.rows(); ++i) {
    if ((coefficients.row(i).array() != 0).any()) lags.push_back(static_cast<int>(i) + 1);
  }
  return lags;
}

bool all_alike(const DrawMatrix& columns) {
  return columns == DrawMatrix(columns.col(0).replicate(1, columns.cols()));
}

}  // namespace

// The mean of the state for each draw: what is known of w_{n+1}, w_{n+2}, ... (r elements), then
// z_n, z_{n-1}, ... as differencing needs them.
DrawMatrix BoundArima::state_means(const DrawMatrix& theta, const DrawMatrix& beta,
                                   const DrawMatrix& ar, const DrawMatrix& ma) const {
  DrawMatrix means;
  if (likelihood_->end_states(theta, beta, ar, ma, means)) return means;
  const Eigen::Index size = likelihood_->arma_size() + std::ssize(likelihood_->differencing());
  ArimaLikelihood::RepeatedFilter filter(*likelihood_);
  means.resize(size, theta.cols());
  for (Eigen::Index d = 0; d < theta.cols(); ++d) {
    means.col(d) = filter(theta.col(d), beta.col(d)).mean.col(0).head(size);
  }
  return means;
}

// The covariance of what is known before the next shock (gaps near the end, unknown early shocks): of
// the whole state or, of complete data, of its ARMA elements.
MatrixXd BoundArima::state_covariance(const VectorXd& theta, const VectorXd& beta) const {
  const std::vector<double> ma = likelihood_->ma_polynomial(theta);
  MatrixXd covariance;
  if (likelihood_->complete() &&
      arma_state_covariance_after(likelihood_->ar_polynomial(theta), ma,
                                  likelihood_->residual_count(), covariance)) {
    VectorXd noise = VectorXd::Zero(covariance.rows());
    noise(0) = 1;
    noise.segment(1, std::ssize(ma)) = Eigen::Map<const VectorXd>(ma.data(), std::ssize(ma));
    return covariance - noise * noise.transpose();
  }
  return likelihood_->filter(theta, beta).covariance - likelihood_->state_space(theta).noise;
}

// A root of that covariance, for the elements that paths start from; no columns when they are known.
MatrixXd BoundArima::state_root(const VectorXd& theta, const VectorXd& beta, double sigma2) const {
  const Eigen::Index size = likelihood_->arma_size() + std::ssize(likelihood_->differencing());
  const bool noisy = likelihood_->data().noisy();
  const MatrixXd covariance = state_covariance(theta, beta);
  const Eigen::SelfAdjointEigenSolver<MatrixXd> eigen(0.5 * (covariance + covariance.transpose()));
  const double floor = 1e-10 * (noisy ? theta(theta.size() - 1) * theta(theta.size() - 1) : 1.0);
  const Eigen::Index rows = std::min(size, covariance.rows());
  MatrixXd root = MatrixXd::Zero(size, covariance.rows());
  Eigen::Index used = 0;
  for (Eigen::Index i = 0; i < covariance.rows(); ++i) {
    if (eigen.eigenvalues()(i) <= floor) continue;
    root.col(used++).head(rows) = eigen.eigenvectors().col(i).head(rows) *
                                  std::sqrt((noisy ? 1.0 : sigma2) * eigen.eigenvalues()(i));
  }
  return root.leftCols(used);
}

MatrixXd BoundArima::remembered_state_root(const VectorXd& theta, const VectorXd& beta,
                                           double sigma2) const {
  StateRoot& last = *last_root_;
  const std::lock_guard lock(last.guard);
  const auto same = [](const VectorXd& a, const VectorXd& b) {
    return a.size() == b.size() && a == b;
  };
  if (last.sigma2 != sigma2 || !same(last.theta, theta) || !same(last.beta, beta)) {
    last.root = state_root(theta, beta, sigma2);
    last.theta = theta;
    last.beta = beta;
    last.sigma2 = sigma2;
  }
  return last.root;
}

std::shared_ptr<const PastState> BoundArima::past_state(const FitResult& fit,
                                                        const ParameterDraws& draws,
                                                        std::uint64_t seed, std::uint32_t equation,
                                                        int first) const {
  const ArimaData& data = likelihood_->data();
  const int k = likelihood_->parameters().size() - (data.noisy() ? 1 : 0);
  const int r = likelihood_->arma_size();
  const auto lags = static_cast<Eigen::Index>(likelihood_->differencing().size());
  const Eigen::Index count = draws.parameters.cols();
  auto past = std::make_shared<ArimaPast>();
  past->differencing = likelihood_->differencing();

  // The uncertainty about the state itself is that at the estimate; its mean is each draw's own.
  const VectorXd theta_hat = theta_of(fit);
  const MatrixXd root = first < 0 ? MatrixXd(r + lags, 0)
                                  : remembered_state_root(theta_hat, beta_of(fit), fit.sigma2);
  DrawMatrix theta = theta_hat.replicate(1, count);
  theta.topRows(k) = draws.parameters.topRows(k);
  if (data.noisy()) theta.row(k) = draws.sigma.transpose();
  DrawMatrix beta = draws.parameters.bottomRows(draws.parameters.rows() - k);
  const Eigen::Index copies = all_alike(theta) && all_alike(beta) ? count : 1;
  theta.conservativeResize(Eigen::NoChange, count / copies);
  beta.conservativeResize(Eigen::NoChange, count / copies);
  DrawMatrix ar(data.order.ar_lags(), theta.cols()), ma(data.order.ma_lags(), theta.cols());
  for (Eigen::Index d = 0; d < theta.cols(); ++d) {
    const std::vector<double> ar_lags = likelihood_->ar_polynomial(theta.col(d));
    const std::vector<double> ma_lags = likelihood_->ma_polynomial(theta.col(d));
    ar.col(d) = Eigen::Map<const VectorXd>(ar_lags.data(), std::ssize(ar_lags));
    ma.col(d) = Eigen::Map<const VectorXd>(ma_lags.data(), std::ssize(ma_lags));
  }
  DrawMatrix states = state_means(theta, beta, ar, ma).replicate(1, copies);
  past->ar = ar.replicate(1, copies);
  past->ma = ma.replicate(1, copies);
  std::vector<double> normals(static_cast<std::size_t>(root.cols()));
  for (Eigen::Index d = 0; root.cols() > 0 && d < count; ++d) {
    fill_normals({seed, Purpose::state, equation}, static_cast<std::uint32_t>(first + d), normals,
                 2);
    states.col(d) += root * Eigen::Map<const VectorXd>(normals.data(), root.cols());
  }
  past->known = states.topRows(r);
  past->lags = states.bottomRows(lags);
  past->ar_lags = used_lags(past->ar);
  past->ma_lags = used_lags(past->ma);
  return past;
}

namespace {

// The response to one input, sum_j omega_j B^j / (1 - delta B) x_t, added to rows [from, to).
struct InputResponse {
  const DrawMatrix& parameters;
  int omega, delta;  // rows of the first numerator coefficient and of the denominator
  int from, to;

  struct Columns {
    Eigen::Index first, count;
  };

  // `origin`: where the horizon begins in the input's values; beyond its end a series keeps its
  // last value, an event's input is over.
  void add(const TransferInput& input, Eigen::Index origin, bool keeps_last, Columns columns,
           DrawMatrix& paths) const {
    const Eigen::Index size = input.values.size();
    const auto value = [&](Eigen::Index t) {
      if (keeps_last) return input.values(std::min(t, size - 1));
      return t >= 0 && t < size ? input.values(t) : 0.0;
    };
    const auto of = [&](int parameter) {
      return parameters.row(parameter).segment(columns.first, columns.count);
    };
    Eigen::RowVectorXd filtered(columns.count);
    for (int j = 0; j <= input.numerator; ++j) {
      filtered.setZero();
      const Eigen::Index begin = input.denominator > 0 ? 0 : origin + from;
      for (Eigen::Index t = begin; t < origin + to; ++t) {
        const double u = value(t - input.delay - j);
        if (input.denominator > 0) {
          filtered = filtered.cwiseProduct(of(delta)).array() + u;
        } else {
          filtered.setConstant(u);
        }
        const Eigen::Index h = t - origin;
        if (h < from) continue;
        paths.row(h).segment(columns.first, columns.count) += filtered.cwiseProduct(of(omega + j));
      }
    }
  }
};

}  // namespace

void BoundArima::simulate(const ParameterDraws& draws, const PastState& state,
                          const DrawnFuture& future, const DrawMatrix& shocks, int from, int to,
                          DrawMatrix& paths) const {
  const auto& past = dynamic_cast<const ArimaPast&>(state);
  const ArimaData& data = likelihood_->data();
  const int k = likelihood_->parameters().size() - (data.noisy() ? 1 : 0);
  const int n = data.n(), extra = deterministic_ == Deterministic::none ? 0 : 1;
  const Eigen::Index count = draws.parameters.cols();

  // The noise z does not depend on regressors, so its whole path is had from the shocks.
  DrawMatrix e(to, count), w(to, count), z(to, count);
  for (int h = 0; h < to; ++h) {
    e.row(h) = shocks.row(h).cwiseProduct(draws.sigma.transpose());
    w.row(h) = e.row(h);
    if (h < past.known.rows()) w.row(h) += past.known.row(h);
    for (int lag : past.ar_lags) {
      if (lag <= h) w.row(h) += past.ar.row(lag - 1).cwiseProduct(w.row(h - lag));
    }
    for (int lag : past.ma_lags) {
      if (lag <= h) w.row(h) += past.ma.row(lag - 1).cwiseProduct(e.row(h - lag));
    }
    z.row(h) = w.row(h);
    for (int j = 1; j <= static_cast<int>(past.differencing.size()); ++j) {
      const double c = past.differencing[static_cast<std::size_t>(j - 1)];
      if (c == 0) continue;
      if (j <= h) {
        z.row(h) += c * z.row(h - j);
      } else {
        z.row(h) += c * past.lags.row(j - h - 1);
      }
    }
  }
  paths.middleRows(from, to - from) = z.middleRows(from, to - from);
  int parameter = k;
  for (int j = 0; j < extra; ++j, ++parameter) {
    for (int h = from; h < to; ++h) {
      paths.row(h) += deterministic_value(deterministic_, n + h) * draws.parameters.row(parameter);
    }
  }
  for (const DrawMatrix& x : future.regressors) {
    for (int h = from; h < to; ++h) {
      if (x.cols() == 1) {
        paths.row(h) += x(h, 0) * draws.parameters.row(parameter);
      } else {
        paths.row(h) += x.row(h).cwiseProduct(draws.parameters.row(parameter));
      }
    }
    ++parameter;
  }
  int delta = data.order.arma_count();
  for (std::size_t i = 0; i < data.inputs.size(); ++i) {
    const TransferInput& known = data.inputs[i];
    const InputResponse response{draws.parameters, parameter, delta, from, to};
    if (i < spec_.inputs.size()) {  // a series: it keeps its last value
      response.add(known, known.values.size(), true, {0, count}, paths);
    } else {
      const bool drawn = is_drawn_input(spec_, i, future.events);
      for (Eigen::Index r = 0; r < count; r += drawn ? 1 : count) {
        const TransferInput input = extended_input(spec_, i, sample_.range, future.range,
                                                   future.events, static_cast<std::size_t>(r));
        response.add(input, input.values.size() - future.range.count, false, {r, drawn ? 1 : count},
                     paths);
      }
    }
    parameter += known.numerator + 1;
    delta += known.denominator;
  }
}

}  // namespace amnok
