#include "models/structural_break/permanence.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <boost/math/tools/minima.hpp>
#include <cmath>
#include <numbers>
#include <numeric>
#include <optional>

#include "engine/base/check.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/errors.h"
#include "models/structural_break/permanence_search.h"

namespace amnok {

namespace {

constexpr int kFewAfter = 4;            // observations after the start below which nothing is said
constexpr int kRounds = 4;              // of shape given phi, phi given shape
constexpr double kHalfLifeStep = 0.18;  // of its logarithm, to either side
constexpr int kBrentBits = 16;          // of a half-life
constexpr double kNegligible = 1e-3;  // weight of an alternative that no reason mentions: 50 times
constexpr double kLasting = 0.8, kTemporary = 0.2;
constexpr int kHorizon = kPermanenceLags.back();

// ---- the noise ---------------------------------------------------------------------------------

// A pulse, a shift of the level and of the slope at the first start: a mean that bends enough.
MatrixXd flexible_mean(const PermanenceData& data, int start) {
  MatrixXd mean = data.base;
  for (Response response : {Response::pulse, Response::level_shift, Response::slope_shift}) {
    const MatrixXd wider = with_column(mean, response_column({response, start, 0}, data.observed));
    if (ar_regression_at({}, data.observed, data.y, wider).rank == wider.cols()) mean = wider;
  }
  return mean;
}

// phi by AICc; its length is the order.
std::vector<double> chosen_noise(const PermanenceData& data, int start, int max_ar) {
  const MatrixXd mean = flexible_mean(data, start);
  std::vector<double> chosen;
  double best = INFINITY;
  for (int order = 0; order <= max_ar; ++order) {
    const ArRegressionFit fit = fit_ar_regression(order, data.observed, data.y, mean);
    if (fit.status == FitStatus::failed) continue;
    const double aicc =
        criteria_of(fit.log_likelihood, 0, static_cast<int>(mean.cols()) + order + 1,
                    data.observed.count())
            .aicc;
    if (aicc < best) {
      best = aicc;
      chosen = fit.phi;
    }
  }
  return chosen;
}

// ---- one alternative ---------------------------------------------------------------------------

ResponseShape refined_decay(const PermanenceData& data, const ResponseShape& decay,
                            const std::vector<double>& phi) {
  const double middle = std::log(decay.half_life());
  const double low = std::max(middle - kHalfLifeStep, std::log(kShortestHalfLife));
  const double high = std::min(middle + kHalfLifeStep, std::log(kLongestHalfLife));
  const auto shape_at = [&](double log_half_life) {
    ResponseShape shape = decay;
    shape.shape = decay_of_half_life(std::exp(log_half_life));
    return shape;
  };
  const auto [x, value] = boost::math::tools::brent_find_minima(
      [&](double l) { return -scan_shapes(data, {shape_at(l)}, phi).log_likelihood(0); }, low, high,
      kBrentBits);
  return shape_at(x);
}

// The best shape, and phi given it, in turn.
std::optional<ShapeAlternative> fitted(const PermanenceData& data, Response response,
                                       const std::vector<int>& starts, std::vector<double> phi) {
  ShapeAlternative result;
  const int order = static_cast<int>(phi.size());
  result.shapes = response_shapes(response, starts, data.observed, data.controls);
  if (result.shapes.empty()) return std::nullopt;
  double log_marginal = 0;
  Eigen::Index before = -1;
  for (int round = 0; round < kRounds; ++round) {
    const ShapeScan scan = scan_shapes(data, result.shapes, phi);
    if (!scan.usable()) return std::nullopt;
    result.probability = scan.probability();
    log_marginal = scan.mean_log_marginal();
    Eigen::Index at = 0;
    scan.log_likelihood.maxCoeff(&at);
    if (at == before) break;
    before = at;
    result.best = result.shapes[static_cast<std::size_t>(at)];
    if (response == Response::decay) result.best = refined_decay(data, result.best, phi);
    result.fit =
        fit_ar_regression(order, data.observed, data.y,
                          with_column(data.base, response_column(result.best, data.observed)), phi);
    if (result.fit.status == FitStatus::failed || !(result.fit.rss > 0)) return std::nullopt;
    phi = result.fit.phi;
  }
  result.parameters =
      static_cast<int>(data.base.cols()) + order + 1 + effect_parameters(response, starts.size());
  result.criteria = criteria_of(result.fit.log_likelihood, log_marginal, result.parameters,
                                data.observed.count());
  const Eigen::Index last = data.base.cols();
  if (response == Response::none) return result;
  const double df = std::max(data.observed.count() - result.parameters, 1);
  const double error = std::sqrt(result.fit.rss / df * result.fit.unscaled(last, last));
  result.omega = result.fit.coefficients(last);
  result.omega_low = result.omega - student_t_quantile(0.975, df) * error;
  result.omega_high = result.omega + student_t_quantile(0.975, df) * error;
  return result;
}

// ---- no noise ----------------------------------------------------------------------------------

bool is_exact(const PermanenceData& data, const ArRegressionFit& fit) {
  return fit.rss <= kRounding * data.y.squaredNorm();
}

// The simplest response that leaves nothing but rounding errors; nothing where none does.
std::optional<ShapeAlternative> exact_alternative(const PermanenceData& data,
                                                  const std::vector<int>& starts) {
  for (const Response response :
       {Response::none, Response::level_shift, Response::slope_shift, Response::pulse,
        Response::block, Response::ramp, Response::decay}) {
    for (const ResponseShape& shape :
         response_shapes(response, starts, data.observed, data.controls)) {
      const MatrixXd x = with_column(data.base, response_column(shape, data.observed));
      ShapeAlternative result;
      result.fit = ar_regression_at({}, data.observed, data.y, x);
      if (!is_exact(data, result.fit)) continue;
      result.best = shape;
      result.omega = result.omega_low = result.omega_high =
          result.fit.coefficients(data.base.cols());
      result.parameters = static_cast<int>(x.cols());
      result.weights = {1, 1, 1};
      result.shapes = {shape};
      result.probability = VectorXd::Ones(1);
      return result;
    }
  }
  return std::nullopt;
}

// A missing alternative may have had no noise to be estimated.
bool may_be_exact(const PermanenceData& data, const std::vector<ShapeAlternative>& alternatives) {
  return alternatives.size() < kResponses ||
         std::any_of(alternatives.begin(), alternatives.end(),
                     [&](const ShapeAlternative& a) { return is_exact(data, a.fit); });
}

void set_weights(std::vector<ShapeAlternative>& alternatives) {
  const auto weigh = [&](double Criteria::*criterion) {
    VectorXd values(static_cast<Eigen::Index>(alternatives.size()));
    for (std::size_t a = 0; a < alternatives.size(); ++a) {
      values(static_cast<Eigen::Index>(a)) = alternatives[a].criteria.*criterion;
    }
    const VectorXd weights = criterion_weights(values);
    for (std::size_t a = 0; a < alternatives.size(); ++a) {
      alternatives[a].weights.*criterion = weights(static_cast<Eigen::Index>(a));
    }
  };
  weigh(&Criteria::aicc);
  weigh(&Criteria::bic);
  weigh(&Criteria::bayes);
}

// ---- draws -------------------------------------------------------------------------------------

// A later level shift: periods after the start, and its size.
struct LaterShift {
  int k = 0;
  double size = 0;
};

// What later shifts take back of an effect until k: each first undoes the youngest open shift
// against it.
double taken_back(double omega, const std::vector<LaterShift>& later, int k) {
  std::vector<double> open;  // sizes, along the effect's sign
  double back = 0;
  for (const LaterShift& shift : later) {
    if (shift.k > k) break;
    double along = omega < 0 ? -shift.size : shift.size;
    if (along > 0) open.push_back(along);
    while (along < 0 && !open.empty()) {
      const double undone = std::min(open.back(), -along);
      open.back() -= undone;
      along += undone;
      if (open.back() <= 0) open.pop_back();
    }
    if (along < 0) back -= along;
  }
  return back;
}

struct EffectDraw {
  std::array<double, kPermanenceLags.size()> share{}, effect{};
  double half_life = 0, back = 0;
  bool permanent = false;
};

EffectDraw described(const ResponseShape& shape, double omega,
                     const std::vector<LaterShift>& later) {
  EffectDraw draw;
  double peak = 0;
  draw.half_life = shape.half_life();
  for (int k = 0; k <= kHorizon; ++k) {
    const double own = std::fabs(omega * shape.at(k));
    peak = std::max(peak, own);
    const double back = std::min(taken_back(omega, later, k), own);
    const double share = peak > 0 ? (own - back) / peak : 0;
    if (back > 0 && share < kShareOfPermanent) {
      draw.half_life = std::min<double>(draw.half_life, k);
    }
    for (std::size_t i = 0; i < kPermanenceLags.size(); ++i) {
      if (k != kPermanenceLags[i]) continue;
      draw.share[i] = share;
      draw.effect[i] = std::copysign(own - back, omega);
    }
    if (k == kHorizon && peak > 0) draw.back = back / peak;
  }
  draw.permanent = draw.share.back() >= kShareOfPermanent;
  return draw;
}

// Coefficients given a shape: the effect's and those of later controls, jointly.
class GivenShape {
 public:
  GivenShape(const PermanenceData& data, const ResponseShape& shape,
             const ShapeAlternative& alternative)
      : shape_(shape) {
    const ArRegressionFit fit =
        ar_regression_at(alternative.fit.phi, data.observed, data.y,
                         with_column(data.base, response_column(shape, data.observed)));
    std::vector<Eigen::Index> where = {data.base.cols()};
    for (std::size_t j = 0; j < data.controls.size(); ++j) {
      if (data.controls[j] <= shape.start) continue;
      where.push_back(data.columns[j]);
      later_.push_back({data.controls[j] - shape.start, 0});
    }
    mean_ = fit.coefficients(where);
    const MatrixXd unscaled = fit.unscaled(where, where);
    root_ = Eigen::LDLT<MatrixXd>(unscaled).isPositive()
                ? MatrixXd(unscaled.llt().matrixL())
                : MatrixXd(MatrixXd::Zero(unscaled.rows(), unscaled.cols()));
    df_ = std::max(data.observed.count() - alternative.parameters, 1);
    rss_ = fit.rss;
  }

  EffectDraw drawn(double uniform, const VectorXd& normals) const {
    const double sigma = std::sqrt(rss_ / chi_squared_quantile(uniform, df_));
    const VectorXd value = mean_ + sigma * (root_ * normals.head(mean_.size()));
    std::vector<LaterShift> later = later_;
    for (std::size_t j = 0; j < later.size(); ++j) {
      later[j].size = value(static_cast<Eigen::Index>(j) + 1);
    }
    std::sort(later.begin(), later.end(),
              [](const LaterShift& a, const LaterShift& b) { return a.k < b.k; });
    return described(shape_, value(0), later);
  }

 private:
  ResponseShape shape_;
  std::vector<LaterShift> later_;
  VectorXd mean_;
  MatrixXd root_;
  double df_ = 1, rss_ = 0;
};

std::vector<EffectDraw> draws_of(const PermanenceData& data, const ShapeAlternative& alternative,
                                 const PermanenceOptions& options) {
  std::vector<EffectDraw> draws(static_cast<std::size_t>(options.draws));
  if (alternative.best.response == Response::none) return draws;
  VectorXd cumulative(alternative.probability.size());
  std::partial_sum(alternative.probability.begin(), alternative.probability.end(),
                   cumulative.begin());
  std::vector<std::optional<GivenShape>> given(alternative.shapes.size());
  const auto equation = static_cast<std::uint32_t>(alternative.best.response);
  std::vector<double> uniforms(2), normals(data.controls.size() + 2);
  for (std::size_t r = 0; r < draws.size(); ++r) {
    fill_uniforms({options.seed, Purpose::state, equation}, static_cast<std::uint32_t>(r),
                  uniforms);
    fill_normals({options.seed, Purpose::parameter, equation}, static_cast<std::uint32_t>(r),
                 normals);
    const auto at = std::min<std::size_t>(
        static_cast<std::size_t>(
            std::lower_bound(cumulative.begin(), cumulative.end(), uniforms[0]) -
            cumulative.begin()),
        given.size() - 1);
    if (!given[at]) given[at].emplace(data, alternative.shapes[at], alternative);
    draws[r] = given[at]->drawn(
        uniforms[1],
        Eigen::Map<const VectorXd>(normals.data(), static_cast<Eigen::Index>(normals.size())));
  }
  return draws;
}

// ---- the mixture -------------------------------------------------------------------------------

struct WeightedValue {
  double value = 0, weight = 0;
};

double weighted_quantile(std::vector<WeightedValue> values, double p) {
  std::sort(values.begin(), values.end(),
            [](const WeightedValue& a, const WeightedValue& b) { return a.value < b.value; });
  double total = 0, sum = 0;
  for (const WeightedValue& v : values) total += v.weight;
  for (const WeightedValue& v : values) {
    sum += v.weight;
    if (sum >= p * total) return v.value;
  }
  return values.empty() ? kMissing : values.back().value;
}

// Given an effect: every alternative but none.
template <class Value>
std::vector<WeightedValue> mixed(const Permanence& result,
                                 const std::vector<std::vector<EffectDraw>>& draws,
                                 WeightCriterion criterion, const Value& value) {
  std::vector<WeightedValue> values;
  for (std::size_t a = 0; a < draws.size(); ++a) {
    const ShapeAlternative& alternative = result.alternatives[a];
    if (alternative.best.response == Response::none) continue;
    const double weight = alternative.weights.of(criterion) / static_cast<double>(draws[a].size());
    if (weight < 1e-12) continue;
    for (const EffectDraw& draw : draws[a]) values.push_back({value(draw), weight});
  }
  return values;
}

double weighted_mean(const std::vector<WeightedValue>& values) {
  double sum = 0, total = 0;
  for (const WeightedValue& v : values) {
    sum += v.weight * v.value;
    total += v.weight;
  }
  return total > 0 ? sum / total : kMissing;
}

MixtureInterval interval_of(const std::vector<WeightedValue>& values, double level) {
  return {weighted_mean(values), weighted_quantile(values, (1 - level) / 2),
          weighted_quantile(values, (1 + level) / 2)};
}

double p_permanent(const std::vector<ShapeAlternative>& alternatives, WeightCriterion criterion) {
  double sum = 0, total = 0;
  for (const ShapeAlternative& a : alternatives) {
    if (a.best.response == Response::none) continue;
    const double weight = a.weights.of(criterion);
    sum += weight * a.permanent;
    total += weight;
  }
  return total > 0 ? sum / total : kMissing;
}

// Log-densities of the one-step errors, a column an alternative.
MatrixXd log_densities(const Permanence& result) {
  MatrixXd densities(result.nobs, static_cast<Eigen::Index>(result.alternatives.size()));
  for (std::size_t a = 0; a < result.alternatives.size(); ++a) {
    const ArRegressionFit& fit = result.alternatives[a].fit;
    densities.col(static_cast<Eigen::Index>(a)) =
        (-0.5 * (std::log(2 * std::numbers::pi * fit.sigma2) + fit.log_determinant / result.nobs +
                 fit.residuals.array().square() / fit.sigma2))
            .matrix();
  }
  return densities;
}

void bootstrap_interval(const PermanenceOptions& options, Permanence& result) {
  if (result.exact) {
    result.p_low = result.p_high = result.p_permanent;
    return;
  }
  const MatrixXd densities = log_densities(result);
  const VectorXd full = densities.colwise().sum().transpose();
  VectorXd criterion(full.size()), permanent(full.size());
  for (Eigen::Index a = 0; a < full.size(); ++a) {
    const ShapeAlternative& alternative = result.alternatives[static_cast<std::size_t>(a)];
    const bool none = alternative.best.response == Response::none;
    criterion(a) = none ? INFINITY : alternative.criteria.of(options.criterion);
    permanent(a) = alternative.permanent;
  }
  std::vector<WeightedValue> values;
  std::vector<double> uniforms(static_cast<std::size_t>(result.nobs));
  for (int b = 0; b < options.bootstrap; ++b) {
    fill_uniforms({options.seed, Purpose::bootstrap, 0}, static_cast<std::uint32_t>(b), uniforms);
    VectorXd weights(result.nobs);
    for (Eigen::Index t = 0; t < weights.size(); ++t) {
      weights(t) = -std::log(uniforms[static_cast<std::size_t>(t)]);
    }
    weights *= result.nobs / weights.sum();
    const VectorXd moved = densities.transpose() * weights - full;
    values.push_back({criterion_weights(criterion - 2 * moved).dot(permanent), 1});
  }
  result.p_low = weighted_quantile(values, (1 - options.level) / 2);
  result.p_high = weighted_quantile(values, (1 + options.level) / 2);
}

void summarise(const std::vector<std::vector<EffectDraw>>& draws, const PermanenceOptions& options,
               Permanence& result) {
  const auto mix = [&](const auto& value) {
    return mixed(result, draws, options.criterion, value);
  };
  for (std::size_t i = 0; i < kPermanenceLags.size(); ++i) {
    result.share[i] =
        interval_of(mix([i](const EffectDraw& d) { return d.share[i]; }), options.level);
    result.effect[i] =
        interval_of(mix([i](const EffectDraw& d) { return d.effect[i]; }), options.level);
  }
  const auto half_lives = mix([](const EffectDraw& d) { return d.half_life; });
  result.half_life = {weighted_quantile(half_lives, 0.5),
                      weighted_quantile(half_lives, (1 - options.level) / 2),
                      weighted_quantile(half_lives, (1 + options.level) / 2)};
  result.taken_back = weighted_mean(mix([](const EffectDraw& d) { return d.back; }));
  result.p_by_criterion = {p_permanent(result.alternatives, WeightCriterion::aicc),
                           p_permanent(result.alternatives, WeightCriterion::bic),
                           p_permanent(result.alternatives, WeightCriterion::bayes)};
  result.p_permanent = result.p_by_criterion.of(options.criterion);
  bootstrap_interval(options, result);
}

// ---- words -------------------------------------------------------------------------------------

void judge(const PermanenceOptions& options, Permanence& result) {
  result.verdict = result.weight_of_none > 0.5        ? Verdict::no_effect
                   : result.p_permanent >= kLasting   ? Verdict::lasting
                   : result.p_permanent <= kTemporary ? Verdict::temporary
                                                      : Verdict::undecided;
  std::vector<const ShapeAlternative*> ranked;
  for (const ShapeAlternative& a : result.alternatives) ranked.push_back(&a);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [&](const ShapeAlternative* a, const ShapeAlternative* b) {
                     return a->weights.of(options.criterion) > b->weights.of(options.criterion);
                   });
  for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), 3); ++i) {
    const double weight = ranked[i]->weights.of(options.criterion);
    if (weight < 50 * kNegligible) break;
    result.reasons.push_back(fmt::format("{} has weight {:.2f}", ranked[i]->best.words(), weight));
  }
  if (result.weight_of_none > 0.5) return;
  if (result.exact) result.reasons.emplace_back("it fits exactly: there is no noise to weigh by");
  result.reasons.push_back(fmt::format("{:.0f} % of the effect is left after {} periods",
                                       100 * result.share.back().mean, kHorizon));
  if (result.taken_back > 0.1) {
    result.reasons.push_back(
        fmt::format("later breaks took back {:.0f} % of it", 100 * result.taken_back));
  }
  const Criteria& p = result.p_by_criterion;
  if (std::max({p.aicc, p.bic, p.bayes}) > 0.5 && std::min({p.aicc, p.bic, p.bayes}) <= 0.5) {
    result.reasons.push_back(fmt::format(
        "the weights disagree: P(permanent) is {:.2f} by marginal likelihoods, {:.2f} by AICc, "
        "{:.2f} by BIC",
        p.bayes, p.aicc, p.bic));
  }
}

}  // namespace

std::string_view verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::no_effect:
      return "no effect";
    case Verdict::lasting:
      return "lasting";
    case Verdict::temporary:
      return "temporary";
    case Verdict::undecided:
      return "undecided";
    case Verdict::unknown:
      break;
  }
  return "unknown";
}

Permanence permanence(const PermanenceProblem& problem, const PermanenceOptions& options) {
  AMNOK_CHECK(!problem.starts.empty(), "{} controls", problem.controls.size());
  Permanence result;
  const PermanenceData data = permanence_data(problem);
  result.nobs = data.observed.count();
  const auto after =
      data.observed.at.end() -
      std::lower_bound(data.observed.at.begin(), data.observed.at.end(), problem.starts.front());
  const int needed = static_cast<int>(data.base.cols()) + options.max_ar + 6;
  if (after < kFewAfter || result.nobs < needed) {
    result.status = FitStatus::failed;
    result.message =
        fmt::format("{} observations, {} from the start on, but at least {} and {} are needed",
                    result.nobs, after, needed, kFewAfter);
    return result;
  }
  const std::vector<double> phi = chosen_noise(data, problem.starts.front(), options.max_ar);
  result.ar_order = static_cast<int>(phi.size());
  for (int r = 0; r < kResponses; ++r) {
    auto alternative = fitted(data, static_cast<Response>(r), problem.starts, phi);
    if (alternative) result.alternatives.push_back(std::move(*alternative));
  }
  std::optional<ShapeAlternative> exact;
  if (may_be_exact(data, result.alternatives)) exact = exact_alternative(data, problem.starts);
  result.exact = exact && exact->best.response != Response::none;
  if (result.exact) {
    result.alternatives = {*std::move(exact)};
    result.ar_order = 0;
  } else if (exact || result.alternatives.size() < 2) {
    result.status = FitStatus::failed;
    result.message = "no alternative could be fitted: the regressors explain the series exactly";
    return result;
  }
  if (!result.exact) set_weights(result.alternatives);
  std::vector<std::vector<EffectDraw>> draws;
  for (ShapeAlternative& a : result.alternatives) {
    draws.push_back(draws_of(data, a, options));
    const auto permanent = std::count_if(draws.back().begin(), draws.back().end(),
                                         [](const EffectDraw& d) { return d.permanent; });
    a.permanent = static_cast<double>(permanent) / static_cast<double>(draws.back().size());
  }
  const bool has_none = result.alternatives.front().best.response == Response::none;
  result.weight_of_none = has_none ? result.alternatives[0].weights.of(options.criterion) : 0;
  summarise(draws, options, result);
  judge(options, result);
  result.status = FitStatus::converged;
  result.message = fmt::format("AR({}) noise, {} alternatives, {} observations", result.ar_order,
                               result.alternatives.size(), result.nobs);
  return result;
}

}  // namespace amnok
