#include "benchmarks/inputs.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <fstream>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

VectorXd normals(int n, std::uint32_t draw) {
  std::vector<double> x(static_cast<std::size_t>(n));
  fill_normals({42, Purpose::simulation, 0}, draw, x);
  return Eigen::Map<const VectorXd>(x.data(), n);
}

void write_csv(const std::string& path, const std::vector<std::string>& header,
               const MatrixXd& data) {
  std::ofstream file(path);
  file << join(header, ",") << "\n";
  for (Eigen::Index t = 0; t < data.rows(); ++t) {
    for (Eigen::Index j = 0; j < data.cols(); ++j) {
      file << (j > 0 ? "," : "") << format_number(data(t, j));
    }
    file << "\n";
  }
}

MatrixXd beside(const VectorXd& y, const MatrixXd& x) {
  MatrixXd all(y.size(), x.cols() + 1);
  all << y, x;
  return all;
}

std::vector<std::string> names(const std::string& prefix, Eigen::Index count) {
  std::vector<std::string> result = {"y"};
  for (Eigen::Index j = 1; j <= count; ++j) result.push_back(fmt::format("{}{}", prefix, j));
  return result;
}

MatrixXd normals(Eigen::Index n, Eigen::Index k, std::uint32_t equation) {
  MatrixXd z(n, k);
  fill_normals({2026, Purpose::simulation, equation}, 0,
               std::span<double>(z.data(), static_cast<std::size_t>(n * k)));
  return z;
}

}  // namespace

VectorXd air_passengers() {
  ProblemList problems;
  const CsvTable table =
      read_csv(std::string(AMNOK_SOURCE_DIR) + "/tests/reference/data/airpassengers.csv", problems);
  VectorXd y(static_cast<Eigen::Index>(table.rows()));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    y(static_cast<Eigen::Index>(row)) = std::log(*parse_double(table.cell(row, 1)));
  }
  return y;
}

VectorXd arma212_series() {
  const int n = 500;
  const VectorXd e = normals(n + 50, 1);
  VectorXd w = VectorXd::Zero(n + 50), y(n);
  for (int t = 2; t < n + 50; ++t) {
    w(t) = 0.5 * w(t - 1) - 0.3 * w(t - 2) + e(t) + 0.4 * e(t - 1) + 0.25 * e(t - 2);
  }
  double level = 0;
  for (int t = 0; t < n; ++t) y(t) = level += w(t + 50);
  return y;
}

Sample sarimax_sample() {
  const int n = 480, burn = 120;
  const VectorXd e = 0.05 * normals(n + burn, 2);
  VectorXd w = VectorXd::Zero(n + burn), z = VectorXd::Zero(n + burn);
  for (int t = 26; t < n + burn; ++t) {
    w(t) = 0.6 * w(t - 1) + 0.2 * w(t - 12) - 0.12 * w(t - 13) + e(t) + 0.3 * e(t - 1) -
           0.6 * e(t - 12) - 0.18 * e(t - 13);
    z(t) = z(t - 12) + w(t);
  }
  Sample sample;
  sample.range = {{Frequency::monthly, 1980 * 12}, n};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.regressor_names = {"step", "pulse", "ramp"};
  sample.regressors = MatrixXd::Zero(n, 3);
  sample.y.resize(n);
  for (int t = 0; t < n; ++t) {
    sample.regressors(t, 0) = t >= 200 ? 1 : 0;
    sample.regressors(t, 1) = t == 300 ? 1 : 0;
    sample.regressors(t, 2) = t >= 350 ? (t - 349) / 12.0 : 0;
    sample.y(t) = 5 + z(t + burn) + 0.3 * sample.regressors(t, 0) - 0.2 * sample.regressors(t, 1) +
                  0.02 * sample.regressors(t, 2);
  }
  return sample;
}

RegressionInput regression_input(int n, int k) {
  RegressionInput input;
  input.x.resize(n, k);
  input.x.col(0).setOnes();
  for (int j = 1; j < k; ++j) input.x.col(j) = normals(n, static_cast<std::uint32_t>(100 + j));
  const VectorXd e = normals(n, 99);
  input.y.resize(n);
  double u = 0;
  for (int t = 0; t < n; ++t) {
    u = 0.5 * u + e(t);
    input.y(t) = input.x.row(t).sum() * 0.2 + u;
  }
  return input;
}

RegressionInput break_input(int n) {
  RegressionInput input;
  input.x.resize(n, 4);
  input.x.col(0).setOnes();
  for (int j = 1; j < 4; ++j) input.x.col(j) = normals(n, static_cast<std::uint32_t>(200 + j));
  const VectorXd e = normals(n, 199);
  input.y.resize(n);
  for (int t = 0; t < n; ++t) {
    const double b = t < 0.3 * n ? 0.5 : t < 0.65 * n ? -0.3 : 0.8;
    input.y(t) = b * input.x.row(t).sum() + e(t);
  }
  return input;
}

InstrumentInput instrument_input(int n) {
  const MatrixXd z = normals(n, 8, 1);
  InstrumentInput input;
  input.exogenous = MatrixXd::Ones(n, 4);
  input.exogenous.rightCols(3) = z.leftCols(3);
  input.instruments = z.middleCols(3, 3);
  input.endogenous = input.instruments.rowwise().sum() + z.col(6);
  input.y = input.endogenous + z.col(0) + 0.5 * z.col(6) + z.col(7);
  return input;
}

PanelInput panel_input(int entities, int periods, int k, bool missing) {
  PanelInput panel;
  for (int i = 0; i < entities; ++i) {
    for (int t = 0; t < periods; ++t) {
      if (missing && (i * 7 + t) % 50 == 0) continue;
      panel.entity.push_back(i);
      panel.period.push_back(t);
    }
  }
  const auto n = static_cast<Eigen::Index>(panel.entity.size());
  const MatrixXd z = normals(n, k + 1, 2);
  panel.x = z.leftCols(k);
  panel.y = panel.x.rowwise().sum() + z.col(k);
  for (Eigen::Index t = 0; t < n; ++t) {
    panel.y(t) += 0.01 * panel.entity[static_cast<std::size_t>(t)];
  }
  return panel;
}

RegressionInput poisson_input(int n, int k) {
  RegressionInput input{normals(n, k, 3), {}};
  input.x.col(0).setOnes();
  input.y = (0.2 * input.x.rowwise().sum().array() + normals(n, 1, 4).array()).exp();
  for (Eigen::Index t = 0; t < n; t += 4) input.y(t) = 0;
  return input;
}

namespace {

// Ten years of a monthly logarithm with three interventions and a price, for peers/job.*.
void write_job(const std::string& path) {
  const int n = 120;
  const VectorXd drift = 0.02 * normals(n, 3);
  MatrixXd columns = MatrixXd::Zero(n, 5);  // y, step, pulse, ramp, logprice
  double price = 0;
  for (int t = 0; t < n; ++t) {
    columns(t, 1) = t >= 49 ? 1 : 0;
    columns(t, 2) = t == 74 ? 1 : 0;
    columns(t, 3) = std::clamp((t - 89) / 12.0, 0.0, 1.0);
    columns(t, 4) = price += drift(t);
  }
  columns.col(0) =
      sarimax_sample().y.head(n) + columns.rightCols(4) * Eigen::Vector4d(0.2, -0.3, -0.15, -0.8);
  std::ofstream file(path);
  file << "month,y,step,pulse,ramp,logprice\n";
  for (int t = 0; t < n; ++t) {
    file << fmt::format("{}-{:02}", 2014 + t / 12, t % 12 + 1);
    for (double value : columns.row(t)) file << "," << format_number(value);
    file << "\n";
  }
}

}  // namespace

void write_inputs(const std::string& folder) {
  const Sample sarimax = sarimax_sample();
  write_csv(folder + "/air.csv", {"y"}, air_passengers());
  write_csv(folder + "/arima212.csv", {"y"}, arma212_series());
  write_csv(folder + "/sarimax.csv", {"y", "step", "pulse", "ramp"},
            beside(sarimax.y, sarimax.regressors));
  write_job(folder + "/job.csv");
  for (const auto& [n, k] : {std::pair(300, 8), std::pair(100000, 20)}) {
    const RegressionInput input = regression_input(n, k);
    write_csv(fmt::format("{}/ols{}.csv", folder, n), names("x", k - 1),
              beside(input.y, input.x.rightCols(k - 1)));
  }
  const InstrumentInput iv = instrument_input(100'000);
  MatrixXd columns(iv.y.size(), 8);
  columns << iv.y, iv.exogenous.rightCols(3), iv.endogenous, iv.instruments;
  write_csv(folder + "/iv.csv", {"y", "w1", "w2", "w3", "x", "z1", "z2", "z3"}, columns);
  const RegressionInput counts = poisson_input(100'000, 10);
  write_csv(folder + "/poisson.csv", names("x", 9), beside(counts.y, counts.x.rightCols(9)));
  const PanelInput panel = panel_input(10'000, 100, 3, false);
  const auto codes = [](const std::vector<int>& code) {
    return Eigen::Map<const Eigen::VectorXi>(code.data(), std::ssize(code)).cast<double>();
  };
  columns.resize(panel.y.size(), 6);
  columns << panel.y, codes(panel.entity), codes(panel.period), panel.x;
  write_csv(folder + "/panel.csv", {"y", "entity", "period", "x1", "x2", "x3"}, columns);
  for (int n : {200, 500, 1000}) {
    const RegressionInput input = break_input(n);
    write_csv(fmt::format("{}/breaks{}.csv", folder, n), names("x", 3),
              beside(input.y, input.x.rightCols(3)));
  }
}

}  // namespace amnok
