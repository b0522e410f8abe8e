#include "engine/study/joint_equations.h"

#include <fmt/format.h>

#include "engine/base/text.h"

namespace amnok {

namespace {

std::vector<Target> read_targets(const std::string& table_name, const ConfigValue& table,
                                 ProblemList& problems) {
  std::vector<Target> targets;
  for (const ConfigValue& item : table.find("targets")->items()) {
    try {
      targets.push_back(parse_target(item.string(), item.where.sub_range(1, 1)));
    } catch (const InputError& error) {
      problems.append(error.problems());
      continue;
    }
    if (targets.back().transform.kind == Transform::Kind::box_cox) {
      problems.error(item.where,
                     fmt::format("models.{}.targets has {}, but must have series, their logarithms "
                                 "or square roots: lags of them are regressors",
                                 table_name, item.string()));
    }
  }
  return targets;
}

int lag_count(const Options& options) {
  const ConfigValue& lags = options.get("lags");
  return lags.is(ConfigValue::Kind::integer) ? static_cast<int>(lags.integer())
                                             : options.integer("max_lags");
}

}  // namespace

bool has_targets(const Plugin& plugin) {
  return plugin.schema.find("targets") != nullptr;
}

bool is_joint(const EquationSpec& equation) {
  return equation.options.table().find("targets") != nullptr;
}

bool in_same_table(const EquationSpec& a, const EquationSpec& b) {
  return is_joint(a) && is_joint(b) && a.where.file == b.where.file &&
         a.where.line == b.where.line && a.where.column == b.where.column;
}

std::vector<EquationSpec> read_joint_equations(const std::string& table_name,
                                               const ConfigValue& table, const Plugin& plugin,
                                               ProblemList& problems) {
  const std::size_t before = problems.all().size();
  const std::vector<Target> targets = read_targets(table_name, table, problems);
  if (problems.all().size() > before) return {};
  std::vector<EquationSpec> equations;
  ProblemList repeated;  // what the first equation has said already
  for (std::size_t i = 0; i < targets.size(); ++i) {
    ConfigValue own = table;
    const ConfigValue& item = table.find("targets")->items()[i];
    own.add({"target", item.where, item});
    EquationSpec equation =
        read_equation(targets[i].variable, own, plugin, equations.empty() ? problems : repeated);
    for (int lag = 1; lag <= lag_count(equation.options); ++lag) {
      for (std::size_t j = 0; j < targets.size(); ++j) {
        const std::string text = targets[j].transform.text(targets[j].variable);
        equation.regressors.push_back(parse_expression(fmt::format("lag({}, {})", text, lag),
                                                       table.find("targets")->items()[j].where));
      }
    }
    equations.push_back(std::move(equation));
  }
  return equations;
}

std::vector<Expression> joint_targets(const EquationSpec& equation) {
  std::vector<Expression> targets;
  for (const ConfigValue& item : equation.options.table().find("targets")->items()) {
    targets.push_back(parse_expression(item.string(), item.where.sub_range(1, 1)));
  }
  return targets;
}

std::string equation_words(const EquationSpec& equation) {
  if (!is_joint(equation)) return "models." + equation.name;
  std::vector<std::string> names;
  for (const Expression& target : joint_targets(equation)) {
    names.push_back(target.variables().front());
  }
  const std::string last = names.back();
  names.pop_back();
  return fmt::format("the system of {} and {}", join(names, ", "), last);
}

}  // namespace amnok
