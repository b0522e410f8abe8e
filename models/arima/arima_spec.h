// What a seasonal ARIMA regression is, and the data it is fitted to.
//
//   y_t = x_t' beta + sum_i omega_i(B) / delta_i(B) u_it + z_t
//   phi(B) Phi(B^s) (1 - B)^d (1 - B^s)^D z_t = theta(B) Theta(B^s) e_t,   e_t ~ N(0, sigma^2)
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/model/linearised_sums.h"
#include "engine/solver/parameter_vector.h"

namespace amnok {

struct ArimaOrder {
  int p = 0, d = 0, q = 0;
  int seasonal_p = 0, seasonal_d = 0, seasonal_q = 0;
  int period = 1;

  int arma_count() const { return p + q + seasonal_p + seasonal_q; }
  int differences() const { return d + seasonal_d * period; }  // observations lost
  int ar_lags() const { return p + seasonal_p * period; }
  int ma_lags() const { return q + seasonal_q * period; }
  bool operator==(const ArimaOrder&) const = default;
};
std::string order_text(const ArimaOrder& order);  // (0,1,1)(0,1,1)[12]
// (1 - B)^d (1 - B^s)^D of every column; the first rows are lost.
MatrixXd differenced(const MatrixXd& columns, const ArimaOrder& order);

// A dynamic input u_t. Each coefficient omega_j multiplies u_{t-delay-j} / (1 - delta B); without a
// denominator, u_{t-delay-j} itself. `values` may reach back before the sample: its last n are the
// sample's, and it is zero before its first.
struct TransferInput {
  std::string name;
  VectorXd values;
  int numerator = 0;    // omega_0 .. omega_numerator
  int denominator = 0;  // 0 or 1
  int delay = 0;
  bool outlier = false;  // its one coefficient has the name itself

  std::string coefficient(int j) const;  // NAME.omega0, ...
};

struct ArimaData {
  ArimaOrder order;
  VectorXd y;   // NaN missing
  VectorXd sd;  // measurement standard deviations; empty: exact
  std::vector<std::string> regressor_names;
  MatrixXd x;  // n x k
  std::vector<TransferInput> inputs;
  std::vector<SumObservation> sums;
  bool conditional = false;  // the likelihood given the first observations, of complete data

  int n() const { return static_cast<int>(y.size()); }
  bool noisy() const;     // some observation carries a measurement error
  bool complete() const;  // every period has one exact observation and nothing else
};

// Names: ar1.. ma1.. sar1.. sma1.., then NAME.delta1 of each denominator (and sigma when noisy).
ParameterVector arima_parameters(const ArimaData& data);
// Names of the regression coefficients: regressors, then NAME.omega0 .. of each input (an outlier:
// its name).
std::vector<std::string> regression_names(const ArimaData& data);

}  // namespace amnok
