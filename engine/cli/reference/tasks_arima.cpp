// ARIMA and intervention models.
#include <fmt/format.h>

#include <cmath>

#include "engine/base/text.h"
#include "engine/cli/reference/regressor_text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/stats/distributions.h"
#include "models/arima/arima.h"

namespace amnok {

namespace {

VectorXd transformed(const VectorXd& y, const std::string& transform) {
  if (transform == "log") return y.array().log();
  if (transform == "log10") return y.array().log10();
  if (transform == "sqrt") return y.array().sqrt();
  return y;
}

ArimaOrder order_of(const ReferenceCase& c) {
  const std::vector<double> order = c.numbers("order"), seasonal = c.numbers("seasonal");
  ArimaOrder o;
  o.p = static_cast<int>(order.at(0));
  o.d = static_cast<int>(order.at(1));
  o.q = static_cast<int>(order.at(2));
  if (seasonal.size() == 3) {
    o.seasonal_p = static_cast<int>(seasonal[0]);
    o.seasonal_d = static_cast<int>(seasonal[1]);
    o.seasonal_q = static_cast<int>(seasonal[2]);
  }
  o.period = std::max(1, c.integer("period", 1));
  return o;
}

Sample sample_of(const ReferenceCase& c) {
  Sample sample;
  const DataTable& data = c.data.at(0);
  sample.y = transformed(data.column(c.column), c.text("transform"));
  sample.range = {{Frequency::undated, 1}, sample.y.size()};
  sample.season = std::max(1, c.integer("period", 1));
  sample.target = {"y", {}};
  sample.regressors.resize(sample.y.size(), 0);
  return sample;
}

void add_regressor(Sample& sample, const std::string& name, const VectorXd& values) {
  sample.regressor_names.push_back(name);
  sample.regressors.conservativeResize(Eigen::NoChange, sample.regressors.cols() + 1);
  sample.regressors.rightCols(1) = values;
}

void report_fit(const FitResult& fit, Quantities& q) {
  for (const Coefficient& c : coefficient_table(fit)) {
    q["coef." + c.name] = c.estimate;
    q["se." + c.name] = c.std_error;
  }
  q["loglik"] = fit.log_likelihood;
  q["loglik_exact"] = fit.log_likelihood;
  q["sigma2_ml"] = fit.sigma2;
  q["sigma2_dfadj"] = fit.sigma2_df;
  q["nobs_used"] = fit.nobs;
  q["n_par_incl_sigma2"] = fit.parameters.size() + 1;
  q["aic"] = fit.aic;
  q["aicc"] = fit.aicc;
  q["bic"] = fit.bic;
}

void report_forecast(const Forecast& forecast, Quantities& q) {
  const VectorXd se = forecast.variance.cwiseSqrt();
  q["fc_mean"] = forecast.mean;
  q["fc_se"] = se;
  const auto band = [&](const char* name, double z) { q[name] = VectorXd(forecast.mean + z * se); };
  band("lo80", normal_quantile(0.1));
  band("hi80", normal_quantile(0.9));
  band("lo95", normal_quantile(0.025));
  band("hi95", normal_quantile(0.975));
}

void require_fit(const FitResult& fit) {
  if (!fit.usable()) throw InputError("the fit " + fit.message);
}

// "(omega0 + omega1 B)/(1 - delta B) B^2" in the ways cases write it.
TransferInput input_of(const ConfigValue& spec, const DataTable& data) {
  TransferInput input;
  input.name = spec.find("column")->string();
  input.values = data.column(input.name);
  const std::string form = spec.find("form") != nullptr ? spec.find("form")->string() : "omega";
  const std::string numerator = form.substr(0, form.find('/'));
  input.denominator = form.find("delta") != std::string::npos ? 1 : 0;
  for (std::size_t at = numerator.find("omega"); at != std::string::npos;
       at = numerator.find("omega", at + 1)) {
    ++input.numerator;
  }
  input.numerator = std::max(0, input.numerator - 1);
  // A dead time: "omega B^2".
  const auto power = form.rfind("B^");
  if (input.numerator == 0 && power != std::string::npos &&
      form.find("delta", power) == std::string::npos) {
    input.delay =
        static_cast<int>(parse_integer(trim(std::string_view(form).substr(power + 2))).value_or(0));
  }
  return input;
}

}  // namespace

Quantities run_arima_ml(const ReferenceCase& c) {
  Sample sample = sample_of(c);
  ArimaSpec spec;
  spec.order = order_of(c);
  spec.constant =
      c.flag("include_mean", false) ? ArimaSpec::Constant::yes : ArimaSpec::Constant::no;
  const int horizon = c.integer("horizon", 0);
  Future future{{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}};
  const std::string description = c.text("xreg");
  if (c.data.size() > 1) {
    const DataTable& ahead = c.data[1];
    for (const std::string& name : ahead.value_columns()) {
      add_regressor(sample, name, described_regressor(name, description, c.data[0]));
    }
    future.regressors.resize(horizon, sample.regressors.cols());
    for (Eigen::Index j = 0; j < sample.regressors.cols(); ++j) {
      future.regressors.col(j) =
          ahead.column(sample.regressor_names[static_cast<std::size_t>(j)]).head(horizon);
    }
  }
  const auto model = make_arima(spec);
  const FittedModel fitted = fit_model(*model, sample);
  require_fit(fitted.result);
  Quantities q;
  report_fit(fitted.result, q);
  if (horizon > 0) report_forecast(fitted.model->forecast(fitted.result, future), q);
  return q;
}

Quantities run_intervention(const ReferenceCase& c) {
  Sample sample = sample_of(c);
  const DataTable& data = c.data.at(0);
  ArimaSpec spec;
  spec.order = order_of(c);
  spec.constant =
      c.flag("include_mean", false) ? ArimaSpec::Constant::yes : ArimaSpec::Constant::no;
  for (const std::string& name : c.texts("fixed_regressors")) {
    add_regressor(sample, name, data.column(name));
  }
  if (const ConfigValue* inputs = c.spec.find("inputs")) {
    for (const ConfigValue& input : inputs->items()) spec.inputs.push_back(input_of(input, data));
  }
  const auto model = make_arima(spec);
  const FittedModel fitted = fit_model(*model, sample);
  require_fit(fitted.result);
  const FitResult& fit = fitted.result;
  const auto& arima = dynamic_cast<const BoundArima&>(*fitted.model);
  Quantities q;
  report_fit(fit, q);
  VectorXd path = VectorXd::Zero(sample.n());
  for (std::size_t i = 0; i < spec.inputs.size(); ++i) {
    const TransferInput& input = spec.inputs[i];
    path += arima.input_effect(fit, i);
    double gain = 0;
    for (int j = 0; j <= input.numerator; ++j) {
      const std::string ours = fmt::format("{}.omega{}", input.name, j);
      const std::string name = j == 0 ? input.name : fmt::format("{}.{}", input.name, j);
      gain += fit.parameters.values()(fit.parameters.index_of(ours));
      q["coef." + name] = q["coef." + ours];
      q["se." + name] = q["se." + ours];
    }
    if (input.denominator > 0) {
      const std::string ours = input.name + ".delta1";
      q["coef.delta." + input.name] = q["coef." + ours];
      q["se.delta." + input.name] = q["se." + ours];
      q["long_run_gain"] = gain / (1 - fit.parameters.values()(fit.parameters.index_of(ours)));
    }
  }
  q["effect_path"] = path;
  return q;
}

}  // namespace amnok
