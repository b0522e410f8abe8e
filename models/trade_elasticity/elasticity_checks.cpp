#include "models/trade_elasticity/elasticity_checks.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "engine/base/text.h"
#include "models/trade_elasticity/elasticity_names.h"

namespace amnok {

namespace {

using Estimator = ElasticitySpec::Estimator;
using Resampling = ElasticitySpec::Resampling;
using PanelEffectsKind = ElasticitySpec::PanelEffectsKind;
using PanelErrorsKind = ElasticitySpec::PanelErrorsKind;

bool is_heterogeneous(const ElasticitySpec& spec) {
  return spec.estimator == Estimator::mean_group || spec.estimator == Estimator::cce ||
         spec.estimator == Estimator::cce_pooled;
}

bool needs_instruments(const ElasticitySpec& spec) {
  return spec.estimator == Estimator::two_stage || spec.estimator == Estimator::liml ||
         spec.estimator == Estimator::gmm;
}

using Refuse = std::function<void(const char* key, const std::string& why)>;

void refuse_forms(const ElasticitySpec& spec, const std::string& with, const Refuse& refuse) {
  if (!spec.priors.empty()) refuse("prior", "is given, but must be left out " + with);
  if (spec.time_varying) refuse("time_varying", "is true, but must be false " + with);
  if (spec.prewhiten) refuse("prewhiten", "is true, but must be false " + with);
  if (spec.bootstrap != Resampling::none) {
    refuse("bootstrap", "is given, but must be none " + with);
  }
}

void check_panel(const EquationSpec& equation, const ElasticitySpec& spec, const Refuse& refuse) {
  const Options& options = equation.options;
  refuse_forms(spec, "with panel", refuse);
  if (!spec.instruments.empty()) refuse("instruments", "is given, but must be left out with panel");
  if (spec.dynamic) refuse("dynamics", "is \"ardl\", but must be \"static\" with panel");
  if (spec.estimator == Estimator::poisson && spec.effects == PanelEffectsKind::random) {
    refuse("effects", "is \"random\", but must be unit, two_way or none with estimator = \"ppml\"");
  }
  if (!value_of(kPanelErrors, options.string("errors"))) {
    refuse("errors", fmt::format("is \"{}\", but must be one of {} with panel",
                                 options.string("errors"), join(names_of(kPanelErrors), ", ")));
  }
  if (is_heterogeneous(spec)) {
    for (const char* key : {"effects", "errors"}) {
      if (options.table().find(key) != nullptr) {
        refuse(key, fmt::format("is given, but must be left out with estimator = \"{}\": units "
                                "have constants of their own and slopes whose spread is the error",
                                options.string("estimator")));
      }
    }
  }
  if (!spec.constant) refuse("constant", "is false, but must be true with panel");
  if (equation.regressors.empty()) {
    refuse("panel", "is given, but must be left out without regressors: units share slopes");
  }
}

void check_poisson(const EquationSpec& equation, const ElasticitySpec& spec, const Refuse& refuse) {
  const std::string with = "with estimator = \"ppml\"";
  if (spec.panel.empty()) refuse_forms(spec, with, refuse);
  if (!spec.instruments.empty()) refuse("instruments", "is given, but must be left out " + with);
  if (spec.dynamic) refuse("dynamics", "is \"ardl\", but must be \"static\" " + with);
  if (equation.target.transform.kind != Transform::Kind::level) {
    refuse("target", fmt::format("is {}, but must be the level {} {}: its mean is log-linear",
                                 equation.target.transform.text(equation.target.variable),
                                 equation.target.variable, with));
  }
  if (spec.errors &&
      !std::set{RobustKind::classical, RobustKind::hc0, RobustKind::hc1, RobustKind::newey_west}
           .contains(*spec.errors)) {
    refuse("errors", fmt::format("is \"{}\", but must be classical, hc0, hc1 or newey_west {}",
                                 equation.options.string("errors"), with));
  }
}

void check_cointegration(const EquationSpec& equation, const ElasticitySpec& spec,
                         const Refuse& refuse) {
  const auto without = [&](bool given, const char* what) {
    if (given) refuse("cointegration", fmt::format("is true, but must be false with {}", what));
  };
  without(!spec.panel.empty(), "panel");
  without(!spec.instruments.empty(), "instruments");
  without(!spec.regimes.empty(), "regimes: the relation differs between them");
  without(!spec.priors.empty(), "prior");
  without(spec.asymmetric, "asymmetric = true");
  without(spec.estimator == Estimator::poisson, "estimator = \"ppml\"");
  without(equation.regressors.empty(), "no regressors");
}

void check_weights(const ElasticitySpec& spec, const Refuse& refuse) {
  const auto without = [&](bool given, const char* what) {
    if (given) refuse("row_weights", fmt::format("is given, but must be left out with {}", what));
  };
  without(!spec.panel.empty(), "panel");
  without(!spec.instruments.empty(), "instruments");
  without(spec.estimator == Estimator::poisson, "estimator = \"ppml\"");
  without(spec.dynamic, "dynamics = \"ardl\"");
  without(spec.cointegration, "cointegration");
  without(spec.time_varying, "time_varying");
  without(spec.bootstrap != Resampling::none, "bootstrap");
}

}  // namespace

void check_combination(const EquationSpec& equation, const ElasticitySpec& spec,
                       ProblemList& problems) {
  const Options& options = equation.options;
  const Refuse refuse = [&](const char* key, const std::string& why) {
    problems.error(options.where(key), fmt::format("models.{}.{} {}", equation.name, key, why));
  };
  const bool instrumented = !spec.instruments.empty();
  if (!spec.panel.empty()) check_panel(equation, spec, refuse);
  if (spec.panel.empty()) {
    if (is_heterogeneous(spec)) {
      refuse("estimator", fmt::format("is \"{}\", but must be another one without panel",
                                      options.string("estimator")));
    }
    for (const char* key : {"effects", "unit"}) {
      if (options.table().find(key) != nullptr) refuse(key, "is given, but belongs to a panel");
    }
    const std::string& errors = options.string("errors");
    if (!value_of(kErrors, errors) && errors != "auto") {
      refuse("errors", fmt::format("is \"{}\", but must be one of {} without panel", errors,
                                   join(names_of(kErrors, "auto"), ", ")));
    }
  }
  if (spec.estimator == Estimator::poisson) check_poisson(equation, spec, refuse);
  if (spec.cointegration) check_cointegration(equation, spec, refuse);
  if (spec.weighted) check_weights(spec, refuse);
  if (spec.dynamic) {
    if (instrumented) refuse("instruments", "is given, but must be left out of an ARDL");
    if (!spec.regimes.empty()) refuse("regimes", "is given, but must be left out of an ARDL");
    if (!spec.priors.empty()) refuse("prior", "is given, but must be left out of an ARDL");
    if (spec.time_varying) refuse("time_varying", "is true, but must be false in an ARDL");
    if (spec.bootstrap != Resampling::none) {
      refuse("bootstrap", "is given, but must be none in an ARDL");
    }
  } else if (spec.asymmetric) {
    refuse("asymmetric", "is true, but must be false without dynamics = \"ardl\"");
  }
  if (instrumented) {
    if (!spec.regimes.empty()) refuse("regimes", "is given, but must be left out with instruments");
    if (!spec.priors.empty()) refuse("prior", "is given, but must be left out with instruments");
    if (spec.bootstrap != Resampling::none) {
      refuse("bootstrap", "is given, but must be none with instruments");
    }
    if (spec.time_varying) refuse("time_varying", "is true, but must be false with instruments");
  } else if (!spec.endogenous.empty()) {
    refuse("endogenous", "is given, but must be left out without instruments");
  } else if (needs_instruments(spec)) {
    refuse("estimator", fmt::format("is \"{}\", but must be \"ols\" without instruments",
                                    options.string("estimator")));
  }
}

void warn_of_idle(const EquationSpec& equation, const ElasticitySpec& spec, ProblemList& problems) {
  const bool panel = !spec.panel.empty();
  const bool scores = !spec.instruments.empty() || spec.estimator == Estimator::poisson;
  const bool least_squares = !panel && !scores;
  const bool automatic = panel ? spec.panel_errors == PanelErrorsKind::automatic : !spec.errors;
  const bool kernel = spec.lags || spec.prewhiten || !spec.priors.empty();
  const auto chosen = [&](std::initializer_list<RobustKind> kinds) {
    return !panel && spec.errors &&
           std::find(kinds.begin(), kinds.end(), *spec.errors) != kinds.end();
  };
  const auto idle = [&](const char* key, const char* hint) {
    problems.warning(equation.options.where(key),
                     fmt::format("models.{}.{} does nothing with errors = \"{}\"", equation.name,
                                 key, equation.options.string("errors")),
                     hint);
  };
  // The default of a dynamic equation is classical.
  const bool lags = panel ? automatic || spec.panel_errors == PanelErrorsKind::driscoll_kraay
                          : (automatic && !spec.dynamic) ||
                                chosen({RobustKind::newey_west, RobustKind::newey_west_fixed_b});
  if (spec.lags && !lags) {
    idle("lags",
         panel ? "errors = \"driscoll_kraay\" has lags" : "errors = \"newey_west\" has lags");
  }
  const bool cosines =
      least_squares && ((automatic && !spec.dynamic && !kernel) || chosen({RobustKind::ewc}));
  if (spec.cosines && !cosines) idle("cosines", "errors = \"ewc\" has cosines");
  const bool prewhitens = least_squares && ((automatic && !spec.dynamic) ||
                                            chosen({RobustKind::newey_west, RobustKind::andrews}));
  if (spec.prewhiten && !prewhitens) {
    idle("prewhiten", "errors = \"newey_west\" and \"andrews\" prewhiten");
  }
}

}  // namespace amnok
