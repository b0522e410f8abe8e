#include "engine/report/fit_json.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json whole(double value) {
  if (!std::isfinite(value)) return nullptr;
  if (value == std::floor(value)) return static_cast<std::int64_t>(value);
  return value;
}

Json coefficients(const FitResult& fit) {
  Json list = Json::array();
  for (const Coefficient& c : coefficient_table(fit)) {
    list.push_back({{"name", c.name},
                    {"estimate", number(c.estimate)},
                    {"std_error", number(c.std_error)},
                    {"statistic", number(c.statistic)},
                    {"p_value", number(c.p_value)},
                    {"ci95", {number(c.ci_low), number(c.ci_high)}}});
  }
  return list;
}

Json diagnostics(const FitResult& fit) {
  Json list = Json::array();
  for (const Diagnostic& d : fit.diagnostics) {
    Json entry = {{"name", d.name}};
    if (d.lag > 0) entry["lag"] = d.lag;
    entry["statistic"] = number(d.statistic);
    entry["df"] = whole(d.df);
    if (!std::isnan(d.df2)) entry["df2"] = whole(d.df2);
    entry["p_value"] = number(d.p_value);
    if (!d.words.empty()) entry["words"] = d.words;
    list.push_back(std::move(entry));
  }
  return list;
}

Json tables(const FitResult& fit) {
  Json all = Json::object();
  for (const ResultTable& table : fit.tables) {
    Json rows = Json::array();
    for (const auto& cells : table.rows) {
      Json row = Json::object();
      for (std::size_t j = 0; j < cells.size(); ++j) {
        row[table.columns[j]] = std::visit(
            [](const auto& cell) -> Json {
              if constexpr (std::is_same_v<std::decay_t<decltype(cell)>, double>) {
                return whole(cell);
              } else {
                return cell;
              }
            },
            cells[j]);
      }
      rows.push_back(std::move(row));
    }
    all[table.name] = std::move(rows);
  }
  return all;
}

Json fit_json(const FitResult& fit) {
  Json json;
  json["plugin"] = fit.plugin;
  json["equation"] = fit.equation;
  json["status"] = std::string(status_name(fit.status));
  json["message"] = fit.message;
  json["sample"] = {format_period(fit.sample.first), format_period(fit.sample.last())};
  json["nobs"] = fit.nobs;
  json["missing"] = fit.missing;
  json["dropped"] = fit.dropped;
  json["log_likelihood"] = number(fit.log_likelihood);
  json["sigma2"] = number(fit.sigma2);
  json["sigma2_df"] = number(fit.sigma2_df);
  json["aic"] = number(fit.aic);
  json["aicc"] = number(fit.aicc);
  json["bic"] = number(fit.bic);
  json["rss"] = number(fit.rss);
  json["r2"] = number(fit.r2);
  json["coefficients"] = coefficients(fit);
  json["covariance_kind"] = fit.covariance_kind;
  json["diagnostics"] = diagnostics(fit);
  const Json extra = tables(fit);
  if (!extra.empty()) json["tables"] = extra;
  if (!fit.notes.empty()) json["notes"] = fit.notes;
  return json;
}

Json numbers(const VectorXd& values) {
  Json list = Json::array();
  for (double value : values) list.push_back(number(value));
  return list;
}

Json solution_json(const TrackedVariable& v) {
  return {{"variable", v.variable},
          {"mode", std::string(solution_name(v.mode))},
          {"window", {format_period(v.window.first), format_period(v.window.last())}},
          {"periods", v.periods},
          {"bias", number(v.bias)},
          {"rmse", number(v.rmse)},
          {"rmse_percent", number(v.rmse_percent)},
          {"theil_u", number(v.theil_u)},
          {"actual", numbers(v.actual)},
          {"solved", numbers(v.solved)}};
}

}  // namespace

std::string fits_json(const std::vector<const FitResult*>& fits,
                      const std::vector<TrackedVariable>& solutions) {
  Json models = Json::object();
  for (const FitResult* fit : fits) models[fit->name] = fit_json(*fit);
  Json all = {{"models", models}};
  for (const TrackedVariable& v : solutions) all["solutions"].push_back(solution_json(v));
  return all.dump(2) + "\n";
}

}  // namespace amnok
