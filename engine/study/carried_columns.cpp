#include "engine/study/carried_columns.h"

#include "engine/study/joint_equations.h"

namespace amnok {

namespace {

class Collector {
 public:
  void add(const ConfigValue& text, bool is_target) {
    try {
      // A string's contents start one byte after its opening quote.
      columns_.push_back({parse_expression(text.string(), text.where.sub_range(1, 1)), is_target});
    } catch (const InputError& error) {
      problems_.append(error.problems());
    }
  }

  void add_all(const ConfigValue* list) {
    if (list == nullptr) return;
    for (const ConfigValue& item : list->items()) add(item, false);
  }

  void add_joint(const EquationSpec& equation) {
    for (Expression& target : joint_targets(equation))
      columns_.push_back({std::move(target), true});
  }

  std::vector<CarriedColumn> take() {
    problems_.throw_if_errors();
    return std::move(columns_);
  }

 private:
  std::vector<CarriedColumn> columns_;
  ProblemList problems_;
};

}  // namespace

std::vector<CarriedColumn> carried_columns(const EquationSpec& equation) {
  Collector collector;
  const ConfigValue& table = equation.options.table();
  collector.add_all(table.find("instruments"));
  if (const ConfigValue* weights = table.find("row_weights")) collector.add(*weights, false);
  if (const ConfigValue* panel = table.find("panel")) {
    for (const ConfigValue& unit : panel->items()) {
      if (const ConfigValue* target = unit.find("target")) collector.add(*target, true);
      collector.add_all(unit.find("regressors"));
    }
  }
  if (is_joint(equation)) collector.add_joint(equation);
  return collector.take();
}

}  // namespace amnok
