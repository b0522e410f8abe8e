#include "engine/report/manifest.h"

#include <nlohmann/json.hpp>

#include "engine/base/sha256.h"
#include "engine/base/version.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

Json innovations_json(const ShockDistribution& shocks) {
  Json json = {{"distribution", std::string(innovations_name(shocks.kind()))}};
  if (shocks.kind() == Innovations::student_t) json["df"] = shocks.df();
  if (shocks.kind() == Innovations::bootstrap) json["residuals"] = shocks.size();
  return json;
}

}  // namespace

std::string manifest_json(const RunResults& run, const std::vector<std::string>& files,
                          const std::string& gnuplot) {
  Json inputs = Json::array();
  for (const auto& [file, hash] : run.data.inputs)
    inputs.push_back({{"file", file}, {"sha256", hash}});
  Json libraries = Json::object();
  for (const auto& [name, version] : library_versions()) libraries[name] = version;
  if (!gnuplot.empty()) libraries["gnuplot"] = gnuplot;
  Json statuses = Json::object(), innovations = Json::object();
  for (const BehaviouralEquation& equation : run.equations) {
    innovations[equation.name] = innovations_json(equation.shocks);
    statuses[equation.name] = std::string(status_name(equation.fitted.result.status));
  }
  Json scenarios = Json::array();
  for (const std::string& name : run.scenarios) {
    const ScenarioSpec& spec = *run.study.scenario(name);
    Json entry = {{"name", name}, {"label", spec.label}};
    if (spec.probability) entry["probability"] = *spec.probability;
    scenarios.push_back(std::move(entry));
  }
  Json json;
  json["format"] = "amnok-run/1";
  json["amnok"] = version();
  json["title"] = run.study.run.title;
  json["config"] = {{"file", run.study.shown(run.study.file)},
                    {"sha256", sha256_hex(run.study.text)},
                    {"text", run.study.text}};
  json["inputs"] = inputs;
  json["frequency"] = std::string(frequency_name(run.study.run.frequency));
  json["sample"] = format_range(run.data.sample);
  json["horizon"] = run.horizon.count > 0 ? Json(format_range(run.horizon)) : Json(nullptr);
  json["draws"] = run.draws;
  json["seed"] = run.seed;
  json["innovations"] = innovations;
  json["scenarios"] = scenarios;
  json["blocks"] = run.blocks;
  json["status"] = statuses;
  json["files"] = files;
  json["libraries"] = libraries;
  return json.dump(2) + "\n";
}

}  // namespace amnok
