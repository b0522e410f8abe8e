#include "models/combination/bound_combination.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/residual_tests.h"

namespace amnok {

namespace {

// Members draw from streams of their own: equation + (i + 1) * kStride.
constexpr std::uint32_t kStride = 1u << 20;
// Draws behind the moments of a median, which have no closed form; in pairs of opposite shocks.
constexpr int kForecastDraws = 2000;
constexpr std::uint64_t kForecastSeed = 1;

std::uint32_t stream_of(std::uint32_t equation, std::size_t member) {
  return equation + (static_cast<std::uint32_t>(member) + 1) * kStride;
}

double median_of(VectorXd values) {
  const auto n = values.size();
  std::sort(values.begin(), values.end());
  return n % 2 == 1 ? values(n / 2) : 0.5 * (values(n / 2 - 1) + values(n / 2));
}

struct CombinationPast : PastState {
  std::vector<std::shared_ptr<const PastState>> members;
  std::vector<std::size_t> picks;  // the member that each draw follows; empty: all of them
};

}  // namespace

BoundCombination::BoundCombination(CombinationSpec spec, Sample sample)
    : spec_(std::move(spec)), sample_(std::move(sample)), fits_(fit_members(spec_, sample_)) {
  Eigen::Index offset = 0;
  for (const FittedMember& m : fits_.members) {
    offsets_.push_back(offset);
    offset += m.fitted.result.parameters.size();
    const double weight =
        std::isnan(m.weight) ? 1.0 / static_cast<double>(fits_.members.size()) : m.weight;
    mean_sigma_ += weight * std::sqrt(m.fitted.result.sigma2);
  }
  result_ = make_result();
}

Problem BoundCombination::problem() const {
  // Nothing is left to estimate: the residuals of the combination, without regressors.
  LinearLeastSquares problem;
  problem.y = result_.residuals.unaryExpr([](double e) { return std::isnan(e) ? 0.0 : e; });
  problem.x.resize(problem.y.size(), 0);
  return problem;
}

FitResult BoundCombination::evaluate(const ParameterVector&) const {
  FitResult result = result_;
  result.status = FitStatus::converged;
  return result;
}

std::shared_ptr<const Model> BoundCombination::chosen() const {
  CombinationSpec spec = spec_;
  spec.members.clear();
  spec.chosen_weights = VectorXd::Ones(static_cast<Eigen::Index>(count()));
  for (std::size_t i = 0; i < count(); ++i) {
    CombinationMember own = member(i).member;
    if (auto model = member(i).fitted.model->chosen()) own.model = std::move(model);
    spec.members.push_back(std::move(own));
    spec.chosen_weights(static_cast<Eigen::Index>(i)) = member(i).weight;
  }
  return make_combination(std::move(spec));
}

double BoundCombination::combined(const VectorXd& values) const {
  if (spec_.combine == Combine::median) return median_of(values);
  double sum = 0;
  for (std::size_t i = 0; i < count(); ++i) {
    // A member without weight must not spoil the others with a NaN.
    if (member(i).weight > 0) sum += member(i).weight * values(static_cast<Eigen::Index>(i));
  }
  return sum;
}

FitResult BoundCombination::member_fit(const FitResult& fit, std::size_t i) const {
  FitResult own = member(i).fitted.result;
  own.parameters.set_values(fit.parameters.values().segment(offsets_[i], own.parameters.size()));
  own.sigma2 *= fit.sigma2 / result_.sigma2;
  return own;
}

ParameterDraws BoundCombination::member_draws(const ParameterDraws& draws, std::size_t i,
                                              double unit) const {
  const FitResult& fit = member(i).fitted.result;
  return {draws.parameters.middleRows(offsets_[i], fit.parameters.size()),
          draws.sigma * (std::sqrt(fit.sigma2) / unit)};
}

Forecast BoundCombination::forecast(const FitResult& fit, const Future& future) const {
  return spec_.combine == Combine::median ? simulated(fit, future) : mixture(fit, future);
}

Forecast BoundCombination::mixture(const FitResult& fit, const Future& future) const {
  std::vector<Forecast> forecasts;
  Forecast all{future.range, VectorXd::Zero(future.range.count),
               VectorXd::Zero(future.range.count)};
  for (std::size_t i = 0; i < count(); ++i) {
    forecasts.push_back(member(i).fitted.model->forecast(member_fit(fit, i),
                                                         member_future(member(i).member, future)));
    if (member(i).weight > 0) all.mean += member(i).weight * forecasts[i].mean;
  }
  for (std::size_t i = 0; i < count(); ++i) {
    if (!(member(i).weight > 0)) continue;
    const VectorXd apart = (forecasts[i].mean - all.mean).array().square();
    all.variance += member(i).weight * (forecasts[i].variance + apart);
  }
  return all;
}

Forecast BoundCombination::simulated(const FitResult& fit, const Future& future) const {
  const auto horizon = static_cast<Eigen::Index>(future.range.count);
  ParameterDraws draws;
  draws.parameters = fit.parameters.values().replicate(1, kForecastDraws);
  draws.sigma = VectorXd::Constant(kForecastDraws, std::sqrt(fit.sigma2));
  DrawMatrix shocks(horizon, kForecastDraws), paths(horizon, kForecastDraws);
  std::vector<double> normals(static_cast<std::size_t>(horizon));
  for (int r = 0; r < kForecastDraws; r += 2) {
    fill_normals({kForecastSeed, Purpose::simulation, kStride}, static_cast<std::uint32_t>(r),
                 normals);
    shocks.col(r) = Eigen::Map<const VectorXd>(normals.data(), horizon);
    shocks.col(r + 1) = -shocks.col(r);
  }
  DrawnFuture drawn{future.range, {}, shared_events(future.events)};
  for (Eigen::Index j = 0; j < future.regressors.cols(); ++j) {
    drawn.regressors.emplace_back(future.regressors.col(j));
  }
  const auto past = past_state(fit, draws, kForecastSeed, 0, 0);
  simulate(draws, *past, drawn, shocks, 0, static_cast<int>(horizon), paths);
  Forecast forecast{future.range, paths.rowwise().mean(), VectorXd(horizon)};
  for (Eigen::Index h = 0; h < horizon; ++h) {
    forecast.variance(h) = (paths.row(h).array() - forecast.mean(h)).square().mean();
  }
  return forecast;
}

std::vector<Diagnostic> BoundCombination::diagnose(const FitResult& fit) const {
  const int lag = std::min(sample_.season > 1 ? 2 * sample_.season : 10, std::max(fit.nobs / 5, 1));
  if (fit.nobs <= lag + 2) return {};
  Diagnostic test = ljung_box(fit.residuals, lag, 0);
  test.words = test.p_value < 0.05 ? fmt::format("residuals are autocorrelated up to lag {}", lag)
                                   : "no sign of autocorrelation left";
  return {test};
}

// Published sums hold where the members that use them fill the gaps alone.
VectorXd BoundCombination::completed(const FitResult& fit) const {
  const bool with_sums =
      !sample_.sums.empty() && std::any_of(fits_.members.begin(), fits_.members.end(),
                                           [](const auto& m) { return m.member.uses_inputs; });
  MatrixXd filled(sample_.n(), static_cast<Eigen::Index>(count()));
  std::vector<double> weights(count());
  for (std::size_t i = 0; i < count(); ++i) {
    filled.col(static_cast<Eigen::Index>(i)) =
        member(i).fitted.model->completed(member_fit(fit, i));
    weights[i] = std::isnan(member(i).weight) ? 1 : member(i).weight;
    if (with_sums && !member(i).member.uses_inputs) weights[i] = 0;
  }
  VectorXd y = sample_.y;
  for (Eigen::Index t = 0; t < y.size(); ++t) {
    if (!std::isnan(y(t))) continue;
    std::vector<double> known;
    double sum = 0, total = 0;
    for (std::size_t i = 0; i < count(); ++i) {
      const double value = filled(t, static_cast<Eigen::Index>(i));
      if (!(weights[i] > 0) || std::isnan(value)) continue;
      known.push_back(value);
      sum += weights[i] * value;
      total += weights[i];
    }
    if (known.empty()) continue;
    y(t) = spec_.combine == Combine::mean
               ? sum / total
               : median_of(Eigen::Map<const VectorXd>(known.data(), std::ssize(known)));
  }
  return y;
}

std::vector<std::size_t> BoundCombination::picks(std::uint64_t seed, std::uint32_t equation,
                                                 int first, Eigen::Index draws) const {
  std::vector<std::size_t> picks;
  for (Eigen::Index r = 0; r < draws; ++r) {
    double u = 0;
    fill_uniforms({seed, Purpose::member, equation},
                  static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(r), {&u, 1});
    std::size_t heaviest = 0, pick = count();
    for (std::size_t i = 0; i < count(); ++i) {
      if (member(i).weight > member(heaviest).weight) heaviest = i;
      if (pick == count() && u < member(i).weight) pick = i;
      u -= member(i).weight;
    }
    picks.push_back(pick < count() ? pick : heaviest);  // rounding of the weights' sum
  }
  return picks;
}

// A draw's sigma is that of the member that it follows. The members of a median share one scale:
// that of the member with the fewest degrees of freedom.
ParameterDraws BoundCombination::draw_parameters(const FitResult& fit, std::uint64_t seed,
                                                 std::uint32_t equation, int first,
                                                 int draws) const {
  std::vector<std::size_t> scaled_by;
  if (spec_.combine == Combine::mean) {
    scaled_by = picks(seed, equation, first, draws);
  } else {
    const auto df = [](const FittedMember& m) {
      return m.fitted.result.nobs - m.fitted.result.parameters.size();
    };
    const auto least =
        std::min_element(fits_.members.begin(), fits_.members.end(),
                         [&](const auto& a, const auto& b) { return df(a) < df(b); });
    scaled_by.assign(static_cast<std::size_t>(draws),
                     static_cast<std::size_t>(least - fits_.members.begin()));
  }
  ParameterDraws all{DrawMatrix(fit.parameters.size(), draws), VectorXd(draws)};
  for (std::size_t i = 0; i < count(); ++i) {
    const FitResult own = member_fit(fit, i);
    const ParameterDraws part =
        member(i).fitted.model->draw_parameters(own, seed, stream_of(equation, i), first, draws);
    all.parameters.middleRows(offsets_[i], own.parameters.size()) = part.parameters;
    for (int r = 0; r < draws; ++r) {
      if (scaled_by[static_cast<std::size_t>(r)] != i) continue;
      all.sigma(r) = std::sqrt(fit.sigma2 / own.sigma2) * part.sigma(r);
    }
  }
  return all;
}

std::shared_ptr<const PastState> BoundCombination::past_state(const FitResult& fit,
                                                              const ParameterDraws& draws,
                                                              std::uint64_t seed,
                                                              std::uint32_t equation,
                                                              int first) const {
  auto past = std::make_shared<CombinationPast>();
  const double unit = std::sqrt(result_.sigma2);
  for (std::size_t i = 0; i < count(); ++i) {
    past->members.push_back(member(i).fitted.model->past_state(
        member_fit(fit, i), member_draws(draws, i, unit), seed, stream_of(equation, i), first));
  }
  if (spec_.combine == Combine::mean && first >= 0) {
    past->picks = picks(seed, equation, first, draws.sigma.size());
  }
  return past;
}

void BoundCombination::simulate(const ParameterDraws& draws, const PastState& state,
                                const DrawnFuture& future, const DrawMatrix& shocks, int from,
                                int to, DrawMatrix& paths) const {
  const auto& past = dynamic_cast<const CombinationPast&>(state);
  // The expected path of a mean moves with a shock by sigma, as any model's does.
  const bool expected = spec_.combine == Combine::mean && past.picks.empty();
  const double unit = expected ? mean_sigma_ : std::sqrt(result_.sigma2);
  std::vector<DrawMatrix> own(count(), DrawMatrix(paths.rows(), paths.cols()));
  for (std::size_t i = 0; i < count(); ++i) {
    // From the start: rows of `paths` before `from` are of the combination, not of the member.
    member(i).fitted.model->simulate(member_draws(draws, i, unit), *past.members[i],
                                     member_future(member(i).member, future), shocks, 0, to,
                                     own[i]);
  }
  VectorXd values(static_cast<Eigen::Index>(count()));
  for (Eigen::Index h = from; h < to; ++h) {
    for (Eigen::Index r = 0; r < paths.cols(); ++r) {
      if (!past.picks.empty()) {
        paths(h, r) = own[past.picks[static_cast<std::size_t>(r)]](h, r);
        continue;
      }
      for (std::size_t i = 0; i < count(); ++i) {
        values(static_cast<Eigen::Index>(i)) = own[i](h, r);
      }
      paths(h, r) = combined(values);
    }
  }
}

}  // namespace amnok
