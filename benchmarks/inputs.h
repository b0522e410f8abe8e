// What the benchmarks run on: drawn from fixed seeds, and written out for the peers.
#pragma once

#include <string>

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
RegressionInput break_input(int n);  // constant and 3 regressors, breaks at 0.3 n and 0.65 n

// Every input as CSV: air.csv, arima212.csv, sarimax.csv, ols300.csv, ols100000.csv, breaks200.csv,
// ...
void write_inputs(const std::string& folder);

}  // namespace amnok
