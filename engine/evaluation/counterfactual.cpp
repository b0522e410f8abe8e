#include "engine/evaluation/counterfactual.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/stats/distributions.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

double quantile_of(VectorXd draws, double p) {
  std::sort(draws.begin(), draws.end());
  const double at = p * static_cast<double>(draws.size() - 1);
  const auto low = static_cast<Eigen::Index>(at);
  const Eigen::Index high = std::min(low + 1, draws.size() - 1);
  return draws(low) + (at - static_cast<double>(low)) * (draws(high) - draws(low));
}

EffectBand band_of(double estimate, const VectorXd& draws, double level) {
  EffectBand band{estimate};
  const double mean = draws.mean();
  band.sd = std::sqrt((draws.array() - mean).square().mean());
  band.low = quantile_of(draws, 0.5 - level / 2);
  band.high = quantile_of(draws, 0.5 + level / 2);
  return band;
}

void check_options(const Sample& sample, const CounterfactualOptions& options) {
  AMNOK_CHECK(options.level > 0 && options.level < 1, "level is {}", options.level);
  AMNOK_CHECK(options.draws >= 100, "{} draws", options.draws);
  if (options.before < 1 || options.before >= sample.n()) {
    throw InputError(fmt::format(
        "the event comes after {} periods of {}, but must leave some of its {} periods before and "
        "after",
        options.before, sample.target.variable, sample.n()));
  }
}

Future future_of(const Sample& sample, int before, int length) {
  Future future;
  future.range = {sample.range.first + before, length};
  future.regressors = sample.regressors.middleRows(before, length);
  future.events = sample.events;
  if (future.regressors.array().isNaN().any()) {
    throw InputError(fmt::format("a control of {} has gaps after the event, but must be observed",
                                 sample.target.variable));
  }
  return future;
}

// Paths of the untransformed target, H x R.
DrawMatrix simulated_paths(const FittedModel& fitted, const Future& future,
                           const Transform& transform, const CounterfactualOptions& options) {
  const auto horizon = static_cast<int>(future.range.count);
  ParameterDraws draws =
      fitted.model->draw_parameters(fitted.result, options.seed, 0, 0, options.draws);
  if (!options.parameter_uncertainty) {
    draws.parameters = fitted.result.parameters.values().replicate(1, options.draws);
    draws.sigma.setConstant(std::sqrt(fitted.result.sigma2));
  }
  const auto past = fitted.model->past_state(fitted.result, draws, options.seed, 0, 0);
  DrawnFuture drawn{future.range, {}, shared_events(future.events)};
  for (Eigen::Index j = 0; j < future.regressors.cols(); ++j) {
    drawn.regressors.emplace_back(future.regressors.col(j));
  }
  DrawMatrix shocks(horizon, options.draws), paths(horizon, options.draws);
  std::vector<double> normals(static_cast<std::size_t>(horizon));
  for (int r = 0; r < options.draws; ++r) {
    fill_normals({options.seed, Purpose::innovation, 0}, static_cast<std::uint32_t>(r), normals);
    shocks.col(r) = Eigen::Map<const VectorXd>(normals.data(), horizon);
  }
  fitted.model->simulate(draws, *past, drawn, shocks, 0, horizon, paths);
  return paths.unaryExpr([&](double z) { return transform.inverse(z); });
}

// Under a logarithm and the like: the mean of the untransformed normal, to second order elsewhere.
VectorXd untransformed_mean(const Transform& transform, const VectorXd& mean,
                            const DrawMatrix& paths) {
  if (transform.kind == Transform::Kind::level) return mean;
  return paths.rowwise().mean();
}

// Two-sided: how often the draws of the average effect lie on the other side of zero.
double share_beyond_zero(const VectorXd& draws) {
  const double below = static_cast<double>((draws.array() < 0).count());
  const double n = static_cast<double>(draws.size());
  return std::min(1.0, 2 * (1 + std::min(below, n - below)) / (n + 1));
}

void set_effects(const DrawMatrix& paths, double level, Counterfactual& c) {
  const Eigen::Index horizon = c.actual.size(), draws = paths.cols();
  VectorXd sum = VectorXd::Zero(draws), total_path = sum;
  double estimate = 0, total_counterfactual = 0;
  int count = 0;
  for (Eigen::Index h = 0; h < horizon; ++h) {
    if (std::isnan(c.actual(h))) {
      c.effect.emplace_back();
    } else {
      const VectorXd effect = c.actual(h) - paths.row(h).transpose().array();
      c.effect.push_back(band_of(c.actual(h) - c.counterfactual(h), effect, level));
      estimate += c.actual(h) - c.counterfactual(h);
      sum += effect;
      total_counterfactual += c.counterfactual(h);
      total_path += paths.row(h).transpose();
      ++count;
    }
    c.cumulative.push_back(count > 0 ? band_of(estimate, sum, level) : EffectBand{});
  }
  if (count == 0) return;
  c.total = c.cumulative.back();
  c.average = band_of(estimate / count, sum / count, level);
  if (total_counterfactual != 0) {
    c.average_share =
        band_of(estimate / total_counterfactual, sum.cwiseQuotient(total_path), level);
  }
  c.p_value = share_beyond_zero(sum);
  constexpr double kPower = 0.8;
  c.smallest_detectable =
      (normal_quantile(0.5 + level / 2) + normal_quantile(kPower)) * c.average.sd;
}

Counterfactual over(const Model& model, const Sample& sample, const CounterfactualOptions& options,
                    int length) {
  check_options(sample, options);
  Counterfactual c;
  const Future future = future_of(sample, options.before, length);
  c.range = future.range;
  c.fitted = fit_model(model, first_rows(sample, options.before));
  const FitResult& fit = c.fitted.result;
  const Transform& transform = sample.target.transform;
  c.actual = sample.y.segment(options.before, length).unaryExpr([&](double z) {
    return std::isnan(z) ? kMissing : transform.inverse(z);
  });
  if (!c.usable()) return c;
  const Forecast forecast = c.fitted.model->forecast(fit, future);
  c.expected = forecast.mean;
  c.expected_sd = forecast.variance.cwiseMax(0).cwiseSqrt();
  const DrawMatrix paths = simulated_paths(c.fitted, future, transform, options);
  c.counterfactual = untransformed_mean(transform, forecast.mean, paths);
  set_effects(paths, options.level, c);
  double squares = 0, shares = 0;
  int count = 0;
  for (Eigen::Index t = 0; t < fit.residuals.size(); ++t) {
    if (std::isnan(fit.residuals(t))) continue;
    squares += fit.residuals(t) * fit.residuals(t);
    shares += std::fabs(1 - transform.inverse(fit.fitted(t)) / transform.inverse(sample.y(t)));
    ++count;
  }
  if (count > 0) {
    c.rmse_before = std::sqrt(squares / count);
    c.mape_before = 100 * shares / count;
  }
  return c;
}

}  // namespace

Counterfactual counterfactual(const Model& model, const Sample& sample,
                              const CounterfactualOptions& options) {
  check_options(sample, options);
  return over(model, sample, options, sample.n() - options.before);
}

PlaceboDates placebo_dates(const Model& model, const Sample& sample,
                           const CounterfactualOptions& options, int first, int step, int length) {
  AMNOK_CHECK(first >= 1 && step >= 1 && length >= 1, "first {}, step {}, length {}", first, step,
              length);
  check_options(sample, options);
  PlaceboDates result;
  const int after = std::min(length, sample.n() - options.before);
  const Counterfactual event = over(model, sample, options, after);
  const Sample quiet = first_rows(sample, options.before);
  int reached = 0;
  for (int date = first; date + length <= options.before; date += step) {
    CounterfactualOptions at = options;
    at.before = date;
    try {
      const Counterfactual c = over(model, quiet, at, length);
      if (!c.usable() || std::isnan(c.average.estimate)) {
        ++result.failures;
        continue;
      }
      result.dates.push_back({date, c.average, c.p_value});
      if (std::fabs(c.average.estimate / c.average.sd) >=
          std::fabs(event.average.estimate / event.average.sd)) {
        ++reached;
      }
    } catch (const InputError&) {  // too little before this date
      ++result.failures;
    }
  }
  if (!result.dates.empty() && event.usable()) {
    result.p_value = (1.0 + reached) / (1.0 + static_cast<double>(result.dates.size()));
  }
  return result;
}

std::vector<LeftOutControl> leave_one_control_out(const Model& model, const Sample& sample,
                                                  const CounterfactualOptions& options) {
  std::vector<LeftOutControl> result;
  const Eigen::Index k = sample.regressors.cols();
  for (Eigen::Index out = 0; out < k; ++out) {
    Sample without = sample;
    without.regressors.resize(sample.n(), k - 1);
    without.regressors << sample.regressors.leftCols(out), sample.regressors.rightCols(k - 1 - out);
    without.regressor_names.erase(without.regressor_names.begin() + out);
    const Counterfactual c = counterfactual(model, without, options);
    result.push_back(
        {sample.regressor_names[static_cast<std::size_t>(out)], c.average, c.rmse_before});
  }
  return result;
}

}  // namespace amnok
