#include "models/unobserved_components/unobserved_components.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/stats/random_stream.h"
#include "models/unobserved_components/bound_ucm.h"

namespace amnok {

namespace {

using Seasonal = UcmSpec::Seasonal;

class UcmModel : public Model {
 public:
  // automatic_season: dummies where the sample has a season.
  UcmModel(UcmSpec spec, bool automatic_season)
      : spec_(spec), automatic_season_(automatic_season) {}

  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    ProblemList problems;
    const std::string& name = sample.target.variable;
    UcmSpec spec = spec_;
    if (spec.period == 0) spec.period = sample.season;
    if (automatic_season_) spec.seasonal = spec.period > 1 ? Seasonal::dummy : Seasonal::none;
    if (spec.seasonal != Seasonal::none && spec.period < 2) {
      problems.error(
          {},
          fmt::format("the season of {} is {} periods, but must be at least 2", name, spec.period),
          "set `period`");
    }
    if (spec.harmonics > spec.period / 2 && spec.seasonal == Seasonal::trigonometric) {
      problems.error({}, fmt::format("harmonics is {}, but must be at most {}", spec.harmonics,
                                     spec.period / 2));
    }
    if (spec.longest_cycle == 0) {
      spec.longest_cycle = std::max(2 * spec.shortest_cycle, sample.n() / 2.0);
    }
    if (spec.cycle && spec.longest_cycle <= spec.shortest_cycle) {
      problems.error({},
                     fmt::format("longest_cycle is {:g}, but must be above shortest_cycle, {:g}",
                                 spec.longest_cycle, spec.shortest_cycle));
    }
    if (moving_components(spec).empty()) {
      problems.error({}, fmt::format("the model of {} has no component that moves", name),
                     "let the level move or add an irregular component");
    }
    problems.throw_if_errors();
    return std::make_unique<BoundUcm>(spec, sample);
  }

 private:
  UcmSpec spec_;
  bool automatic_season_;
};

std::unique_ptr<Model> make_from_equation(const EquationSpec& equation, ProblemList& problems) {
  const Options& options = equation.options;
  UcmSpec spec;
  spec.level_moves = options.string("level") == "random_walk";
  spec.slope = options.string("slope") != "none";
  spec.slope_moves = options.string("slope") == "random_walk";
  spec.irregular = options.boolean("irregular");
  const std::string season = options.string("seasonal");
  spec.seasonal = season == "dummy"           ? Seasonal::dummy
                  : season == "trigonometric" ? Seasonal::trigonometric
                                              : Seasonal::none;
  spec.seasonal_moves = !options.boolean("fixed_season");
  if (options.has("period")) spec.period = options.integer("period");
  if (options.has("harmonics")) spec.harmonics = options.integer("harmonics");
  spec.cycle = options.boolean("cycle");
  spec.cycle_damped = options.boolean("damped");
  spec.shortest_cycle = options.number("shortest_cycle");
  if (options.has("longest_cycle")) spec.longest_cycle = options.number("longest_cycle");
  if (!equation.interventions.empty()) {
    problems.error(equation.interventions.front().where,
                   "unobserved_components takes no interventions",
                   "give the event as a regressor, or use the arima plugin");
  }
  return std::make_unique<UcmModel>(spec, season == "auto");
}

// A level with a moving quarterly season, a regressor and noise.
ModelExample example() {
  constexpr int kObservations = 600, kAhead = 12, kSeason = 4;
  constexpr double kIrregular = 1, kLevel = 0.7, kSeasonal = 0.4, kSlope = 1.5;
  const auto normals = [](std::uint32_t draw) {
    std::vector<double> e(kObservations + kAhead);
    fill_normals({20220401, Purpose::simulation, 21}, draw, e);
    return Eigen::Map<VectorXd>(e.data(), static_cast<Eigen::Index>(e.size())).eval();
  };
  const VectorXd noise = normals(0), level_moves = normals(1), season_moves = normals(2),
                 x = normals(3);
  const Period first{Frequency::quarterly, 1850 * 4};
  ModelExample example;
  Sample& sample = example.sample;
  sample.range = {first, kObservations};
  sample.season = kSeason;
  sample.target = {"y", {}};
  sample.y.resize(kObservations);
  sample.regressor_names = {"x"};
  sample.regressors = x.head(kObservations);
  double level = 100;
  std::vector<double> season = {3, -1, -4};  // the last three
  for (int t = 0; t < kObservations; ++t) {
    sample.y(t) = level + season[0] + kSlope * x(t) + kIrregular * noise(t);
    const double next = -(season[0] + season[1] + season[2]) + kSeasonal * season_moves(t);
    season = {next, season[0], season[1]};
    level += kLevel * level_moves(t);
  }
  UcmSpec spec;
  spec.seasonal = Seasonal::dummy;
  example.model = make_unobserved_components(spec);
  example.future = {{first + kObservations, kAhead}, x.tail(kAhead), {}};
  example.truth = {
      {"irregular", kIrregular}, {"level", kLevel}, {"seasonal", kSeasonal}, {"x", kSlope}};
  return example;
}

}  // namespace

std::unique_ptr<Model> make_unobserved_components(UcmSpec spec) {
  return std::make_unique<UcmModel>(spec, false);
}

Plugin unobserved_components_plugin() {
  Plugin plugin;
  plugin.name = "unobserved_components";
  plugin.summary = "level, slope, season, cycle and regressors that are not seen but estimated";
  plugin.schema = plugin_schema(
      plugin.name, plugin.summary,
      {default_option("level", {choice_type({"random_walk", "fixed"})}, std::string("random_walk"),
                      "whether the level moves at random"),
       default_option("slope", {choice_type({"random_walk", "fixed", "none"})},
                      std::string("random_walk"), "what the level gains a period"),
       default_option("irregular", {boolean_type()}, true, "noise around the components"),
       default_option("seasonal", {choice_type({"auto", "dummy", "trigonometric", "none"})},
                      std::string("auto"),
                      "a season that moves; auto: dummy where the frequency has one"),
       default_option("fixed_season", {boolean_type()}, false, "the season does not move"),
       optional_option("period", {integer_type(1, 366)},
                       "observations a season, when it is not the frequency's; 1: no season"),
       optional_option("harmonics", {integer_type(1, 183)},
                       "of a trigonometric season, the lowest frequencies first (default: all)"),
       default_option("cycle", {boolean_type()}, false, "a cycle whose length is estimated"),
       default_option("damped", {boolean_type()}, true, "the cycle dies out unless it is fed"),
       default_option("shortest_cycle", {number_type(1.5, 10000)}, 2.0, "periods"),
       optional_option("longest_cycle", {number_type(2, 100000)},
                       "periods (default: half the sample)")});
  plugin.make = make_from_equation;
  plugin.example = example;
  return plugin;
}

}  // namespace amnok
