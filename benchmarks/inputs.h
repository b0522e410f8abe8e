// What the benchmarks run on: drawn from fixed seeds, and written out for the peers.
#pragma once

#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/model/sample.h"

namespace amnok {

VectorXd air_passengers();  // logs of Box & Jenkins' series G
VectorXd arma212_series();  // ARIMA(2,1,2), n = 500
Sample sarimax_sample();    // (1,0,1)(1,1,1)[12], three regressors, n = 480

struct RegressionInput {
  MatrixXd x;
  VectorXd y;
};
RegressionInput regression_input(int n, int k);  // constant and k - 1 regressors, AR(1) errors
// Constant and three exogenous regressors, one endogenous, three instruments.
struct InstrumentInput {
  VectorXd y;
  MatrixXd exogenous, endogenous, instruments;
};
InstrumentInput instrument_input(int n);
// Entities over periods, sorted; `missing`: every 50th row is left out.
struct PanelInput {
  MatrixXd x;
  VectorXd y;
  std::vector<int> entity, period;
};
PanelInput panel_input(int entities, int periods, int k, bool missing);
// A constant and k - 1 regressors, exp of their sum with noise, every fourth observation zero.
RegressionInput poisson_input(int n, int k);
RegressionInput break_input(int n);  // constant and 3 regressors, breaks at 0.3 n and 0.65 n

// Every input as CSV: air.csv, arima212.csv, sarimax.csv, ols300.csv, ols100000.csv,
// breaks200.csv, ..., iv.csv, poisson.csv, panel.csv (a million rows)
void write_inputs(const std::string& folder);

}  // namespace amnok
