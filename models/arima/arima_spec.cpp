#include "models/arima/arima_spec.h"

#include <fmt/format.h>

#include <cmath>

namespace amnok {

std::string order_text(const ArimaOrder& o) {
  std::string text = fmt::format("({},{},{})", o.p, o.d, o.q);
  if (o.period > 1 && o.seasonal_p + o.seasonal_d + o.seasonal_q > 0) {
    text += fmt::format("({},{},{})[{}]", o.seasonal_p, o.seasonal_d, o.seasonal_q, o.period);
  }
  return text;
}

std::string TransferInput::coefficient(int j) const {
  return outlier ? name : fmt::format("{}.omega{}", name, j);
}

bool ArimaData::noisy() const {
  for (double s : sd) {
    if (s > 0) return true;
  }
  for (const SumObservation& sum : sums) {
    if (sum.variance > 0) return true;
  }
  return false;
}

bool ArimaData::complete() const {
  return y.allFinite() && sums.empty() && !noisy();
}

ParameterVector arima_parameters(const ArimaData& data) {
  const ArimaOrder& o = data.order;
  ParameterVector parameters;
  const auto block = [&](const char* prefix, int count, Constraint constraint) {
    std::vector<std::string> names;
    for (int i = 1; i <= count; ++i) names.push_back(fmt::format("{}{}", prefix, i));
    parameters.add_block(names, std::vector<double>(names.size(), 0.0), constraint);
  };
  block("ar", o.p, Constraint::stationary);
  block("ma", o.q, Constraint::invertible);
  block("sar", o.seasonal_p, Constraint::stationary);
  block("sma", o.seasonal_q, Constraint::invertible);
  for (const TransferInput& input : data.inputs) {
    if (input.denominator > 0) {
      parameters.add(input.name + ".delta1", 0.5, Constraint::bounded, -1, 1);
    }
  }
  if (data.noisy()) parameters.add("sigma", 1, Constraint::positive);
  return parameters;
}

std::vector<std::string> regression_names(const ArimaData& data) {
  std::vector<std::string> names = data.regressor_names;
  for (const TransferInput& input : data.inputs) {
    for (int j = 0; j <= input.numerator; ++j) names.push_back(input.coefficient(j));
  }
  return names;
}

MatrixXd differenced(const MatrixXd& columns, const ArimaOrder& o) {
  MatrixXd result = columns;
  Eigen::Index rows = result.rows();
  const auto once = [&](Eigen::Index lag) {
    for (Eigen::Index j = 0; j < result.cols(); ++j) {
      double* v = result.col(j).data();
      for (Eigen::Index t = 0; t + lag < rows; ++t) v[t] = v[t + lag] - v[t];
    }
    rows -= lag;
  };
  for (int i = 0; i < o.seasonal_d; ++i) once(o.period);
  for (int i = 0; i < o.d; ++i) once(1);
  return result.topRows(rows);
}

}  // namespace amnok
