#include "models/arima/arima_interventions.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/stats/distributions.h"

namespace amnok {

namespace {

const std::vector<int> kLags = {12, 24, 36};

// S(m) and S'(m); with a ramp sum_l (m + 1 - l) delta^l and its derivative.
struct PowerSum {
  double value = 0, slope = 0;
};
PowerSum power_sum(double delta, int m, bool ramp) {
  PowerSum sum;
  double power = 1, derivative = 0;  // delta^l and l delta^(l-1)
  for (int l = 0; l <= m; ++l) {
    const double weight = ramp ? m + 1 - l : 1;
    sum.value += weight * power;
    sum.slope += weight * derivative;
    derivative = derivative * delta + power;
    power *= delta;
  }
  return sum;
}

IntervalEstimate with_interval(double value, const VectorXd& gradient, const MatrixXd& covariance) {
  IntervalEstimate result{value, kMissing, kMissing};
  if (covariance.size() == 0) return result;
  const double variance = gradient.dot(covariance * gradient);
  if (!(variance > 0)) return result;
  const double half = normal_quantile(0.975) * std::sqrt(variance);
  result.low = value - half;
  result.high = value + half;
  return result;
}

IntervalEstimate half_life_of(double delta, double variance) {
  const auto life = [](double d) {
    if (d <= 0) return 0.0;
    return d < 1 ? std::log(0.5) / std::log(d) : kMissing;
  };
  IntervalEstimate result;
  if (!(delta > 0 && delta < 1)) return result;
  result.value = life(delta);
  if (!(variance > 0)) return result;
  const double half = normal_quantile(0.975) * std::sqrt(variance);
  result.low = life(delta - half);
  result.high = life(delta + half);
  return result;
}

IntervalEstimate in_per_cent(const IntervalEstimate& x) {
  const auto pct = [](double v) { return 100 * std::expm1(v); };
  return {pct(x.value), pct(x.low), pct(x.high)};
}

// What adds up the effects of several periods.
bool is_pulse(EventShape shape) {
  return shape == EventShape::pulse || shape == EventShape::decay;
}

struct NamedTransfer {
  std::string event, shape;
  TransferSummary summary;
  bool sums = false;  // long_run_gain and after are sums of effects
};

NamedTransfer summarise(const ArimaSpec& spec, const TransferInput& input, std::size_t index,
                        const FitResult& fit) {
  NamedTransfer named;
  named.event = input.name;
  bool ramp = false;
  if (index < spec.inputs.size()) {
    named.shape = "series";
  } else {
    const Intervention& intervention = spec.interventions[index - spec.inputs.size()];
    const EventShape shape = intervention.shape;
    named.event = intervention.event;
    named.shape = shape_name(shape);
    named.sums = is_pulse(shape);
    ramp = shape == EventShape::ramp;
  }
  std::vector<int> where;
  VectorXd omega(input.numerator + 1);
  for (int j = 0; j <= input.numerator; ++j) {
    where.push_back(fit.parameters.index_of(input.coefficient(j)));
    omega(j) = fit.parameters.values()(where.back());
  }
  double delta = 0;
  if (input.denominator > 0) {
    where.push_back(fit.parameters.index_of(input.name + ".delta1"));
    delta = fit.parameters.values()(where.back());
  }
  const MatrixXd covariance =
      fit.covariance.size() > 0 ? MatrixXd(fit.covariance(where, where)) : MatrixXd();
  named.summary = summarise_transfer(input, ramp, omega, delta, covariance, kLags);
  return named;
}

// One row a quantity; the last three cells, of a log target, in per cent.
void add_rows(const NamedTransfer& named, bool log, ResultTable& table) {
  const auto add = [&](const std::string& quantity, const IntervalEstimate& x, bool has_per_cent) {
    if (std::isnan(x.value)) return;
    std::vector<ResultTable::Cell> row = {named.event, named.shape, quantity,
                                          x.value,     x.low,       x.high};
    const IntervalEstimate pct = has_per_cent ? in_per_cent(x) : IntervalEstimate{};
    if (log) row.insert(row.end(), {pct.value, pct.low, pct.high});
    table.rows.push_back(std::move(row));
  };
  add("immediate", named.summary.immediate, true);
  add("long_run_gain", named.summary.long_run_gain, !named.sums);
  add("half_life", named.summary.half_life, false);
  for (std::size_t i = 0; i < kLags.size(); ++i) {
    add(fmt::format("after_{}", kLags[i]), named.summary.after[i], !named.sums);
  }
}

}  // namespace

TransferSummary summarise_transfer(const TransferInput& input, bool ramp, const VectorXd& omega,
                                   double delta, const MatrixXd& covariance,
                                   const std::vector<int>& lags) {
  const Eigen::Index count = omega.size(), k = count + (input.denominator > 0 ? 1 : 0);
  TransferSummary summary;
  summary.immediate = with_interval(omega(0), VectorXd::Unit(k, 0), covariance);
  VectorXd gradient = VectorXd::Constant(k, 1 / (1 - delta));
  const double gain = omega.sum() / (1 - delta);
  if (input.denominator > 0) {
    gradient(count) = gain / (1 - delta);
    summary.half_life = half_life_of(delta, covariance.size() > 0 ? covariance(count, count) : 0.0);
  }
  summary.long_run_gain = with_interval(gain, gradient, covariance);
  for (int lag : lags) {
    double response = 0;
    gradient.setZero();
    for (int i = 0; i < count; ++i) {
      const PowerSum sum = power_sum(delta, lag - input.delay - i, ramp);
      gradient(i) = sum.value;
      if (input.denominator > 0) gradient(count) += omega(i) * sum.slope;
      response += omega(i) * sum.value;
    }
    summary.after.push_back(with_interval(response, gradient, covariance));
  }
  return summary;
}

void report_interventions(const ArimaSpec& spec, const ArimaData& data, const Sample& sample,
                          FitResult& fit) {
  const std::size_t count = spec.inputs.size() + spec.interventions.size();
  if (count == 0) return;
  const bool log = sample.target.transform.is_logarithm();
  ResultTable table{"interventions",
                    "What the interventions amount to",
                    {"event", "shape", "quantity", "estimate", "low", "high"},
                    {}};
  if (log) table.columns.insert(table.columns.end(), {"per_cent", "per_cent_low", "per_cent_high"});
  for (std::size_t i = 0; i < count; ++i) {
    if (data.inputs[i].outlier) continue;  // one that an order search carries along
    add_rows(summarise(spec, data.inputs[i], i, fit), log, table);
  }
  fit.tables.push_back(std::move(table));
}

}  // namespace amnok
