// Exponential smoothing and the theta method.
#include <fmt/format.h>

#include <cmath>
#include <numbers>

#include "engine/cli/reference/tasks.h"
#include "engine/stats/distributions.h"
#include "models/ets/ets.h"
#include "models/theta/theta.h"

namespace amnok {

namespace {

Sample sample_of(const ReferenceCase& c) {
  Sample sample;
  sample.y = c.data.at(0).column(c.column);
  sample.range = {{Frequency::undated, 1}, sample.y.size()};
  sample.season = std::max(1, c.integer("period", 1));
  sample.target = {"y", {}};
  sample.regressors.resize(sample.y.size(), 0);
  return sample;
}

void report_band(const VectorXd& mean, const VectorXd& sd, Quantities& q) {
  q["fc_mean"] = mean;
  const auto band = [&](const char* name, double z) { q[name] = VectorXd(mean + z * sd); };
  band("lo80", normal_quantile(0.1));
  band("hi80", normal_quantile(0.9));
  band("lo95", normal_quantile(0.025));
  band("hi95", normal_quantile(0.975));
}

const Expectation* expected_of(const ReferenceCase& c, const std::string& name) {
  for (const Expectation& e : c.expected) {
    if (e.name == name) return &e;
  }
  return nullptr;
}

// Smoothing likelihoods are flat and the cases' optimiser stops early. Where ours reaches a clearly
// better AICc, another form or other parameters are as right as the expected ones.
void accept_better_optimum(const ReferenceCase& c, Quantities& q) {
  constexpr double kClearly = 0.05;
  const Expectation* aicc = expected_of(c, "aicc");
  if (aicc == nullptr || q["aicc"].numbers.empty()) return;
  const double ours = q["aicc"].numbers[0], theirs = aicc->value.numbers.at(0);
  if (ours > theirs - kClearly) return;
  for (auto& [name, quantity] : q) {
    if (name == "loglik" || name == "aic" || name == "aicc" || name == "bic") continue;
    quantity.alternative =
        fmt::format("at {} with AICc {:.3f}, better than {:.3f}", q["method"].text, ours, theirs);
  }
}

}  // namespace

Quantities run_ets_select(const ReferenceCase& c) {
  const Sample sample = sample_of(c);
  EtsSpec spec;
  const std::string model = c.text("model");
  if (!model.empty() && model.find('Z') == std::string::npos) spec.form = model;
  const FittedModel fitted = fit_model(*make_ets(spec), sample);
  const FitResult& fit = fitted.result;
  if (!fit.usable()) throw InputError("the fit " + fit.message);
  const EtsForm& form = dynamic_cast<const BoundEts&>(*fitted.model).likelihood().form();
  Quantities q;
  q["method"] = form_text(form);
  const double n = fit.nobs;
  // The cases leave the constant n / 2 (log(2 pi / n) + 1) out.
  const double constant = 0.5 * n * (std::log(2 * std::numbers::pi / n) + 1);
  q["loglik"] = fit.log_likelihood + constant;
  q["aic"] = fit.aic - 2 * constant;
  q["aicc"] = fit.aicc - 2 * constant;
  q["bic"] = fit.bic - 2 * constant;
  q["sigma2"] = fit.sigma2_df;
  q["phi"] = 1;  // not damped
  for (const char* name : {"alpha", "beta", "gamma", "phi"}) {
    const int index = fit.parameters.index_of(name);
    if (index >= 0) q[name] = fit.parameters.values()(index);
  }
  const int horizon = c.integer("horizon", 0);
  FitResult with_df = fit;  // the cases' bands use the variance over degrees of freedom
  with_df.sigma2 = fit.sigma2_df;
  const Future future{{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}};
  const Forecast forecast = fitted.model->forecast(with_df, future);
  report_band(forecast.mean, forecast.variance.cwiseSqrt(), q);
  accept_better_optimum(c, q);
  return q;
}

Quantities run_theta(const ReferenceCase& c) {
  const Sample sample = sample_of(c);
  const FittedModel fitted = fit_model(*make_theta({}), sample);
  if (!fitted.result.usable()) throw InputError("the fit " + fitted.result.message);
  const int horizon = c.integer("horizon", 0);
  const Future future{{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}};
  const VectorXd mean = fitted.model->forecast(fitted.result, future).mean;
  // The cases' bands have the width of the adjusted series, not scaled by the season (ours are).
  const double alpha = fitted.result.parameters.values()(0);
  VectorXd sd(horizon);
  for (int h = 0; h < horizon; ++h)
    sd(h) = std::sqrt(fitted.result.sigma2_df * (1 + h * alpha * alpha));
  Quantities q;
  report_band(mean, sd, q);
  q["alpha"] = alpha;
  return q;
}

}  // namespace amnok
