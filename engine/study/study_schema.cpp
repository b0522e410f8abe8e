#include <fmt/format.h>

#include <cctype>

#include "engine/base/text.h"
#include "engine/data/dataset.h"
#include "engine/model/plugin.h"
#include "engine/study/joint_equations.h"
#include "engine/study/page_text.h"
#include "engine/study/study.h"

namespace amnok {

namespace {

OptionType amount_type() {
  return tested_string("a text such as \"0.5%\"", [](const std::string& text) {
    const std::string_view t = trim(text);
    const bool fits =
        !t.empty() && t.back() == '%' && parse_double(trim(t.substr(0, t.size() - 1)));
    return fits ? std::string() : std::string("a text such as \"0.5%\"");
  });
}

OptionType period_type() {
  return string_type("a period such as 2022-09");
}

constexpr const char* kAssumption = "the name of an assumption";

bool is_name(std::string_view text) {
  return !text.empty() && (std::isalpha(static_cast<unsigned char>(text[0])) || text[0] == '_');
}

// A string that is no name is a number in quotes, or a slip.
OptionType assumption_type() {
  return tested_string(kAssumption, [](const std::string& text) {
    return is_name(text) ? std::string() : std::string(kAssumption);
  });
}

// A number, or the name of an assumption of the scenario.
std::vector<OptionType> quantity_type(std::optional<double> min = {},
                                      std::optional<double> max = {}) {
  return {number_type(min, max), assumption_type()};
}

std::vector<OptionType> values_type() {
  const OptionType amount = amount_type();
  const std::string what = "a text such as \"0.5%\", or the name of an assumption";
  return {number_type(),
          tested_string(what,
                        [=](const std::string& text) {
                          const bool fits = is_name(text) || amount.test(ConfigValue(text)).empty();
                          return fits ? std::string() : what;
                        }),
          array_type(number_type(), 1)};
}

// Every change may say these.
void add_common(Schema& schema) {
  schema.options.push_back(optional_option("type", {choice_type({"policy", "data", "judgement"})},
                                           "what kind of assumption it is"));
  schema.options.push_back(optional_option("reason", {string_type("a text")}, "why"));
  schema.options.push_back(
      optional_option("source", {string_type("a text")}, "where it comes from"));
}

void add_span(Schema& schema) {
  schema.options.push_back(
      optional_option("from", {period_type()}, "first period; else the first"));
  schema.options.push_back(optional_option("to", {period_type()}, "last period; else the last"));
}

std::vector<Option> distribution_options() {
  return {
      default_option(
          "distribution",
          {choice_type({"normal", "lognormal", "beta", "uniform", "triangular", "student_t"})},
          std::string("normal"), "its distribution"),
      optional_option("mean", {number_type()}, "its mean"),
      optional_option("sd", {number_type(0)}, "its standard deviation"),
      optional_option("low", {number_type()}, "its least value: uniform, triangular"),
      optional_option("mode", {number_type()}, "its most likely value: triangular"),
      optional_option("high", {number_type()}, "its largest value: uniform, triangular"),
      default_option("df", {number_type()}, 5.0, "degrees of freedom of student_t"),
  };
}

std::vector<Schema> change_schemas() {
  std::vector<Schema> all;
  Schema end{"end_event", "an event ends", {}};
  end.options = {
      required_option("end_event", {string_type("the id of an event")}, "which event ends"),
      required_option("at", {period_type()}, "the first period without its full force"),
      default_option("over", {integer_type(0, 1000)}, std::int64_t{0},
                     "periods over which it is phased out from then on"),
      default_option("remaining", quantity_type(0, 1), 0.0, "share of it that stays"),
      optional_option(
          "hazard", quantity_type(0, 1),
          "its end is drawn: from `at` on it ends in each period with this probability"),
  };
  all.push_back(end);
  Schema start{"start_event", "an event starts (again)", {}};
  start.options = {
      required_option("start_event", {string_type("the id of an event")}, "which event starts"),
      required_option("at", {period_type()}, "its first period"),
      optional_option("until", {period_type()}, "the first period without it; else it goes on"),
      optional_option("lasting", {integer_type(1, 1000)}, "periods it lasts, in place of `until`"),
      default_option("intensity", quantity_type(0, 10), 1.0,
                     "strength against the event in the past"),
      optional_option("hazard", quantity_type(0, 1),
                      "its start is drawn: from `at` on, while it is not active, it starts in each "
                      "period with this probability"),
  };
  all.push_back(start);
  Schema path{"path", "the path of an exogenous variable", {}};
  path.options = {
      required_option("path", {string_type("a series")}, "which exogenous series"),
      optional_option(
          "mode",
          {choice_type({"level", "pct", "add", "growth", "hold", "series", "scenario", "model"})},
          "level: the value; pct, add: a shift of the path so far; growth: per cent a "
          "period from the last known value; hold: the last known value; series: as "
          "another series of [data] has it (or this one, beyond the sample); scenario: "
          "as in another scenario; model: the forecast of a plugin, with its band; left out: level "
          "with a value, else hold"),
      optional_option("value", values_type(),
                      "a number, \"0.5%\", one value a period, or an assumption"),
      optional_option("series", {string_type("a series")}, "with mode = \"series\""),
      optional_option("scenario", {string_type("a scenario")}, "with mode = \"scenario\""),
      optional_option("model", {string_type("a plugin")},
                      "with mode = \"model\"; else arima, its order chosen by itself"),
      optional_option("target", {string_type("log(x) or x")},
                      "with mode = \"model\": what is forecast; else the series itself"),
  };
  add_span(path);
  all.push_back(path);
  Schema add{"add_factor", "a judgemental addition to an equation", {}};
  add.options = {
      required_option("add_factor", {string_type("an equation")}, "which equation"),
      required_option(
          "value", values_type(),
          "in the equation's units (on a log, -0.10 is about -10 %), or \"-10%\" of the "
          "variable; an array gives one value a period"),
      default_option("decay", {number_type(0, 1)}, 1.0,
                     "of each period's addition, that much is left in the next one"),
  };
  add_span(add);
  all.push_back(add);
  Schema fix{"fix", "an endogenous variable follows a given path", {}};
  fix.options = {
      required_option("fix", {string_type("a variable with an equation")}, "which variable"),
      required_option("value", {number_type(), assumption_type(), array_type(number_type(), 1)},
                      "the value, one a period, or an assumption"),
  };
  add_span(fix);
  all.push_back(fix);
  Schema parameter{"parameter", "a coefficient is changed", {}};
  parameter.options = {
      required_option("parameter", {string_type("EQUATION.COEFFICIENT")}, "which coefficient"),
      optional_option("multiply", quantity_type(), "times this"),
      optional_option("add", quantity_type(), "plus this"),
      optional_option("set", quantity_type(), "instead, this"),
      default_option("recentre", {boolean_type()}, true,
                     "the regressor acts from its value at the forecast origin on, so that the "
                     "level does not jump"),
  };
  all.push_back(parameter);
  Schema assume{"assume", "a number with a distribution, which other changes name", {}};
  assume.options = {
      required_option("assume", {string_type("a name")}, "its name"),
  };
  for (Option& option : distribution_options()) assume.options.push_back(std::move(option));
  all.push_back(assume);
  Schema condition{"condition", "something about the future is taken as known", {}};
  condition.options = {
      required_option("condition", {string_type("left = right, left >= right, left <= right")},
                      "what holds: draws are conditioned on it"),
      optional_option("at", {period_type()}, "in which period; else in all from `from` to `to`"),
      default_option("sd", {number_type(0)}, 0.0,
                     "of an equation: it holds up to an error of this size (a soft condition)"),
  };
  add_span(condition);
  all.push_back(condition);
  Schema target{"target", "a variable comes to a value, by an add-factor that is solved for", {}};
  target.options = {
      required_option("target", {string_type("a variable")}, "which variable's mean"),
      required_option("value", {number_type()}, "what it comes to"),
      required_option("at", {period_type()}, "when"),
      required_option("instrument", {string_type("an equation")},
                      "whose add-factor brings it about, the same from `from` to `to` (else `at`)"),
  };
  add_span(target);
  all.push_back(target);
  for (Schema& schema : all) add_common(schema);
  return all;
}

Schema run_schema() {
  Schema schema{"run", "", {}};
  schema.options = {
      required_option("title", {string_type("a text")}, "what the study is"),
      required_option(
          "frequency",
          {choice_type({"annual", "quarterly", "monthly", "weekly", "daily", "undated"})},
          "the period of the run"),
      optional_option("sample", {string_type("a range such as 2016-01..2022-03")},
                      "estimation sample; `..2022-03` starts at the first observation, and without "
                      "an end it ends at the last observation of an explained series"),
      optional_option("horizon",
                      {integer_type(1, 1000), string_type("a range such as 2022-04..2024-03")},
                      "periods that are projected: a number, or a range that follows the sample"),
      default_option("draws", {integer_type(100, 10000000)}, std::int64_t{10000},
                     "number of simulated paths"),
      default_option("seed", {integer_type(0, static_cast<std::int64_t>(kMostSeed))},
                     std::int64_t{1}, "seed of the random numbers"),
      default_option("sampling", {choice_type({"independent", "antithetic", "sobol"})},
                     std::string("independent"),
                     "how draws hang together: antithetic ones come in mirrored pairs, sobol ones "
                     "fill the space evenly; both need fewer draws for the same Monte-Carlo error"),
      default_option("parameters", {choice_type({"drawn", "estimated"})}, std::string("drawn"),
                     "coefficients and error variances of the draws. drawn: as uncertain as the "
                     "estimates are; estimated: at the estimates, so that bands show shocks only "
                     "and are too narrow"),
      default_option("innovations", {innovations_type()}, std::string("gaussian"),
                     "distribution of simulated shocks, of variance sigma^2 always: gaussian; "
                     "student_t, its degrees of freedom estimated from the equation's residuals; "
                     "bootstrap: those residuals, drawn with replacement"),
      default_option("paths", {integer_type(0, 10000000)}, std::int64_t{0},
                     "how many draws of each scenario paths.csv holds, every period of every "
                     "variable shown; 0: no such file"),
      default_option("live_draws", {integer_type(100, 10000000)}, std::int64_t{400},
                     "draws of each position of the sliders of [[live]], at most `draws`"),
      optional_option("note", {string_type("a text")}, "printed with the results"),
  };
  return schema;
}

Schema event_schema() {
  Schema schema{"event", "", {}};
  schema.options = {
      optional_option("start", {string_type("a date")}, "its first day, month, quarter or year"),
      optional_option("end", {string_type("a date or \"open\"")},
                      "its last; open: it has not ended"),
      default_option("over", {integer_type(0, 1000)}, std::int64_t{0},
                     "periods over which it faded after its end"),
      default_option("remaining", {number_type(0, 1)}, 0.0,
                     "share of it that stayed after its end"),
      optional_option("label", {string_type("a text")}, "what it is"),
      optional_option("kind", {string_type("a text")}, "sanction, border, policy, shock"),
      optional_option("direction", {choice_type({"tighten", "loosen"})}, "its expected effect"),
      optional_option("source", {string_type("a text")}, "where it comes from"),
      optional_option("reason", {string_type("a text")}, "why it differs from the calendar"),
  };
  return schema;
}

Schema check_schema_table() {
  Schema schema{"check", "", {}};
  schema.options = {
      required_option("identity", {string_type("left = right")},
                      "two expressions that must agree (or >=, <=)"),
      default_option("tolerance", {number_type(0), amount_type()}, std::string("0.5%"),
                     "\"0.5%\" of the larger side, or an absolute number"),
      optional_option("at", {string_type("a period or a range")}, "only there"),
      optional_option("trusted", {array_type(string_type("a series"))},
                      "series that are right: a unit slip is looked for in the others"),
      default_option("severity", {choice_type({"error", "warning"})}, std::string("error"),
                     "a warning is reported, but the check passes"),
      optional_option("label", {string_type("a text")}, "what it says"),
  };
  return schema;
}

Schema identity_schema() {
  Schema schema{"identity", "", {}};
  schema.options = {
      required_option("expression", {string_type("an expression")}, "what the variable is"),
      optional_option("label", {string_type("a text")}, "name in tables and figures"),
      optional_option("unit", {string_type("a text")}, "unit, as printed"),
      series_kind_option(),
  };
  return schema;
}

Schema scenario_schema() {
  Schema schema{"scenario", "", {}};
  schema.options = {
      optional_option("label", {string_type("a text")}, "name in tables and figures"),
      optional_option("extends", {string_type("a scenario")}, "whose changes it starts from"),
      optional_option("probability", {number_type(0, 1)},
                      "how likely it is held to be; those of all scenarios sum to one"),
      optional_option("note", {string_type("a text")}, "printed with its results"),
      optional_option("changes", {array_type(tagged_type("", change_schemas()))},
                      "what it changes, in order"),
  };
  return schema;
}

Schema effect_schema() {
  Schema schema{"compare", "two scenarios against each other", {}};
  schema.options = {
      required_option("compare", {array_type(string_type("a scenario"), 2, 2)},
                      "[A, B]: the effect is A less B, draw by draw"),
      optional_option("label", {string_type("a text")}, "name in tables and figures"),
      optional_option("variables", {array_type(string_type("a variable"))}, "else all"),
      default_option("attribution", {boolean_type()}, false,
                     "split the mean effect among the changes in which A and B differ"),
  };
  return schema;
}

Schema distribution_schema(const std::string& name) {
  Schema schema{name, "", distribution_options()};
  return schema;
}

Schema unrecorded_schema() {
  Schema schema{"unrecorded", "", {}};
  schema.options = {
      required_option("multiplier", {table_type(distribution_schema("multiplier"))},
                      "true over recorded trade in normal times, with its distribution"),
      optional_option("event", {string_type("the id of an event")},
                      "an event to which the unrecorded part reacts"),
      optional_option("stays", {table_type(distribution_schema("stays"))},
                      "share of the unrecorded part that stays while the event is active; above 1: "
                      "it grows"),
      optional_option("label", {string_type("a text")}, "name in tables and figures"),
      optional_option("unit", {string_type("a text")}, "unit, as printed"),
      optional_option("reason", {string_type("a text")}, "why"),
      optional_option("source", {string_type("a text")}, "where it comes from"),
  };
  return schema;
}

Schema question_schema() {
  Schema schema{"question", "", {}};
  schema.options = {
      optional_option("claim", {string_type("left <= right, left >= right or left = right")},
                      "what may come true: its probability is asked"),
      optional_option("at", {period_type()}, "in which period; else from `from` to `to`"),
      optional_option("from", {period_type()}, "first period; else the first of the horizon"),
      optional_option("to", {period_type()}, "last period; else the last of the horizon"),
      default_option("when", {choice_type({"all", "any"})}, std::string("all"),
                     "whether the claim must hold in all of the periods or in any"),
      optional_option("scenario", {string_type("a scenario")}, "else every one, and the mixture"),
      optional_option("solve", {string_type("an assumption of the scenario")},
                      "the reverse question: its value at which the claim has `probability`"),
      default_option("probability", {number_type(0, 1)}, 0.5, "with `solve`"),
      optional_option(
          "between", {array_type(number_type(), 2, 2)},
          "with `solve`: where it is looked for; else where its distribution is bounded"),
      optional_option("recovery", {string_type("a variable")},
                      "when it is back at `share` of its mean over `reference`"),
      default_option("share", {number_type(0)}, 1.0, "with `recovery`"),
      optional_option("reference", {string_type("a range such as 2019-01..2019-12")},
                      "with `recovery`"),
      default_option("smooth", {integer_type(1, 120)}, std::int64_t{1},
                     "with `recovery`: the mean of so many last periods counts"),
      optional_option("label", {string_type("a text")}, "the question in words"),
  };
  return schema;
}

Schema counterfactual_schema(const std::vector<Schema>& models) {
  Schema schema{"counterfactual", "what would have been without an event", {}};
  schema.options = {
      required_option("counterfactual", {string_type("a series")},
                      "what would have been of it without the event"),
      required_option("event", {string_type("the id of an event")}, "the event that happened"),
      optional_option("at", {period_type()},
                      "first period that it moved; else that of the event's start"),
      optional_option("until", {period_type()}, "last period looked at; else the sample's last"),
      default_option("method", {choice_type({"model", "synthetic_control"})}, std::string("model"),
                     "model: one of the time before, carried on; synthetic_control: a mixture of "
                     "series that the event left alone"),
      optional_option("model", {tagged_type("plugin", models)},
                      "the model of the time before; else the series' own equation without the "
                      "interventions of the event and of later ones"),
      optional_option("controls", {array_type(string_type("an expression"))},
                      "what the event left alone and the series moved with; else the regressors of "
                      "its equation"),
      optional_option("roles", {map_type({choice_type({"always", "pre_only"})})},
                      "by control. always: its values after the event are used; pre_only: they are "
                      "not, and its own past carries it on"),
      optional_option("donors", {array_type(string_type("an expression"), 2)},
                      "of a synthetic control: in units of the series"),
      default_option("level", {number_type(0.5, 0.999)}, 0.95, "of the bands"),
      default_option("placebo", {boolean_type()}, true,
                     "the same at dates (synthetic_control: for donors) where nothing happened"),
      optional_option("label", {string_type("a text")}, "name in tables and figures"),
  };
  return schema;
}

Schema regime_schema(const std::vector<Schema>& models) {
  Schema schema{"regime", "events that begin at breaks found in the data", {}};
  schema.options = {
      required_option("model", {tagged_type("plugin", models)},
                      "the model that finds the breaks: structural_break with as many `breaks`"),
      optional_option("events", {array_type(string_type("a name"), 1)},
                      "the events that begin at its breaks, in order; else one, of this name"),
      default_option("dates", {choice_type({"drawn", "estimated"})}, std::string("drawn"),
                     "drawn: each draw has dates from their joint distribution, and equations are "
                     "estimated at each of them; estimated: all draws have the estimated dates"),
      optional_option("label", {string_type("a text")}, "name in tables and figures"),
  };
  return schema;
}

Schema live_schema() {
  Schema schema{"live", "", {}};
  schema.options = {
      optional_option("label", {string_type("a text")}, "what the reader moves"),
      required_option("scenario",
                      {string_type("a scenario"), array_type(string_type("a scenario"), 1)},
                      "whose change it is; several that share it move together"),
      required_option("change", {string_type("a kind of change and its subject")},
                      "which change, as \"end_event border_closure\""),
      required_option("vary",
                      {choice_type({"at", "until", "over", "remaining", "intensity", "value",
                                    "multiply", "add", "set"})},
                      "which figure of the change"),
      required_option("from", {number_type(), period_type()}, "the lowest"),
      required_option("to", {number_type(), period_type()}, "the highest"),
      optional_option("points", {integer_type(2, 200)},
                      "positions that are simulated, where the scenario stands apart; else every "
                      "period or whole number, and 5 of other figures"),
  };
  return schema;
}

Schema labels_schema() {
  Schema schema{"labels", "", {}};
  for (const PageText& text : page_texts()) {
    schema.options.push_back(optional_option(text.key, {string_type("a text")},
                                             fmt::format("for \"{}\"", text.english)));
  }
  return schema;
}

}  // namespace

const Schema& config_schema(const PluginList& plugins) {
  static const Schema schema = [&] {
    std::vector<Schema> models, of_one_series;
    for (const Plugin& plugin : plugins) {
      models.push_back(plugin.schema);
      if (!has_targets(plugin)) of_one_series.push_back(plugin.schema);
    }
    Schema calendar{"calendar", "", {}};
    calendar.options = {required_option("file", {string_type("a CSV file, relative to the config")},
                                        "dated events: id, date, end_date, kind, direction, name")};
    Schema output{"output", "", {}};
    output.options = {
        optional_option("variables", {array_type(string_type("a variable"))},
                        "what tables and figures show; else all explained variables"),
        default_option("uncertainty", {boolean_type()}, false,
                       "split the variance of every projection among estimates, shocks and "
                       "assumptions"),
        optional_option("claims", {string_type("a CSV file, relative to the config")},
                        "claims of a text (series, period, value, unit, scenario, measure, base) "
                        "that the report "
                        "holds against the run")};
    Schema all{"config", "An Amnok study", {}};
    all.options = {
        required_option("run", {table_type(run_schema())}, "what is run"),
        optional_option("calendar", {table_type(calendar)}, "the event calendar"),
        optional_option("events", {map_type({table_type(event_schema())})},
                        "events of this study, or changes to those of the calendar"),
        optional_option("regimes", {map_type({table_type(regime_schema(models))})},
                        "events that begin at breaks found in the data"),
        optional_option("data", {map_type({table_type(series_source_schema())})}, "series by name"),
        optional_option("checks", {array_type(table_type(check_schema_table()))},
                        "identities that the data must satisfy"),
        optional_option(
            "models", {map_type({tagged_type("plugin", models)})},
            "equations by name; those of a table with `targets` are called by their series"),
        optional_option("identities",
                        {map_type({string_type("an expression"), table_type(identity_schema())})},
                        "variables that follow from others"),
        optional_option("unrecorded", {map_type({table_type(unrecorded_schema())})},
                        "trade that statistics miss, by the variable that they record"),
        optional_option("scenarios", {map_type({table_type(scenario_schema())})},
                        "scenarios by name, in order"),
        optional_option(
            "effects",
            {map_type({tagged_type("", {effect_schema(), counterfactual_schema(of_one_series)})})},
            "comparisons of scenarios, and of what happened with what would have"),
        optional_option("questions", {map_type({table_type(question_schema())})},
                        "probabilities of statements, recoveries, and reverse questions"),
        optional_option("live", {array_type(table_type(live_schema()))},
                        "sliders of the report page"),
        optional_option("output", {table_type(output)}, "what is shown"),
        optional_option("labels", {table_type(labels_schema())},
                        "texts of the report page in other words or another language"),
    };
    return all;
  }();
  return schema;
}

}  // namespace amnok
