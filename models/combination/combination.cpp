// The option table of the combination plugin, and its example.
#include "models/combination/combination.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "engine/base/check.h"
#include "engine/stats/random_stream.h"
#include "models/combination/bound_combination.h"

namespace amnok {

namespace {

using Plugins = std::shared_ptr<const PluginList>;

// What the equation says for all members, so that no member may.
constexpr std::array<std::string_view, 6> kShared = {"target", "regressors",  "label",
                                                     "sample", "innovations", "interventions"};

Schema member_schema(const Plugin& plugin) {
  Schema schema = plugin.schema;
  std::erase_if(schema.options, [](const Option& option) {
    return std::find(kShared.begin(), kShared.end(), option.key) != kShared.end();
  });
  return schema;
}

ConfigValue member_table(const std::string& plugin) {
  ConfigValue table;
  table.add({"plugin", {}, ConfigValue(plugin)});
  return table;
}

ConfigValue default_members() {
  ConfigValue members = ConfigValue::array();
  for (const char* plugin : {"arima", "ets", "theta"}) members.add(member_table(plugin));
  return members;
}

class CombinationModel : public Model {
 public:
  explicit CombinationModel(CombinationSpec spec) : spec_(std::move(spec)) {}
  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    return std::make_unique<BoundCombination>(spec_, sample);
  }

 private:
  CombinationSpec spec_;
};

// The members that an array of tables describes.
std::vector<CombinationMember> make_members(const PluginList& plugins, const ConfigValue& tables,
                                            const EquationSpec& equation, ProblemList& problems) {
  const auto name_of = [](const ConfigValue& table) { return table.find("plugin")->string(); };
  std::map<std::string, int> times, seen;
  for (const ConfigValue& table : tables.items()) ++times[name_of(table)];
  std::vector<CombinationMember> members;
  for (const ConfigValue& table : tables.items()) {
    const std::string name = name_of(table);
    const Plugin* plugin = find_plugin(plugins, name);
    AMNOK_CHECK(plugin != nullptr, "plugin {}", name);
    EquationSpec own{equation.name,       name, equation.target,
                     equation.regressors, {},   Options(table, plugin->schema),
                     table.where};
    CombinationMember member;
    member.name = times[name] > 1 ? fmt::format("{}{}", name, ++seen[name]) : name;
    member.uses_inputs = plugin->uses_inputs;
    member.uses_events = plugin->schema.find("interventions") != nullptr;
    if (member.uses_events) own.interventions = equation.interventions;
    member.model = plugin->make(own, problems);
    members.push_back(std::move(member));
  }
  return members;
}

std::unique_ptr<Model> make_from_equation(const PluginList& plugins, const EquationSpec& equation,
                                          ProblemList& problems) {
  const Options& options = equation.options;
  CombinationSpec spec;
  spec.members = make_members(plugins, options.get("members"), equation, problems);
  if (options.string("combine") == "median") spec.combine = Combine::median;
  const std::string& weights = options.string("weights");
  spec.weighting = weights == "aicc"       ? MemberWeighting::aicc
                   : weights == "backtest" ? MemberWeighting::backtest
                                           : MemberWeighting::equal;
  spec.weighting_path = fmt::format("models.{}.weights", equation.name);
  spec.weighting_where = options.where("weights");
  spec.has_events = !equation.interventions.empty();
  if (spec.combine == Combine::median && options.table().find("weights") != nullptr) {
    problems.error(
        spec.weighting_where,
        fmt::format("{} is \"{}\", but a median has no weights", spec.weighting_path, weights),
        "leave it out, or say combine = \"mean\"");
  }
  return make_combination(std::move(spec));
}

// A level that learns 0.4 of each error, which all three members can tell.
ModelExample example(const PluginList& plugins) {
  constexpr int kObservations = 240, kAhead = 12;
  constexpr double kAlpha = 0.4;
  const Period first{Frequency::annual, 1700};
  std::vector<double> e(kObservations);
  fill_normals({20220401, Purpose::simulation, 13}, 0, e);
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, kObservations};
  sample.season = 1;
  sample.target = {"y", {}};
  sample.y.resize(kObservations);
  sample.regressors.resize(kObservations, 0);
  double level = 100;
  for (int t = 0; t < kObservations; ++t) {
    const double shock = e[static_cast<std::size_t>(t)];
    sample.y(t) = level + shock;
    level += kAlpha * shock;
  }
  ConfigValue arima = member_table("arima"), ets = member_table("ets");
  ConfigValue order = ConfigValue::array();
  for (std::int64_t i : {0, 1, 1}) order.add(ConfigValue(i));
  arima.add({"order", {}, std::move(order)});
  ets.add({"form", {}, ConfigValue(std::string("ANN"))});
  ConfigValue members = ConfigValue::array();
  members.add(std::move(arima));
  members.add(std::move(ets));
  members.add(member_table("theta"));
  ProblemList problems;
  static const Schema none{"none", "", {}};
  CombinationSpec spec;
  spec.members = make_members(plugins, members,
                              {"y", "combination", {}, {}, {}, Options({}, none), {}}, problems);
  example.model = make_combination(std::move(spec));
  example.future = {{first + kObservations, kAhead}, MatrixXd(kAhead, 0), {}};
  example.truth = {{"arima.ma1", kAlpha - 1}, {"ets.alpha", kAlpha}, {"theta.alpha", kAlpha}};
  return example;
}

std::vector<Option> own_options(const PluginList& plugins) {
  std::vector<Schema> members;
  for (const Plugin& plugin : plugins) members.push_back(member_schema(plugin));
  return {
      default_option("members", {array_type(tagged_type("plugin", std::move(members)), 2)},
                     default_members(),
                     "the models: each a table with its `plugin` and options of that plugin, as "
                     "`amnok models PLUGIN` shows them; target, sample, regressors and "
                     "interventions are the equation's"),
      default_option("combine", {choice_type({"mean", "median"})}, std::string("mean"),
                     "mean: each draw follows one member, drawn with the weights, so that the "
                     "band holds their disagreement; median: each draw is the median of the "
                     "members' paths under the same shocks"),
      default_option("weights", {choice_type({"equal", "aicc", "backtest"})}, std::string("equal"),
                     "of a mean: aicc: Akaike's weights, for members whose likelihood is of the "
                     "same data; backtest: inverse mean squared errors of forecasts from four "
                     "origins at the end of the sample"),
      interventions_option(),
  };
}

}  // namespace

std::unique_ptr<Model> make_combination(CombinationSpec spec) {
  return std::make_unique<CombinationModel>(std::move(spec));
}

Plugin combination_plugin(PluginList members) {
  const Plugins plugins = std::make_shared<const PluginList>(std::move(members));
  Plugin plugin;
  plugin.name = "combination";
  plugin.summary = "the weighted mean or the median of what several models forecast";
  plugin.schema = plugin_schema(plugin.name, plugin.summary, own_options(*plugins));
  plugin.make = [plugins](const EquationSpec& equation, ProblemList& problems) {
    return make_from_equation(*plugins, equation, problems);
  };
  plugin.example = [plugins] { return example(*plugins); };
  return plugin;
}

}  // namespace amnok
