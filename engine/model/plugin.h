// A model plugin: a name, a line of help, an option table, a maker and an example.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/config/schema.h"
#include "engine/data/expression.h"
#include "engine/model/model.h"
#include "engine/stats/shock_distribution.h"

namespace amnok {

// A dated event in an equation: omega(B) / delta(B) applied to the event's input.
struct Intervention {
  std::string event;
  EventShape shape = EventShape::step;
  int numerator = 0;    // further lags of omega: omega_0 + omega_1 B + ...
  int denominator = 0;  // 1 for decay and transfer unless given
  int delay = 0;        // dead time, in periods
  SourceRange where;
};

// An equation as the config writes it.
struct EquationSpec {
  std::string name;
  std::string plugin;
  Target target;
  std::vector<Expression> regressors;
  std::vector<Intervention> interventions;
  Options options;  // of the whole table
  SourceRange where;
  std::optional<Innovations> innovations = {};  // of simulated shocks; nothing: the run's
  // It forecasts a series that scenarios give paths to (mode = "model"); where they do, it is fixed.
  bool of_path = false;
};

// An equation with known parameters and data drawn from it, for the contract test.
struct ModelExample {
  std::unique_ptr<Model> model;
  Sample sample;
  Future future;
  std::vector<std::pair<std::string, double>> truth;  // parameter -> value
  double tolerance = 4;  // how many standard errors an estimate may be off
};

struct Plugin {
  std::string name, summary;
  Schema schema;            // common options and the plugin's own
  bool uses_inputs = true;  // false: its models refuse regressors and published sums
  std::function<std::unique_ptr<Model>(const EquationSpec&, ProblemList&)> make;
  std::function<ModelExample()> example;
};

using PluginList = std::vector<Plugin>;
const Plugin* find_plugin(const PluginList& plugins, std::string_view name);

// The options every plugin has (plugin, target, regressors, label, sample, innovations), then
// `own`.
Schema plugin_schema(const std::string& name, const std::string& summary, std::vector<Option> own);

// Reads the common options; the table has passed the plugin's schema.
EquationSpec read_equation(const std::string& name, const ConfigValue& table, const Plugin& plugin,
                           ProblemList& problems);

// gaussian, student_t or bootstrap.
OptionType innovations_type();

// The array of tables `interventions`, for plugins that have it.
Option interventions_option();

}  // namespace amnok
