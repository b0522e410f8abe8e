// The tasks of the reference runner, a file a field.
#pragma once

#include "engine/cli/reference/reference_runner.h"

namespace amnok {

Quantities run_nist_linear(const ReferenceCase& c);
Quantities run_nist_nonlinear(const ReferenceCase& c);
Quantities run_nonlinear_ls(const ReferenceCase& c);

Quantities run_arima_ml(const ReferenceCase& c);
Quantities run_intervention(const ReferenceCase& c);

Quantities run_auto_arima(const ReferenceCase& c);
Quantities run_theta(const ReferenceCase& c);
Quantities run_ets_select(const ReferenceCase& c);
Quantities run_stl(const ReferenceCase& c);
Quantities run_boxcox_lambda(const ReferenceCase& c);
Quantities run_holt_winters_recursion(const ReferenceCase& c);
Quantities run_unit_root_suite(const ReferenceCase& c);

Quantities run_bai_perron_breakpoints(const ReferenceCase& c);
Quantities run_stability_tests(const ReferenceCase& c);
Quantities run_bai_perron_tests(const ReferenceCase& c);
Quantities run_critical_values(const ReferenceCase& c);

Quantities run_ols_elasticity(const ReferenceCase& c);
Quantities run_iv_2sls(const ReferenceCase& c);
Quantities run_gls_ar1(const ReferenceCase& c);
Quantities run_panel(const ReferenceCase& c);

Quantities run_ardl_bounds(const ReferenceCase& c);
// The published bounds, a part of critical_values.
Quantities bounds_critical_value_quantities();
Quantities run_engle_granger(const ReferenceCase& c);
Quantities run_johansen(const ReferenceCase& c);

Quantities run_var(const ReferenceCase& c);
Quantities run_conditional_forecast(const ReferenceCase& c);
Quantities run_simultaneous_equations(const ReferenceCase& c);
Quantities run_system_simulation(const ReferenceCase& c);
Quantities run_ucm_ml(const ReferenceCase& c);
Quantities run_structts_r(const ReferenceCase& c);
Quantities run_counterfactual_ucm(const ReferenceCase& c);
Quantities run_synthetic_control(const ReferenceCase& c);
Quantities run_forecast_evaluation(const ReferenceCase& c);

}  // namespace amnok
