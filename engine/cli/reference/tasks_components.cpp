// Unobserved components, R's StructTS, and counterfactuals.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/evaluation/counterfactual.h"
#include "models/unobserved_components/unobserved_components.h"

namespace amnok {

namespace {

struct LevelForm {
  const char *name, *short_name;
  bool irregular, level_moves, slope, slope_moves;
};

// The names of statsmodels' UnobservedComponents, the longer ones first.
constexpr LevelForm kLevelForms[] = {
    {"local linear deterministic trend", "lldtrend", true, true, true, false},
    {"random walk with drift", "rwdrift", false, true, true, false},
    {"deterministic constant", "dconstant", true, false, false, false},
    {"local linear trend", "lltrend", true, true, true, true},
    {"deterministic trend", "dtrend", true, false, true, false},
    {"fixed intercept", "fixed intercept", false, false, false, false},
    {"smooth trend", "strend", true, false, true, true},
    {"random trend", "rtrend", false, false, true, true},
    {"local level", "llevel", true, true, false, false},
    {"random walk", "rwalk", false, true, false, false}};

void set_level(const std::string& text, UcmSpec& spec) {
  for (const LevelForm& form : kLevelForms) {
    if (text.find(form.name) == std::string::npos &&
        text.find(form.short_name) == std::string::npos) {
      continue;
    }
    spec.irregular = form.irregular;
    spec.level_moves = form.level_moves;
    spec.slope = form.slope;
    spec.slope_moves = form.slope_moves;
    return;
  }
  throw InputError(fmt::format("the level is `{}`, but must be one that statsmodels names", text));
}

bool flag_of(const ConfigValue& table, std::string_view key, bool fallback) {
  const ConfigValue* value = table.find(key);
  return value != nullptr && value->is(ConfigValue::Kind::boolean) ? value->boolean() : fallback;
}

double number_of(const ConfigValue& table, std::string_view key, double fallback) {
  const ConfigValue* value = table.find(key);
  return value != nullptr && value->is_number() ? value->number() : fallback;
}

// The keyword arguments of UnobservedComponents.
UcmSpec spec_of(const ConfigValue& model, int n) {
  UcmSpec spec;
  const ConfigValue* level = model.find("level");
  if (level == nullptr) level = model.find("trend");
  set_level(level != nullptr && level->is(ConfigValue::Kind::string) ? level->string()
                                                                     : std::string("local level"),
            spec);
  spec.irregular = flag_of(model, "irregular", spec.irregular);
  spec.period = static_cast<int>(number_of(model, "seasonal", 0));
  if (spec.period > 1) spec.seasonal = UcmSpec::Seasonal::dummy;
  spec.seasonal_moves = flag_of(model, "stochastic_seasonal", true);
  const ConfigValue* harmonic = model.find("freq_seasonal");
  if (harmonic != nullptr && harmonic->is(ConfigValue::Kind::array) && !harmonic->items().empty()) {
    harmonic = &harmonic->items().front();
  }
  if (harmonic != nullptr && harmonic->is(ConfigValue::Kind::table)) {
    spec.seasonal = UcmSpec::Seasonal::trigonometric;
    spec.period = static_cast<int>(number_of(*harmonic, "period", 0));
    spec.harmonics = static_cast<int>(number_of(*harmonic, "harmonics", 0));
    spec.seasonal_moves = flag_of(model, "stochastic_freq_seasonal", true);
  }
  spec.cycle = flag_of(model, "cycle", false);
  spec.cycle_moves = flag_of(model, "stochastic_cycle", false);
  spec.cycle_damped = flag_of(model, "damped_cycle", false);
  const ConfigValue* bounds = model.find("cycle_period_bounds");
  spec.longest_cycle = n;
  if (bounds != nullptr && bounds->is(ConfigValue::Kind::array) && bounds->items().size() == 2) {
    spec.shortest_cycle = bounds->items()[0].number();
    if (bounds->items()[1].is_number()) spec.longest_cycle = bounds->items()[1].number();
  }
  return spec;
}

Sample sample_of(const ReferenceCase& c, const std::vector<std::string>& regressors,
                 int season = 1) {
  const DataTable& table = c.data.at(0);
  Sample sample;
  sample.y = table.column(c.column);
  const std::string transform = c.text("transform");
  for (double& y : sample.y) {
    if (transform == "log") y = std::log(y);
    if (transform == "log10") y = std::log10(y);
    if (transform == "sqrt") y = std::sqrt(y);
  }
  for (double row : c.numbers("missing_rows_0based")) {
    sample.y(static_cast<Eigen::Index>(row)) = kMissing;
  }
  sample.range = {{Frequency::undated, 1}, sample.y.size()};
  sample.season = season;
  sample.target = {c.column, {}};
  sample.regressor_names = regressors;
  sample.regressors.resize(sample.n(), static_cast<Eigen::Index>(regressors.size()));
  for (std::size_t j = 0; j < regressors.size(); ++j) {
    sample.regressors.col(static_cast<Eigen::Index>(j)) = table.column(regressors[j]);
  }
  return sample;
}

// The diffuse likelihood with a constant 2 pi for every observation, used up or not.
double likelihood_with_constants(const FittedModel& fitted) {
  return fitted.result.log_likelihood -
         0.5 * std::log(2 * std::numbers::pi) * diffuse_observations(*fitted.model, fitted.result);
}

void report_parameters(const FitResult& fit, const Sample& sample, Quantities& q) {
  for (int j = 0; j < fit.parameters.size(); ++j) {
    const std::string& name = fit.parameters.names()[static_cast<std::size_t>(j)];
    const double value = fit.parameters.values()(j);
    const auto& regressors = sample.regressor_names;
    if (std::find(regressors.begin(), regressors.end(), name) != regressors.end()) {
      q["par.beta." + name] = value;
      q["se.beta." + name] = fit.standard_error(j);
    } else if (name == "cycle.period") {
      q["par.frequency.cycle"] = 2 * std::numbers::pi / value;
    } else if (name == "cycle.damping") {
      q["par.damping.cycle"] = value;
    } else {
      q["par.sigma2." + std::string(name == "slope" ? "trend" : name)] = value * value;
    }
  }
}

// Row numbers, from 1, that a case asks for; they are a part of its layout, not of its answer.
std::vector<double> rows_asked(const ReferenceCase& c, const std::string& name) {
  for (const Expectation& e : c.expected) {
    if (e.name == name) return e.value.numbers;
  }
  return {};
}

void report_component(const ReferenceCase& c, const SmoothedComponent& part,
                      const std::string& name, Quantities& q) {
  const std::vector<double> rows = rows_asked(c, "smoothed_" + name + "_rows1based");
  if (rows.empty()) {
    q["smoothed_" + name] = part.mean;
    q["smoothed_" + name + "_var"] = part.variance;
    return;
  }
  std::vector<double> mean, variance;
  for (double row : rows) {
    const auto at = static_cast<Eigen::Index>(row) - 1;
    if (at < 0 || at >= part.mean.size()) return;
    mean.push_back(part.mean(at));
    variance.push_back(part.variance(at));
  }
  q["smoothed_" + name + "_rows1based"] = rows;
  q["smoothed_" + name] = mean;
  q["smoothed_" + name + "_var"] = variance;
}

// A level that is observed exactly has the variance zero; another program's optimiser stops at a
// variance that is as good as zero, which a relative tolerance tells from it.
void accept_exact_zero(const FitResult& fit, Quantities& q) {
  const int irregular = fit.parameters.index_of("irregular");
  const auto variance = q.find("smoothed_level_var");
  if (irregular < 0 || variance == q.end() || fit.parameters.values()(irregular) != 0) return;
  const auto& numbers = variance->second.numbers;
  const double largest = *std::max_element(numbers.begin(), numbers.end());
  if (largest < 1e-9 * fit.sigma2) {
    variance->second.alternative = "the irregular variance is zero: the level is observed";
  }
}

}  // namespace

Quantities run_ucm_ml(const ReferenceCase& c) {
  const ConfigValue* model = c.spec.find("model");
  if (model == nullptr) throw InputError("the spec has no `model`");
  const Sample sample = sample_of(c, c.texts("regressors"));
  const FittedModel fitted =
      fit_model(*make_unobserved_components(spec_of(*model, sample.n())), sample);
  const FitResult& fit = fitted.result;
  Quantities q;
  q["loglik_exact_diffuse"] = likelihood_with_constants(fitted);
  report_parameters(fit, sample, q);
  for (const SmoothedComponent& part : smoothed_components(*fitted.model, fit).parts) {
    report_component(c, part, part.name == "slope" ? "trend" : part.name, q);
  }
  accept_exact_zero(fit, q);
  q["nobs"] = sample.n() - fit.missing - fit.dropped;
  if (sample.regressors.cols() == 0) {
    const int horizon = c.integer("h", c.integer("horizon", 12));
    const Forecast forecast = fitted.model->forecast(
        fit, {{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}});
    q["fc_mean"] = forecast.mean;
    q["fc_se"] = VectorXd(forecast.variance.cwiseSqrt());
  }
  return q;
}

Quantities run_structts_r(const ReferenceCase& c) {
  const std::string type = c.text("type");
  UcmSpec spec;
  spec.start = UcmSpec::Start::structts;
  spec.slope = type != "level";
  if (type == "BSM") {
    spec.seasonal = UcmSpec::Seasonal::dummy;
    const std::vector<std::string> dates = c.data.at(0).texts("date");
    int fallback = 4;
    if (dates.size() > 1) {
      // Months between the first two dates.
      const auto month = [](const std::string& d) {
        return 12 * *parse_integer(d.substr(0, 4)) + *parse_integer(d.substr(5, 2));
      };
      fallback = static_cast<int>(
          12 / std::max<long>(1, static_cast<long>(month(dates[1]) - month(dates[0]))));
    }
    spec.period = c.integer("frequency", c.integer("period", fallback));
  }
  const Sample sample = sample_of(c, {});
  const FittedModel fitted = fit_model(*make_unobserved_components(spec), sample);
  Quantities q;
  for (const auto& [ours, theirs] :
       {std::pair{"level", "level"}, std::pair{"slope", "slope"}, std::pair{"seasonal", "seas"},
        std::pair{"irregular", "epsilon"}}) {
    const int j = fitted.result.parameters.index_of(ours);
    if (j >= 0) q[theirs] = std::pow(fitted.result.parameters.values()(j), 2);
  }
  q["loglik"] = fitted.result.log_likelihood;
  const SmoothedComponents smoothed = smoothed_components(*fitted.model, fitted.result);
  std::vector<double> every5;
  for (Eigen::Index t = 0; t < sample.n(); t += 5) every5.push_back(smoothed.parts[0].mean(t));
  q["smoothed_level_every5"] = every5;
  for (int horizon : {1, 4, 6, 8, 10, 12, 24}) {
    const Forecast forecast = fitted.model->forecast(
        fitted.result, {{sample.range.first + sample.n(), horizon}, MatrixXd(horizon, 0), {}});
    q[fmt::format("fc{}", horizon)] = forecast.mean;
    q[fmt::format("fc{}_se", horizon)] = VectorXd(forecast.variance.cwiseSqrt());
  }
  return q;
}

// "local level + regression on x1, x2 fitted on t<=T0": the level's form and columns of the data.
Quantities run_counterfactual_ucm(const ReferenceCase& c) {
  const std::string text = c.text("model");
  UcmSpec spec;
  set_level(text, spec);
  spec.period = c.integer("seasonal", 0);
  if (spec.period > 1) spec.seasonal = UcmSpec::Seasonal::dummy;
  std::vector<std::string> controls;
  for (const std::string& name : c.data.at(0).value_columns()) {
    if (name == c.column) continue;
    // As a word of the text.
    for (auto at = text.find(name); at != std::string::npos; at = text.find(name, at + 1)) {
      const auto inside = [&](std::size_t i) {
        return i < text.size() &&
               (std::isalnum(static_cast<unsigned char>(text[i])) || text[i] == '_');
      };
      if ((at > 0 && inside(at - 1)) || inside(at + name.size())) continue;
      controls.push_back(name);
      break;
    }
  }
  const Sample sample = sample_of(c, controls);
  CounterfactualOptions options;
  options.before = c.integer("T0", 0);
  const Counterfactual result = counterfactual(*make_unobserved_components(spec), sample, options);
  Quantities q;
  report_parameters(result.fitted.result, sample, q);
  q["loglik_exact_diffuse"] = likelihood_with_constants(result.fitted);
  q["counterfactual"] = result.counterfactual;
  q["counterfactual_se"] = result.expected_sd;
  std::vector<double> effect;
  for (const EffectBand& band : result.effect) effect.push_back(band.estimate);
  q["point_effect"] = effect;
  q["average_effect"] = result.average.estimate;
  q["cumulative_effect"] = result.total.estimate;
  return q;
}

}  // namespace amnok
