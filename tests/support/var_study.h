// Three variables that move each other, as samples of single equations and as a study in a folder.
#pragma once

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "engine/model/sample.h"
#include "engine/study/estimation.h"
#include "models/builtin.h"
#include "tests/support/dynamic_series.h"
#include "tests/support/program.h"

namespace amnok {

// y_t = m + A y_{t-1} + P e_t; the first 100 values are left out.
struct ThreeVariables {
  MatrixXd a = (MatrixXd(3, 3) << 0.5, 0.1, -0.2, 0.2, 0.4, 0.1, -0.1, 0.3, 0.6).finished();
  MatrixXd p = (MatrixXd(3, 3) << 0.1, 0, 0, 0.04, 0.08, 0, -0.03, 0.02, 0.09).finished();
  VectorXd m = (VectorXd(3) << 1.5, 0.8, 0.4).finished();

  MatrixXd draw(std::uint32_t draw, int n) const {
    const MatrixXd e = normal_matrix(1986, draw, n + 100, 3);
    MatrixXd y(n + 100, 3);
    Eigen::RowVectorXd last = (MatrixXd::Identity(3, 3) - a).inverse().operator*(m).transpose();
    for (Eigen::Index t = 0; t < y.rows(); ++t) {
      last = (m + a * last.transpose() + p * e.row(t).transpose()).transpose();
      y.row(t) = last;
    }
    return y.bottomRows(n);
  }
};

// The sample of one equation on all rows of y but the first `lags`, which are its presample.
inline Sample var_sample(const MatrixXd& y, const std::vector<std::string>& names, int lags,
                         int position, int season = 12) {
  const Eigen::Index n = y.rows() - lags, k = y.cols();
  Sample sample;
  sample.range = {Period{Frequency::monthly, 2000 * 12 + lags}, n};
  sample.season = season;
  sample.target = {names[static_cast<std::size_t>(position)], {}};
  sample.y = y.col(position).tail(n);
  sample.regressors.resize(n, k * (lags + 1));
  for (int lag = 1; lag <= lags; ++lag) {
    sample.regressors.middleCols((lag - 1) * k, k) = y.middleRows(lags - lag, n);
    for (const std::string& name : names) {
      sample.regressor_names.push_back(fmt::format("lag({}, {})", name, lag));
    }
  }
  sample.regressors.rightCols(k) = y.bottomRows(n);
  sample.regressor_names.insert(sample.regressor_names.end(), names.begin(), names.end());
  return sample;
}

// data.csv (date, a, b, c; months from 2010-01, exponentials of y, NaN empty) and study.toml.
struct VarStudy {
  TemporaryFolder folder;
  std::string config;
  MatrixXd y;  // logarithms, as read

  // `table` follows plugin = "vector_autoregression"; `rest` the models.
  VarStudy(const MatrixXd& values, const std::string& table, const std::string& rest = "",
           const std::string& frequency = "monthly")
      : y(values) {
    std::string csv = "date,a,b,c\n";
    for (Eigen::Index t = 0; t < y.rows(); ++t) {
      csv += format_period(Period{Frequency::monthly, 2010 * 12 + t});
      for (Eigen::Index j = 0; j < 3; ++j) {
        csv += std::isnan(y(t, j)) ? "," : fmt::format(",{:.17g}", std::exp(y(t, j)));
      }
      csv += "\n";
    }
    folder.write("data.csv", csv);
    std::string text = fmt::format(
        "[run]\ntitle = \"Three\"\nfrequency = \"{}\"\nhorizon = 8\ndraws = 400\nseed = 3\n",
        frequency);
    for (const char* name : {"a", "b", "c"}) {
      text += fmt::format("[data.{0}]\nfile = \"data.csv\"\ncolumn = \"{0}\"\n", name);
    }
    text += "[models.three]\nplugin = \"vector_autoregression\"\n" + table + "\n" +
            (rest.empty() ? "[scenarios.base]\n" : rest);
    config = folder.write("study.toml", text);
  }
};

struct SolvedVar {
  Study study;
  StudyData data;
  std::vector<BehaviouralEquation> equations;
  System system;
};
inline SolvedVar solve_var(const VarStudy& fixture) {
  Study study = load_study(fixture.config, builtin_plugins());
  StudyData data = load_data(study);
  std::vector<BehaviouralEquation> equations = estimate(study, data, builtin_plugins());
  System system = build_system(study, data, equations);
  return {std::move(study), std::move(data), std::move(equations), std::move(system)};
}

}  // namespace amnok
