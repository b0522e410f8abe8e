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

bool is_before_only(const Sample& sample, const CounterfactualOptions& options, Eigen::Index j) {
  return options.before_only.contains(sample.regressor_names[static_cast<std::size_t>(j)]);
}

// H x R of what a fit goes on with; `equation` keeps its random numbers apart from others'.
DrawMatrix transformed_paths(const FittedModel& fitted, const DrawnFuture& future,
                             std::uint32_t equation, const CounterfactualOptions& options) {
  const auto horizon = static_cast<int>(future.range.count);
  ParameterDraws draws =
      fitted.model->draw_parameters(fitted.result, options.seed, equation, 0, options.draws);
  if (!options.parameter_uncertainty) {
    draws.parameters = fitted.result.parameters.values().replicate(1, options.draws);
    draws.sigma.setConstant(std::sqrt(fitted.result.sigma2));
  }
  const auto past = fitted.model->past_state(fitted.result, draws, options.seed, equation, 0);
  DrawMatrix shocks(horizon, options.draws), paths(horizon, options.draws);
  std::vector<double> normals(static_cast<std::size_t>(horizon));
  for (int r = 0; r < options.draws; ++r) {
    fill_normals({options.seed, Purpose::innovation, equation}, static_cast<std::uint32_t>(r),
                 normals);
    shocks.col(r) = Eigen::Map<const VectorXd>(normals.data(), horizon);
  }
  fitted.model->simulate(draws, *past, future, shocks, 0, horizon, paths);
  return paths;
}

// A regressor's own past as a sample.
Sample sample_of_regressor(const Sample& sample, Eigen::Index j, int before) {
  Sample own;
  own.range = {sample.range.first, before};
  own.season = sample.season;
  own.target = {sample.regressor_names[static_cast<std::size_t>(j)], {}};
  own.y = sample.regressors.col(j).head(before);
  own.regressors.resize(before, 0);
  return own;
}

// What the model goes on with: observed regressors, and forecasts of those that are not looked at.
struct FutureInputs {
  Future expected;
  DrawnFuture drawn;
};

FutureInputs future_inputs(const Sample& sample, const CounterfactualOptions& options, int length) {
  FutureInputs inputs;
  const PeriodRange range{sample.range.first + options.before, length};
  inputs.expected = {range, sample.regressors.middleRows(options.before, length), sample.events};
  inputs.drawn = {range, {}, shared_events(sample.events)};
  for (Eigen::Index j = 0; j < sample.regressors.cols(); ++j) {
    const std::string& name = sample.regressor_names[static_cast<std::size_t>(j)];
    if (!is_before_only(sample, options, j)) {
      if (inputs.expected.regressors.col(j).array().isNaN().any()) {
        throw InputError(fmt::format("{} has gaps after the event, but must be observed", name));
      }
      inputs.drawn.regressors.emplace_back(inputs.expected.regressors.col(j));
      continue;
    }
    AMNOK_CHECK(options.regressor_model != nullptr, "no model of {}", name);
    const FittedModel own =
        fit_model(*options.regressor_model, sample_of_regressor(sample, j, options.before));
    if (!own.result.usable()) {
      throw InputError(
          fmt::format("{} cannot be carried on past the event: {}", name, own.result.message));
    }
    const Future alone{range, MatrixXd(length, 0), {}};
    inputs.expected.regressors.col(j) = own.model->forecast_mean(own.result, alone);
    inputs.drawn.regressors.push_back(
        transformed_paths(own, {range, {}, {}}, static_cast<std::uint32_t>(j + 1), options));
  }
  return inputs;
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

// Adds up effects over periods, draw by draw.
struct RunningEffect {
  explicit RunningEffect(Eigen::Index draws) : effects(VectorXd::Zero(draws)), without(effects) {}

  // `actual` over the given rows of the horizon.
  void add(double actual, const std::vector<Eigen::Index>& rows, const VectorXd& counterfactual,
           const DrawMatrix& paths) {
    effects.array() += actual;
    estimate += actual;
    for (Eigen::Index h : rows) {
      estimate -= counterfactual(h);
      expected += counterfactual(h);
      effects -= paths.row(h).transpose();
      without += paths.row(h).transpose();
      ++periods;
    }
  }

  double estimate = 0, expected = 0;
  VectorXd effects, without;
  int periods = 0;
};

// The rows of a sum that lies wholly in the horizon and ends in row h; empty: none.
std::vector<Eigen::Index> rows_of(const TemporalSum& sum, const PeriodRange& range,
                                  Eigen::Index h) {
  std::vector<Eigen::Index> rows;
  if (sum.parts.back() != range[h] || sum.parts.front() < range.first) return rows;
  for (const Period& part : sum.parts) rows.push_back(range.index_of(part));
  return rows;
}

void set_summary(const RunningEffect& sum, double level, Counterfactual& c) {
  c.covered = sum.periods;
  if (sum.periods == 0) return;
  c.total = c.cumulative.back();
  c.average = band_of(sum.estimate / sum.periods, sum.effects / sum.periods, level);
  if (sum.expected != 0) {
    c.average_share =
        band_of(sum.estimate / sum.expected, sum.effects.cwiseQuotient(sum.without), level);
  }
  c.p_value = share_beyond_zero(sum.effects);
  constexpr double kPower = 0.8;
  c.smallest_detectable =
      (normal_quantile(0.5 + level / 2) + normal_quantile(kPower)) * c.average.sd;
}

void set_effects(const DrawMatrix& paths, const std::vector<TemporalSum>& sums, double level,
                 Counterfactual& c) {
  const Eigen::Index horizon = c.actual.size();
  RunningEffect sum(paths.cols());
  c.low.resize(horizon);
  c.high.resize(horizon);
  for (Eigen::Index h = 0; h < horizon; ++h) {
    const EffectBand without = band_of(c.counterfactual(h), paths.row(h).transpose(), level);
    c.low(h) = without.low;
    c.high(h) = without.high;
    c.effect.emplace_back();
    if (!std::isnan(c.actual(h))) {
      c.effect.back() = band_of(c.actual(h) - c.counterfactual(h),
                                c.actual(h) - paths.row(h).transpose().array(), level);
      sum.add(c.actual(h), {h}, c.counterfactual, paths);
    }
    for (const TemporalSum& published : sums) {
      const std::vector<Eigen::Index> rows = rows_of(published, c.range, h);
      if (rows.empty()) continue;
      sum.add(published.value, rows, c.counterfactual, paths);
      c.covered_by_sums += static_cast<int>(rows.size());
    }
    c.cumulative.push_back(sum.periods > 0 ? band_of(sum.estimate, sum.effects, level)
                                           : EffectBand{});
  }
  set_summary(sum, level, c);
}

// One-step errors before the event; relative ones leave out periods of zero.
void set_fit_before(const Sample& sample, Counterfactual& c) {
  const FitResult& fit = c.fitted.result;
  const Transform& transform = sample.target.transform;
  double squares = 0, shares = 0;
  int count = 0, relative = 0;
  for (Eigen::Index t = 0; t < fit.residuals.size(); ++t) {
    if (std::isnan(fit.residuals(t))) continue;
    squares += fit.residuals(t) * fit.residuals(t);
    ++count;
    const double actual = transform.inverse(sample.y(t));
    if (std::isnan(actual) || actual == 0) continue;
    shares += std::fabs(1 - transform.inverse(fit.fitted(t)) / actual);
    ++relative;
  }
  if (count > 0) c.rmse_before = std::sqrt(squares / count);
  if (relative > 0) c.mape_before = 100 * shares / relative;
}

Counterfactual over(const Model& model, const Sample& sample, const CounterfactualOptions& options,
                    int length) {
  check_options(sample, options);
  Counterfactual c;
  const FutureInputs inputs = future_inputs(sample, options, length);
  c.range = inputs.expected.range;
  c.fitted = fit_model(model, first_rows(sample, options.before));
  const Transform& transform = sample.target.transform;
  if (options.outcome) {
    c.actual = options.outcome->values.segment(options.before, length);
  } else {
    c.actual = sample.y.segment(options.before, length).unaryExpr([&](double z) {
      return std::isnan(z) ? kMissing : transform.inverse(z);
    });
  }
  if (!c.usable()) return c;
  const Forecast forecast = c.fitted.model->forecast(c.fitted.result, inputs.expected);
  c.expected = forecast.mean;
  c.expected_sd = forecast.variance.cwiseMax(0).cwiseSqrt();
  const DrawMatrix paths =
      transformed_paths(c.fitted, inputs.drawn, 0, options).unaryExpr([&](double z) {
        return transform.inverse(z);
      });
  c.counterfactual = untransformed_mean(transform, forecast.mean, paths);
  set_effects(paths, options.outcome ? options.outcome->sums : sample.sums, options.level, c);
  set_fit_before(sample, c);
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
  CounterfactualOptions at = options;
  if (at.outcome) at.outcome->sums = quiet.sums;
  int reached = 0;
  for (int date = first; date + length <= options.before; date += step) {
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
