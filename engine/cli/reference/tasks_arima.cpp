// ARIMA and intervention models.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/cli/reference/regressor_text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/unit_root_tests.h"
#include "engine/stats/distributions.h"
#include "engine/stats/seasonality.h"
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
  spec.constant = c.flag("include_mean", false) ? ArimaConstant::yes : ArimaConstant::no;
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
  spec.constant = c.flag("include_mean", false) ? ArimaConstant::yes : ArimaConstant::no;
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

namespace {

// "p,q<=3 P,Q<=1 p+q+P+Q<=5": the number behind the last "<=" that follows a name.
void read_limits(const std::string& text, OrderSearch& search) {
  for (std::string_view part : split(text, ' ')) {
    const auto sign = part.find("<=");
    if (sign == std::string_view::npos) continue;
    const auto limit = static_cast<int>(parse_integer(part.substr(sign + 2)).value_or(5));
    const std::string_view names = part.substr(0, sign);
    if (names.find('+') != std::string_view::npos) {
      search.max_order = limit;
    } else if (names.find('p') != std::string_view::npos) {
      search.max_p = search.max_q = limit;
    } else {
      search.max_seasonal_p = search.max_seasonal_q = limit;
    }
  }
}

std::vector<int> lags(const ArimaOrder& o) {
  return {o.p, o.d, o.q};
}
std::vector<int> seasonal_lags(const ArimaOrder& o) {
  return {o.seasonal_p, o.seasonal_d, o.seasonal_q};
}

const Expectation* expected_of(const ReferenceCase& c, const std::string& name) {
  const auto found = std::find_if(c.expected.begin(), c.expected.end(),
                                  [&](const Expectation& e) { return e.name == name; });
  return found == c.expected.end() ? nullptr : &*found;
}

// Another order counts when it has the same differences and constant rule and an AICc that is no
// worse: the choice is discrete, and a better optimum is not an error.
void report_choice(const ReferenceCase& c, const std::string& suffix, const FitResult& fit,
                   const ArimaSpec& spec, Quantities& q) {
  const auto name = [&](const char* what) { return what + suffix; };
  const bool constant =
      fit.parameters.index_of("intercept") >= 0 || fit.parameters.index_of("drift") >= 0;
  q[name("order")] = lags(spec.order);
  q[name("seasonal")] = seasonal_lags(spec.order);
  q[name("constant")] = constant;
  q[name("aicc")] = fit.aicc;
  const Expectation* order = expected_of(c, name("order"));
  const Expectation* seasonal = expected_of(c, name("seasonal"));
  const Expectation* aicc = expected_of(c, name("aicc"));
  if (order == nullptr || seasonal == nullptr || aicc == nullptr) return;
  const bool same_differences = order->value.numbers.at(1) == spec.order.d &&
                                seasonal->value.numbers.at(1) == spec.order.seasonal_d;
  const bool no_worse = fit.aicc <= aicc->value.numbers.at(0) + aicc->atol;
  if (!same_differences || !no_worse) return;
  for (const char* what : {"order", "seasonal", "constant"}) {
    Quantity& ours = q[name(what)];
    ours.alternative =
        fmt::format("{}{} with AICc {:.3f}, no worse than {:.3f}", order_text(spec.order),
                    constant ? " with constant" : "", fit.aicc, aicc->value.numbers.at(0));
  }
}

bool same_choice(const ReferenceCase& c, const Quantities& q, const std::string& suffix) {
  for (const char* what : {"order", "seasonal", "constant"}) {
    const Expectation* expected = expected_of(c, what + suffix);
    if (expected == nullptr) continue;
    const Quantity& ours = q.at(what + suffix);
    if (ours.numbers != expected->value.numbers || ours.flag != expected->value.flag) return false;
  }
  return true;
}

// Where the choice differs, forecasts are compared at the case's own order.
FittedModel fit_expected_order(const ReferenceCase& c, const Sample& sample) {
  const Expectation* order = expected_of(c, "order_stepwise");
  const Expectation* seasonal = expected_of(c, "seasonal_stepwise");
  const Expectation* constant = expected_of(c, "constant_stepwise");
  ArimaSpec spec;
  const auto lag = [](const Expectation* e, std::size_t i) {
    return e == nullptr ? 0 : static_cast<int>(e->value.numbers.at(i));
  };
  spec.order = {lag(order, 0),    lag(order, 1),    lag(order, 2), lag(seasonal, 0),
                lag(seasonal, 1), lag(seasonal, 2), sample.season};
  spec.constant =
      constant != nullptr && constant->value.flag ? ArimaConstant::yes : ArimaConstant::no;
  return fit_model(*make_arima(spec), sample);
}

void report_choice_forecast(const ReferenceCase& c, const Sample& sample, const FittedModel& fitted,
                            Quantities& q) {
  const Expectation* means = expected_of(c, "fc_mean_stepwise");
  const auto horizon = means == nullptr ? 0 : std::ssize(means->value.numbers);
  const Future future{{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}};
  FitResult with_df = fitted.result;  // the cases' bands divide by nobs less coefficients
  with_df.sigma2 = fitted.result.sigma2_df;
  Quantities forecast;
  report_forecast(fitted.model->forecast(with_df, future), forecast);
  for (const auto& [name, value] : forecast) q[name + "_stepwise"] = value;
}

}  // namespace

Quantities run_auto_arima(const ReferenceCase& c) {
  const Sample sample = sample_of(c);
  Quantities q;
  ArimaSpec spec;
  spec.order.period = sample.season;
  spec.search = OrderSearch{};
  const FittedModel stepwise = fit_model(*make_arima(spec), sample);
  require_fit(stepwise.result);
  const ArimaSpec& chosen = dynamic_cast<const BoundArima&>(*stepwise.model).spec();
  report_choice(c, "_stepwise", stepwise.result, chosen, q);
  q["ndiffs_kpss"] = number_of_differences(sample.y);
  q["nsdiffs_seas"] = seasonal_differences_by_strength(sample.y, sample.season);
  report_choice_forecast(
      c, sample, same_choice(c, q, "_stepwise") ? stepwise : fit_expected_order(c, sample), q);
  spec.search->method = OrderSearch::Method::exhaustive;
  read_limits(c.text("exhaustive_limits"), *spec.search);
  const FittedModel exhaustive = fit_model(*make_arima(spec), sample);
  require_fit(exhaustive.result);
  report_choice(c, "_exhaustive", exhaustive.result,
                dynamic_cast<const BoundArima&>(*exhaustive.model).spec(), q);
  return q;
}

}  // namespace amnok
