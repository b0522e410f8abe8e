// Scores and comparisons of forecasts that a case brings along.
#include <fmt/format.h>

#include <cmath>

#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/evaluation/combination_weights.h"
#include "engine/evaluation/forecast_comparison.h"
#include "engine/evaluation/scores.h"
#include "engine/stats/distributions.h"

namespace amnok {

namespace {

// The tables of a case: the one with actuals and forecasts f_<model>, sd_<model>, and the sample the
// forecasts were made from.
struct EvaluationData {
  VectorXd actual, training;
  std::vector<std::string> models;  // in the order of their columns
  std::map<std::string, VectorXd> mean, sd;

  MatrixXd means(const std::vector<std::string>& names) const {
    MatrixXd columns(actual.size(), static_cast<Eigen::Index>(names.size()));
    for (std::size_t j = 0; j < names.size(); ++j) {
      columns.col(static_cast<Eigen::Index>(j)) = mean.at(names[j]);
    }
    return columns;
  }
};

EvaluationData evaluation_data(const ReferenceCase& c) {
  EvaluationData data;
  for (const DataTable& table : c.data) {
    if (!table.has("actual")) {
      data.training = table.column(table.has("value") ? "value" : table.value_columns().at(0));
      continue;
    }
    data.actual = table.column("actual");
    for (const std::string& name : table.value_columns()) {
      if (starts_with(name, "f_")) {
        data.models.push_back(name.substr(2));
        data.mean[name.substr(2)] = table.column(name);
      } else if (starts_with(name, "sd_")) {
        data.sd[name.substr(3)] = table.column(name);
      }
    }
  }
  if (data.actual.size() == 0) throw InputError("no data file has a column `actual`");
  return data;
}

void point_quantities(const EvaluationData& data, int season, Quantities& q) {
  for (const std::string& model : data.models) {
    const VectorXd& f = data.mean.at(model);
    const PointScores s = point_scores(data.actual, f, data.training, season);
    const auto put = [&](const char* name, double value) {
      if (!std::isnan(value)) q[model + "." + name] = value;
    };
    put("ME", s.me);
    put("RMSE", s.rmse);
    put("MAE", s.mae);
    put("MPE", s.mpe);
    put("MAPE", s.mape);
    put("sMAPE_200", s.smape);
    put("sMAPE_plain", symmetric_percentage_error(data.actual, f, SymmetricError::plain));
    put("MASE", s.mase);
    put("RMSSE", s.rmsse);
    put("ACF1", s.acf1);
    put("Theil_U", s.theil_u);
    for (const std::string& base : data.models) {
      put(("relRMSE_vs_" + base).c_str(),
          s.rmse / root_mean_squared_error(data.actual, data.mean.at(base)));
    }
  }
}

// Scores of N(f, sd^2). They carry no model's name where only one has a standard deviation.
void density_quantities(const EvaluationData& data, int season, Quantities& q) {
  for (const auto& [model, sd] : data.sd) {
    if (data.mean.count(model) == 0) continue;
    const std::string prefix = data.sd.size() == 1 ? "" : model + ".";
    const VectorXd& mean = data.mean.at(model);
    const VectorXd& y = data.actual;
    VectorXd crps(y.size()), log_score(y.size()), pit(y.size());
    for (Eigen::Index t = 0; t < y.size(); ++t) {
      crps(t) = crps_normal(y(t), mean(t), sd(t));
      log_score(t) = log_score_normal(y(t), mean(t), sd(t));
      pit(t) = pit_normal(y(t), mean(t), sd(t));
    }
    q[prefix + "crps_normal"] = crps;
    q[prefix + "log_score"] = log_score;
    q[prefix + "pit"] = pit;
    for (int level : {50, 80, 90, 95, 99}) {
      const double alpha = 1 - level / 100.0, z = normal_quantile(1 - alpha / 2);
      const VectorXd low = mean - z * sd, high = mean + z * sd;
      q[fmt::format("{}winkler_{}", prefix, level)] = mean_interval_score(y, low, high, alpha);
      q[fmt::format("{}coverage_{}", prefix, level)] = interval_coverage(y, low, high).share;
      if (data.training.size() > season) {
        q[fmt::format("{}msis_{}", prefix, level)] =
            mean_scaled_interval_score(y, low, high, alpha, data.training, season);
      }
    }
    for (const char* text : {"0.01", "0.025", "0.05", "0.1", "0.2", "0.25", "0.3", "0.4", "0.5",
                             "0.6", "0.7", "0.75", "0.8", "0.9", "0.95", "0.975", "0.99"}) {
      const double p = *parse_double(text);
      q[prefix + "pinball_" + text] = mean_pinball_loss(y, mean + normal_quantile(p) * sd, p);
    }
  }
}

// "errors of snaive vs ets, loss |e|^p, acf variance with h-1 lags, ...": two models and the kernel.
void comparison_quantities(const ReferenceCase& c, const EvaluationData& data, Quantities& q) {
  const std::string text = c.text("dm");
  std::vector<std::string> pair;
  std::string word;
  for (const char ch : text + " ") {
    if (std::isalnum(static_cast<unsigned char>(ch)) || ch == '_') {
      word += ch;
      continue;
    }
    if (data.mean.count(word) > 0 && pair.size() < 2) pair.push_back(word);
    word.clear();
  }
  if (pair.size() < 2) return;
  const VectorXd first = data.actual - data.mean.at(pair[0]);
  const VectorXd second = data.actual - data.mean.at(pair[1]);
  ComparisonOptions options;
  if (text.find("bartlett") != std::string::npos || text.find("Bartlett") != std::string::npos) {
    options.variance = LossVariance::bartlett;
  }
  for (int h = 1; h < data.actual.size(); ++h) {
    for (int power : {1, 2}) {
      options.horizon = h;
      options.power = power;
      const ComparisonTest test = diebold_mariano(first, second, options);
      if (std::isnan(test.statistic)) continue;
      q[fmt::format("dm_h{}_p{}_stat", h, power)] = test.statistic;
      q[fmt::format("dm_h{}_p{}_pvalue", h, power)] = test.p_value;
    }
  }
}

// "OLS of actual on constant, f_snaive, f_ets": the forecasts named, in that order.
std::vector<std::string> models_named(const std::string& text, const EvaluationData& data) {
  std::vector<std::string> names;
  for (std::string_view part : split(text, ',')) {
    part = trim(part);
    if (starts_with(part, "f_") && data.mean.count(std::string(part.substr(2))) > 0) {
      names.emplace_back(part.substr(2));
    }
  }
  return names;
}

void combination_quantities(const ReferenceCase& c, const EvaluationData& data, Quantities& q) {
  if (data.models.empty()) return;
  const MatrixXd all = data.means(data.models);
  q["comb_mean_rmse"] = root_mean_squared_error(data.actual, all.rowwise().mean());
  q["comb_inverse_mse_weights"] = inverse_mse_weights(data.actual, all);
  q["comb_simplex_ls_weights"] = mixture_weights(data.actual, all);
  std::vector<std::string> named = models_named(c.text("granger_ramanathan"), data);
  if (named.empty()) named = data.models;
  q["comb_granger_ramanathan"] = granger_ramanathan_weights(data.actual, data.means(named));
}

}  // namespace

Quantities run_forecast_evaluation(const ReferenceCase& c) {
  const EvaluationData data = evaluation_data(c);
  const int season = std::max(1, c.integer("season", 1));
  Quantities q;
  point_quantities(data, season, q);
  density_quantities(data, season, q);
  comparison_quantities(c, data, q);
  combination_quantities(c, data, q);
  return q;
}

}  // namespace amnok
