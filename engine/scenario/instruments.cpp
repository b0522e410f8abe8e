#include "engine/scenario/instruments.h"

namespace amnok {

std::vector<Expression> instrument_expressions(const EquationSpec& equation) {
  std::vector<Expression> instruments;
  const ConfigValue* list = equation.options.table().find("instruments");
  if (list == nullptr) return instruments;
  ProblemList problems;
  for (const ConfigValue& item : list->items()) {
    try {
      instruments.push_back(parse_expression(item.string(), item.where.sub_range(1, 1)));
    } catch (const InputError& error) {
      problems.append(error.problems());
    }
  }
  problems.throw_if_errors();
  return instruments;
}

}  // namespace amnok
