// Decompositions, the Box-Cox parameter, and the Holt-Winters recursion.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/stats/box_cox.h"
#include "engine/stats/holt_winters.h"
#include "engine/stats/stl.h"

namespace amnok {

namespace {

VectorXd series_of(const ReferenceCase& c) {
  return c.data.at(0).column(c.column);
}

// The arguments of a call as R writes them: "s.window='periodic', robust=FALSE".
std::map<std::string, std::string> r_arguments(const std::string& text) {
  std::map<std::string, std::string> arguments;
  for (std::string_view part : split(text, ',')) {
    const auto equals = part.find('=');
    if (equals == std::string_view::npos) {
      throw InputError(fmt::format("`{}` is not name=value in the arguments {}", part, text));
    }
    std::string_view value = trim(part.substr(equals + 1));
    if (value.size() >= 2 && (value.front() == '\'' || value.front() == '"')) {
      value = value.substr(1, value.size() - 2);
    }
    arguments[std::string(trim(part.substr(0, equals)))] = std::string(value);
  }
  return arguments;
}

int integer_argument(const std::string& name, const std::string& value) {
  const auto number =
      parse_double(value.ends_with('L') ? value.substr(0, value.size() - 1) : value);
  if (!number) throw InputError(fmt::format("{} is {}, but must be a number", name, value));
  return static_cast<int>(std::lround(*number));
}

// R's defaults, then the arguments of the variant; a window brings its own jump.
StlOptions stl_options(int n, int period, const std::string& text) {
  std::map<std::string, std::string> arguments = r_arguments(text);
  const auto take = [&](const char* name, int fallback) {
    const auto node = arguments.extract(name);
    return node.empty() ? fallback : integer_argument(name, node.mapped());
  };
  const std::string robust = arguments["robust"], seasonal = arguments["s.window"];
  arguments.erase("robust");
  arguments.erase("s.window");
  // R takes an abbreviation of "periodic" too.
  const bool periodic = !seasonal.empty() && starts_with("periodic", seasonal);
  StlOptions options = r_stl_options(
      n, period, periodic ? std::nullopt : std::optional(integer_argument("s.window", seasonal)),
      robust == "TRUE" || robust == "T");
  const auto window = [&](const char* name, LoessOptions& loess) {
    if (arguments.count(name) == 0) return;
    const int value = take(name, 0);
    loess.window = next_odd(value);
    loess.jump = r_stl_jump(value);
  };
  window("t.window", options.trend);
  window("l.window", options.low_pass);
  options.seasonal.degree = take("s.degree", options.seasonal.degree);
  if (periodic) options.seasonal.degree = 0;  // whatever the argument says
  options.trend.degree = take("t.degree", options.trend.degree);
  options.low_pass.degree = take("l.degree", options.trend.degree);
  options.seasonal.jump = take("s.jump", options.seasonal.jump);
  options.trend.jump = take("t.jump", options.trend.jump);
  options.low_pass.jump = take("l.jump", options.low_pass.jump);
  options.inner = take("inner", options.inner);
  options.outer = take("outer", options.outer);
  if (!arguments.empty()) {
    throw InputError(fmt::format("`{}` is not an argument of stl", arguments.begin()->first));
  }
  return options;
}

// The rows that the case asks for, counted from 1; all where it does not say.
VectorXd at_rows(const VectorXd& values, const std::vector<double>& rows) {
  if (rows.empty()) return values;
  VectorXd chosen(static_cast<Eigen::Index>(rows.size()));
  std::transform(rows.begin(), rows.end(), chosen.begin(),
                 [&](double row) { return values(static_cast<Eigen::Index>(row) - 1); });
  return chosen;
}

double standard_deviation(const VectorXd& x) {
  return std::sqrt((x.array() - x.mean()).square().sum() / static_cast<double>(x.size() - 1));
}

}  // namespace

Quantities run_stl(const ReferenceCase& c) {
  const VectorXd y = series_of(c);
  const int n = static_cast<int>(y.size()), period = c.integer("period", 1);
  const std::vector<double> rows = c.numbers("rows_1based");
  const ConfigValue* variants = c.spec.find("variants");
  if (variants == nullptr || !variants->is(ConfigValue::Kind::table)) {
    throw InputError("the case has no variants");
  }
  Quantities q;
  for (const ConfigValue::Member& variant : variants->members()) {
    const StlResult parts = stl(y, stl_options(n, period, variant.value.string()));
    // The periodic variant's names carry no suffix.
    const std::string suffix = variant.key == "periodic" ? "" : "_" + variant.key;
    q["seasonal" + suffix] = at_rows(parts.seasonal, rows);
    q["trend" + suffix] = at_rows(parts.trend, rows);
    q["remainder" + suffix] = at_rows(parts.remainder, rows);
    q["remainder_sd" + suffix] = standard_deviation(parts.remainder);
    q["weights" + suffix] = at_rows(parts.weights, rows);
  }
  return q;
}

Quantities run_boxcox_lambda(const ReferenceCase& c) {
  const VectorXd y = series_of(c);
  const int period = std::max(1, c.integer("period", 1));
  const int block = c.integer("guerrero_block", std::max(2, period));
  const double lower = c.number("lower", kLeastLambda), upper = c.number("upper", kLargestLambda);
  Quantities q;
  if (y.size() <= 2 * period) {
    // R's choice where the series is too short to say.
    q["lambda_guerrero"] = q["lambda_loglik_grid"] = q["lambda_loglik"] = 1;
    return q;
  }
  const BoxCoxLikelihood likelihood(y, period);
  q["lambda_guerrero"] = guerrero_lambda(y, block, lower, upper);
  q["lambda_loglik_grid"] = likelihood.grid_maximum(lower, upper);
  q["lambda_loglik"] = likelihood.maximum(lower, upper);
  return q;
}

Quantities run_holt_winters_recursion(const ReferenceCase& c) {
  const VectorXd y = series_of(c);
  HoltWintersOptions options;
  options.period = std::max(1, c.integer("period", 1));
  options.alpha = c.number("alpha", options.alpha);
  const auto optional = [&](const char* name) {
    const double value = c.number(name, kMissing);
    return std::isnan(value) ? std::nullopt : std::optional(value);
  };
  options.beta = optional("beta");
  options.gamma = optional("gamma");
  if (starts_with(c.text("seasonal"), "mult")) options.seasonality = Seasonality::multiplicative;
  options.start_periods = c.integer("start_periods", options.start_periods);
  HoltWintersStart start = holt_winters_start(y, options);
  start.state.level = c.number("l_start", start.state.level);
  start.state.trend = c.number("b_start", start.state.trend);

  const HoltWintersResult result = holt_winters(y, options, start);
  std::vector<double> state = {result.state.level};
  if (options.beta) state.push_back(result.state.trend);
  state.insert(state.end(), result.state.season.begin(), result.state.season.end());
  Quantities q;
  q["sse"] = result.sse;
  q["final_level_trend_season"] = state;
  q["fitted_first6"] =
      VectorXd(result.fitted.head(std::min<Eigen::Index>(6, result.fitted.size())));
  q["fc_mean"] = holt_winters_forecast(result.state, options.seasonality, c.integer("horizon", 12));
  return q;
}

}  // namespace amnok
