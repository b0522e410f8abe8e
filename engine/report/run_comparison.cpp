#include "engine/report/run_comparison.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/config/toml.h"
#include "engine/data/csv.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;
using Strings = std::map<std::string, std::string>;

Json read_json(const std::string& path) {
  try {
    return Json::parse(read_file(path));
  } catch (const Json::exception& error) {
    throw InputError(fmt::format("{} is not the JSON of a run: {}", path, error.what()));
  }
}

Json manifest_of(const std::string& folder) {
  const std::string path = folder + "/manifest.json";
  if (!std::filesystem::exists(path)) {
    throw InputError(
        fmt::format("{} has no manifest.json, but must be the folder of a run", folder),
        "`amnok run CONFIG -o FOLDER` makes one");
  }
  Json manifest = read_json(path);
  const bool is_run = manifest.is_object() && manifest.value("format", "") == "amnok-run/1" &&
                      manifest.contains("config");
  if (!is_run) {
    throw InputError(fmt::format("{} has the format {}, but must have \"amnok-run/1\"", path,
                                 manifest.is_object() && manifest.contains("format")
                                     ? manifest["format"].dump()
                                     : "of something else"));
  }
  return manifest;
}

std::string text_of(const Json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

// Keys of either side whose values differ, in order.
std::vector<TextChange> changes_between(const Strings& before, const Strings& after) {
  std::vector<TextChange> changes;
  const auto at = [](const Strings& all, const std::string& key) {
    const auto found = all.find(key);
    return found == all.end() ? std::string() : found->second;
  };
  Strings keys = before;
  keys.insert(after.begin(), after.end());
  for (const auto& [key, unused] : keys) {
    TextChange change{key, at(before, key), at(after, key)};
    if (change.before != change.after) changes.push_back(std::move(change));
  }
  return changes;
}

Strings settings_of(const Json& manifest) {
  Strings settings;
  for (const char* key :
       {"amnok", "title", "frequency", "sample", "horizon", "draws", "seed", "scenarios"}) {
    if (!manifest.contains(key)) continue;
    if (std::string(key) != "scenarios") {
      settings[key] = text_of(manifest[key]);
      continue;
    }
    for (const Json& scenario : manifest[key]) {
      settings["scenario " + scenario.value("name", "")] =
          scenario.contains("probability") ? "probability " + scenario["probability"].dump()
                                           : std::string("no probability");
    }
  }
  if (manifest.contains("libraries")) {
    for (const auto& [name, version] : manifest["libraries"].items()) {
      settings["library " + name] = text_of(version);
    }
  }
  return settings;
}

Strings inputs_of(const Json& manifest) {
  Strings inputs;
  for (const Json& input : manifest.value("inputs", Json::array())) {
    inputs[input.value("file", "")] = input.value("sha256", "");
  }
  return inputs;
}

std::vector<FileChange> file_changes(const Strings& before, const Strings& after) {
  std::vector<FileChange> result;
  for (const TextChange& change : changes_between(before, after)) {
    const auto kind = change.before.empty()  ? FileChange::Kind::added
                      : change.after.empty() ? FileChange::Kind::removed
                                             : FileChange::Kind::changed;
    result.push_back({change.key, kind});
  }
  return result;
}

// A table by dotted keys. Items of an array of tables stand by what they say: their order alone is
// no change of one.
void flatten(const ConfigValue& value, const std::string& path, Strings& all) {
  if (value.is(ConfigValue::Kind::table)) {
    for (const auto& member : value.members()) {
      flatten(member.value, path.empty() ? member.key : path + "." + member.key, all);
    }
    return;
  }
  const bool tables = value.is(ConfigValue::Kind::array) && !value.items().empty() &&
                      value.items().front().is(ConfigValue::Kind::table);
  if (!tables) {
    all[path] = show(value);
    return;
  }
  for (const ConfigValue& item : value.items()) all[path + " " + show(item)] = "there";
}

Strings config_of(const Json& manifest) {
  ProblemList problems;
  Strings all;
  const Json& config = manifest["config"];
  flatten(parse_toml(config.value("text", ""), config.value("file", ""), problems), "", all);
  return all;
}

// --- Figures ------------------------------------------------------------------------------------

std::map<std::string, double> figures_of(const std::string& path) {
  std::map<std::string, double> figures;
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream cells(line);
    std::string time, date, observed, realised;
    if (line.empty() || line[0] == '#' || !(cells >> time >> date >> observed >> realised))
      continue;
    const auto value = parse_double(observed == "NaN" ? realised : observed);
    figures[date] = value && std::isfinite(*value) ? *value : kMissing;
  }
  return figures;
}

FigureChanges figure_changes(const std::string& variable,
                             const std::map<std::string, double>& before,
                             const std::map<std::string, double>& after) {
  FigureChanges changes{variable, {}, {}, {}};
  for (const auto& [date, value] : after) {
    const auto old = before.find(date);
    // Earlier than the earlier figure shows, nothing is known to be new.
    if (old == before.end() && !before.empty() && date < before.begin()->first) continue;
    const double was = old == before.end() ? kMissing : old->second;
    if (std::isnan(was) && !std::isnan(value)) changes.added.push_back(date);
    if (std::isnan(was) || std::isnan(value)) continue;
    // Files hold eight digits.
    if (std::fabs(value - was) > 1e-7 * std::max(std::fabs(value), std::fabs(was))) {
      changes.revised.push_back({date, was, value});
    }
  }
  for (const auto& [date, value] : before) {
    const auto now = after.find(date);
    if (now != after.end() && std::isnan(now->second) && !std::isnan(value)) {
      changes.removed.push_back(date);
    }
  }
  return changes;
}

std::vector<FigureChanges> all_figure_changes(const std::string& first, const std::string& second) {
  namespace fs = std::filesystem;
  const std::string suffix = ".history.dat";
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(second + "/figures", error)) {
    const std::string name = entry.path().filename().string();
    if (name.ends_with(suffix)) names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  std::vector<FigureChanges> result;
  for (const std::string& name : names) {
    const std::string old = first + "/figures/" + name;
    if (!fs::exists(old)) continue;
    FigureChanges changes =
        figure_changes(name.substr(0, name.size() - suffix.size()), figures_of(old),
                       figures_of(second + "/figures/" + name));
    if (!changes.added.empty() || !changes.removed.empty() || !changes.revised.empty()) {
      result.push_back(std::move(changes));
    }
  }
  return result;
}

// --- Tables -------------------------------------------------------------------------------------

struct Cell {
  double value = kMissing, half_width = kMissing;
};
using Line = std::map<std::string, Cell>;                // by date
using Lines = std::map<std::vector<std::string>, Line>;  // by names

std::optional<CsvTable> table_of(const std::string& path) {
  if (!std::filesystem::exists(path)) return std::nullopt;
  ProblemList problems;
  CsvTable table = read_csv(path, problems);
  problems.throw_if_errors();
  return table;
}

std::size_t column_of(const CsvTable& table, const std::string& name) {
  const int column = table.column(name);
  if (column < 0) {
    throw InputError(
        fmt::format("{} has no column {}, but must be that of a run", table.file(), name));
  }
  return static_cast<std::size_t>(column);
}

Lines lines_of(const std::string& path, const std::vector<std::string>& names) {
  Lines lines;
  const std::optional<CsvTable> table = table_of(path);
  if (!table) return lines;
  std::vector<std::size_t> columns;
  for (const std::string& name : names) columns.push_back(column_of(*table, name));
  const std::size_t date = column_of(*table, "date"), median = column_of(*table, "median"),
                    low = column_of(*table, "q05"), high = column_of(*table, "q95");
  for (std::size_t row = 0; row < table->rows(); ++row) {
    std::vector<std::string> key;
    for (std::size_t column : columns) key.push_back(table->cell(row, column));
    const auto number = [&](std::size_t column) {
      return parse_double(table->cell(row, column)).value_or(kMissing);
    };
    lines[key][table->cell(row, date)] = {number(median), (number(high) - number(low)) / 2};
  }
  return lines;
}

PathChange path_change(const std::vector<std::string>& names, const Line& before,
                       const Line& after) {
  PathChange change;
  change.names = names;
  double largest = -1;
  for (const auto& [date, cell] : after) {
    const auto old = before.find(date);
    if (old == before.end() || std::isnan(cell.value) || std::isnan(old->second.value)) continue;
    ++change.dates;
    change.last = {date, old->second.value, cell.value, old->second.half_width};
    // A line without a band moves by its change alone.
    const double width = change.last.half_width > 0 ? change.last.half_width : 1;
    const double size = std::fabs(change.last.change()) / width;
    if (size > largest) {
      largest = size;
      change.largest = change.last;
    }
  }
  return change;
}

std::vector<PathChange> path_changes(const Lines& before, const Lines& after) {
  std::vector<PathChange> result;
  for (const auto& [names, line] : before) {
    const auto now = after.find(names);
    PathChange change;
    if (now == after.end()) {
      change.names = names;
      change.only = "before";
    } else {
      change = path_change(names, line, now->second);
      if (change.dates > 0 && change.largest.change() == 0) continue;
    }
    result.push_back(std::move(change));
  }
  for (const auto& [names, line] : after) {
    if (before.contains(names)) continue;
    PathChange change;
    change.names = names;
    change.only = "after";
    result.push_back(std::move(change));
  }
  return result;
}

Strings ledger_of(const std::string& folder) {
  Strings ledger;
  const std::optional<CsvTable> table = table_of(folder + "/assumptions.csv");
  if (!table) return ledger;
  for (std::size_t row = 0; row < table->rows(); ++row) {
    const auto cell = [&](const char* name) { return table->cell(row, column_of(*table, name)); };
    const std::string scenario = cell("scenario").empty() ? "all scenarios" : cell("scenario");
    // Several changes of one subject stand in their order.
    std::string& details =
        ledger[fmt::format("{}: {} {}", scenario, cell("kind"), cell("subject"))];
    details += (details.empty() ? "" : "; then ") + cell("detail");
  }
  return ledger;
}

// --- Estimates ----------------------------------------------------------------------------------

double number_of(const Json& json, const char* key) {
  return json.contains(key) && json[key].is_number() ? json[key].get<double>() : kMissing;
}

Strings equation_facts(const Json& fits) {
  Strings facts;
  for (const auto& [name, fit] : fits.items()) {
    for (const char* key : {"plugin", "equation", "status", "sample", "nobs"}) {
      if (fit.contains(key)) facts[name + "." + key] = text_of(fit[key]);
    }
  }
  return facts;
}

std::vector<CoefficientChange> coefficient_changes(const Json& before, const Json& after) {
  std::vector<CoefficientChange> result;
  for (const auto& [name, fit] : after.items()) {
    if (!before.contains(name)) continue;
    for (const Json& now : fit.value("coefficients", Json::array())) {
      for (const Json& old : before[name].value("coefficients", Json::array())) {
        if (old.value("name", "") != now.value("name", "")) continue;
        CoefficientChange change{name, now.value("name", ""), number_of(old, "estimate"),
                                 number_of(now, "estimate"), number_of(old, "std_error")};
        if (change.before != change.after) result.push_back(std::move(change));
      }
    }
  }
  return result;
}

Json models_of(const std::string& folder) {
  const std::string path = folder + "/fits.json";
  if (!std::filesystem::exists(path)) return Json::object();
  return read_json(path).value("models", Json::object());
}

}  // namespace

bool RunComparison::empty() const {
  return settings.empty() && inputs.empty() && figures.empty() && config.empty() &&
         assumptions.empty() && equations.empty() && coefficients.empty() && projections.empty() &&
         effects.empty();
}

RunComparison compare_runs(const std::string& first, const std::string& second) {
  const Json before = manifest_of(first), after = manifest_of(second);
  RunComparison result;
  result.first = first;
  result.second = second;
  result.settings = changes_between(settings_of(before), settings_of(after));
  result.inputs = file_changes(inputs_of(before), inputs_of(after));
  result.figures = all_figure_changes(first, second);
  result.config = changes_between(config_of(before), config_of(after));
  result.assumptions = changes_between(ledger_of(first), ledger_of(second));
  const Json old_fits = models_of(first), new_fits = models_of(second);
  result.equations = changes_between(equation_facts(old_fits), equation_facts(new_fits));
  result.coefficients = coefficient_changes(old_fits, new_fits);
  result.projections =
      path_changes(lines_of(first + "/projections.csv", {"scenario", "variable"}),
                   lines_of(second + "/projections.csv", {"scenario", "variable"}));
  const std::vector<std::string> effect = {"effect", "variable", "measure"};
  result.effects = path_changes(lines_of(first + "/effects.csv", effect),
                                lines_of(second + "/effects.csv", effect));
  return result;
}

RunInputs run_inputs(const std::string& folder) {
  const Json manifest = manifest_of(folder);
  RunInputs inputs;
  inputs.config_hash = manifest["config"].value("sha256", "");
  for (const auto& [file, hash] : inputs_of(manifest)) inputs.files.emplace_back(file, hash);
  inputs.draws = manifest.value("draws", 0);
  inputs.seed = manifest.value("seed", std::uint64_t{0});
  for (const Json& scenario : manifest.value("scenarios", Json::array())) {
    inputs.scenarios.push_back(scenario.value("name", ""));
  }
  return inputs;
}

}  // namespace amnok
