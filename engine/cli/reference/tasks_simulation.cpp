// Simulation of estimated systems.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/system/system.h"

namespace amnok {

namespace {

// The symbols of Klein (1950) by the columns of the data set, as results are named.
const std::map<std::string, std::string> kKleinSymbols = {
    {"consump", "C"},  {"invest", "I"},  {"privWage", "Wp"}, {"gnp", "X"},
    {"corpProf", "P"}, {"capital", "K"}, {"wages", "W"}};

// Equations, identities and lags of a case, all as expressions of its columns.
struct SimulatedCase {
  std::vector<Identity> identities;
  std::set<std::string> endogenous;
  std::map<std::string, std::string> symbols;  // by variable
  std::vector<int> rows;                       // of the table, one a period
  bool dynamic = true;
};

void add(SimulatedCase& model, const std::string& name, const std::string& text) {
  model.identities.push_back({name, parse_expression(text)});
  model.endogenous.insert(name);
}

std::string add_factor_name(const std::string& variable) {
  return "add_factor_" + variable;
}

double coefficient(const ReferenceCase& c, const std::string& name) {
  const ConfigValue* table = c.spec.find("coefficients");
  const ConfigValue* names = table == nullptr ? nullptr : table->find("names");
  const ConfigValue* values = table == nullptr ? nullptr : table->find("values");
  if (names == nullptr || values == nullptr) throw InputError("no coefficients in the spec");
  for (std::size_t i = 0; i < names->items().size(); ++i) {
    if (names->items()[i].string() == name) return values->items().at(i).number();
  }
  throw InputError("no coefficient " + name + " in the spec");
}

// "consump ~ corpProf + wages" with consump_const, consump_corpProf, consump_wages.
void add_equation(const ReferenceCase& c, const std::string& equation, const std::string& formula,
                  SimulatedCase& model) {
  const auto tilde = formula.find('~');
  if (tilde == std::string::npos) throw InputError("no ~ in the formula " + formula);
  const std::string variable(trim(std::string_view(formula).substr(0, tilde)));
  std::string text = add_factor_name(variable);
  bool constant = true;
  const std::string right = formula.substr(tilde + 1);
  for (const std::string_view part : split(right, '+')) {
    const std::string term(trim(part));
    if (term == "0") constant = false;
    if (term == "0" || term == "1") continue;
    text += fmt::format(" + ({:.17g}) * ({})", coefficient(c, equation + "_" + term), term);
  }
  if (constant) text += fmt::format(" + ({:.17g})", coefficient(c, equation + "_const"));
  add(model, variable, text);
}

// "gnp X = consump + invest + govExp": gnp, also called X.
void add_identity(const std::string& text, SimulatedCase& model) {
  const auto equals = text.find('=');
  if (equals == std::string::npos) throw InputError("no = in the identity " + text);
  const std::string left(trim(std::string_view(text).substr(0, equals)));
  const auto space = left.find(' ');
  const std::string name = left.substr(0, space);
  add(model, name, text.substr(equals + 1));
  if (space == std::string::npos) return;
  const std::string symbol(trim(std::string_view(left).substr(space)));
  model.symbols[name] = symbol;
  if (symbol != name) add(model, symbol, name);
}

// xLag is the x of the period before, where the system explains x.
void add_lags(SimulatedCase& model) {
  std::set<std::string> used;
  for (const Identity& identity : model.identities) {
    const auto& names = identity.expression.variables();
    used.insert(names.begin(), names.end());
  }
  for (const std::string& name : used) {
    if (name.size() <= 3 || !name.ends_with("Lag")) continue;
    const std::string base = name.substr(0, name.size() - 3);
    if (model.endogenous.contains(base)) add(model, name, "lag(" + base + ", 1)");
  }
}

SimulatedCase simulated_case(const ReferenceCase& c) {
  SimulatedCase model;
  const ConfigValue* equations = c.spec.find("equations");
  if (equations == nullptr) throw InputError("no equations in the spec");
  for (const ConfigValue::Member& member : equations->members()) {
    add_equation(c, member.key, member.value.string(), model);
  }
  for (const std::string& identity : c.texts("identities")) add_identity(identity, model);
  model.dynamic = c.text("dynamic").find("static") == std::string::npos;
  if (model.dynamic) add_lags(model);
  const std::vector<double> years = c.numbers("years");
  const DataTable& table = c.data.at(0);
  for (int t = 0; t < table.rows(); ++t) {
    const bool chosen =
        years.empty() || !table.has("year") ||
        std::find(years.begin(), years.end(), table.column("year")(t)) != years.end();
    if (chosen) model.rows.push_back(t);
  }
  if (model.rows.empty()) throw InputError("no year of the spec is in the data");
  return model;
}

// A number for every period, or one a period.
VectorXd path_of(const ConfigValue* value, Eigen::Index periods) {
  if (value == nullptr) return VectorXd::Zero(periods);
  if (value->is_number()) return VectorXd::Constant(periods, value->number());
  VectorXd path = VectorXd::Zero(periods);
  for (std::size_t t = 0; t < value->items().size() && t < static_cast<std::size_t>(periods); ++t) {
    path(static_cast<Eigen::Index>(t)) = value->items()[t].number();
  }
  return path;
}

// The period before the first: what the first row says of its lags.
Frame history_of(const ReferenceCase& c, const SimulatedCase& model, Period first) {
  const DataTable& table = c.data.at(0);
  Frame history(PeriodRange{first - 1, 1});
  const auto put = [&](const std::string& name, double value) {
    history.add({name, "", first - 1, VectorXd::Constant(1, value), {}, {}, "", {}});
  };
  const int row = model.rows[0];
  for (const std::string& name : table.value_columns()) {
    put(name, row > 0 ? table.column(name)(row - 1) : kMissing);
  }
  for (const std::string& name : model.endogenous) {
    const std::string lag = name + "Lag";
    if (table.has(lag)) {
      put(name, table.column(lag)(row));
    } else if (history.find(name) == nullptr) {
      put(name, kMissing);
    }
  }
  return history;
}

SystemInputs inputs_of(const ReferenceCase& c, const SimulatedCase& model) {
  const DataTable& table = c.data.at(0);
  const auto periods = static_cast<Eigen::Index>(model.rows.size());
  SystemInputs inputs;
  for (const std::string& name : table.value_columns()) {
    if (!model.endogenous.contains(name)) {
      inputs.exogenous[name] = VectorXd(table.column(name)(model.rows));
    }
  }
  if (const auto spending = inputs.exogenous.find("govExp"); spending != inputs.exogenous.end()) {
    spending->second += path_of(c.spec.find("gov_shock"), periods);
  }
  const ConfigValue* factors = c.spec.find("add_factors");
  const ConfigValue* equations = c.spec.find("equations");
  for (const ConfigValue::Member& member : equations->members()) {
    const std::string& formula = member.value.string();
    const std::string variable(trim(std::string_view(formula).substr(0, formula.find('~'))));
    const ConfigValue* given = factors == nullptr ? nullptr : factors->find(variable);
    if (given == nullptr && factors != nullptr) given = factors->find(member.key);
    inputs.exogenous[add_factor_name(variable)] = path_of(given, periods);
  }
  return inputs;
}

}  // namespace

Quantities run_system_simulation(const ReferenceCase& c) {
  const SimulatedCase model = simulated_case(c);
  const Period first{Frequency::undated, model.rows[0] + 1};
  const PeriodRange horizon{first, static_cast<std::int64_t>(model.rows.size())};
  const System system({}, model.identities, history_of(c, model, first), horizon);
  const auto paths = system.simulate(system.at_estimates(), inputs_of(c, model));
  Quantities q;
  for (std::size_t v = 0; v < paths.size(); ++v) {
    const std::string& name = system.variables()[v];
    const VectorXd path = paths[v].col(0);
    q[name] = path;
    const auto symbol = kKleinSymbols.find(name);
    if (symbol != kKleinSymbols.end()) q[symbol->second] = path;
    if (const auto own = model.symbols.find(name); own != model.symbols.end())
      q[own->second] = path;
  }
  return q;
}

}  // namespace amnok
