// What [effects.NAME] with `counterfactual` asks: what would a variable have been without an event
// that has happened?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/model/plugin.h"

namespace amnok {

// What is known of a control after the event.
//   always    its observed values: the event must not have moved it
//   pre_only  nothing: it goes on as its own past says, with the uncertainty of that
enum class ControlRole { always, pre_only };

struct ControlSpec {
  Expression expression;
  ControlRole role = ControlRole::always;
};

struct CounterfactualSpec {
  enum class Method { model, synthetic_control };
  std::string name, label;
  std::string variable, event;
  std::optional<Period> at, until;  // nothing: the event's first period; the end of the sample
  Method method = Method::model;
  // The model of the time before, of `variable`: of the table `model`, or the variable's own
  // equation. Its regressors are those of `controls`.
  std::optional<EquationSpec> equation;
  bool own_model = false;  // of the table `model`
  std::vector<ControlSpec> controls;
  std::vector<Expression> donors;  // of a synthetic control
  double level = 0.95;
  bool placebo = true;
  SourceRange where;
};

}  // namespace amnok
