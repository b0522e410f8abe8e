// Coverage of arima's bands on simulated data.
//
//   amnok-coverage [SERIES]     SERIES simulated for every row (default 2000)
//
// Each series comes from a known model with normal or Student-t (4 degrees of freedom) innovations;
// the last 12 of its observations are forecast from those before. Rows: the order given or
// automatic, bands with and without the uncertainty of parameters. Printed: the share of the 12
// inside nominal 80 and 95 % bands with its Monte-Carlo standard error (series are independent,
// horizons of one are not).
#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <string>
#include <vector>

#include "engine/cli/series_forecast.h"
#include "engine/stats/distributions.h"
#include "models/arima/arima.h"
#include "tests/support/arima_series.h"

namespace amnok {

namespace {

constexpr int kHorizon = 12;
constexpr double kTails = 4;  // degrees of freedom of the innovations that are not normal

struct Process {
  const char* name;
  ArimaOrder order;
  std::vector<double> theta;
};

const std::vector<Process> kProcesses = {
    {"AR(1), 0.8", {1, 0, 0, 0, 0, 0, 1}, {0.8}},
    {"ARIMA(1,1,1), 0.5, -0.3", {1, 1, 1, 0, 0, 0, 1}, {0.5, -0.3}},
    {"(0,1,1)(0,1,1)[12], -0.4, -0.6", {0, 1, 1, 0, 1, 1, 12}, {-0.4, -0.6}}};

// Shares of the horizon inside the 80 and 95 % bands.
using Covered = std::array<double, 2>;

Covered covered(const VectorXd& truth, const VectorXd& mean, const VectorXd& sd, double df) {
  Covered result{};
  for (std::size_t level = 0; level < 2; ++level) {
    const double p = level == 0 ? 0.9 : 0.975;
    const double width = df > 0 ? student_t_quantile(p, df) : normal_quantile(p);
    result[level] = ((truth - mean).array().abs() <= width * sd.array()).cast<double>().mean();
  }
  return result;
}

struct Row {
  std::string bands;
  std::vector<Covered> series;
};

void print(const Process& process, int n, const char* innovations, const Row& row) {
  fmt::print("| {} | {} | {} | {} |", process.name, n, innovations, row.bands);
  const auto count = static_cast<double>(row.series.size());
  for (std::size_t level = 0; level < 2; ++level) {
    double sum = 0, squares = 0;
    for (const Covered& c : row.series) {
      sum += c[level];
      squares += c[level] * c[level];
    }
    const double mean = sum / count;
    fmt::print(" {:.1f} ± {:.1f} |", 100 * mean,
               100 * std::sqrt((squares / count - mean * mean) / count));
  }
  fmt::print("\n");
}

void compare(const Process& process, int n, bool heavy, std::size_t series) {
  std::array<Row, 3> rows = {Row{"order known, parameters as if known", {}},
                             Row{"order known, parameter uncertainty", {}},
                             Row{"automatic (`amnok forecast --model arima`)", {}}};
  for (Row& row : rows) row.series.resize(series);
  const VectorXd theta = Eigen::Map<const VectorXd>(
      process.theta.data(), static_cast<Eigen::Index>(process.theta.size()));
  tbb::parallel_for(std::size_t{0}, series, [&](std::size_t i) {
    const auto seed = static_cast<std::uint32_t>(i + 1);
    const VectorXd all =
        simulated_arima(process.order, theta, n + kHorizon, seed, heavy ? kTails : 0);
    const VectorXd y = all.head(n), truth = all.tail(kHorizon);
    ArimaSpec spec;
    spec.order = process.order;
    const FittedModel fitted = fit_model(*make_arima(spec), arima_sample(y, process.order.period));
    const FitResult& fit = fitted.result;
    const Future future{{fit.sample.first + n, kHorizon}, MatrixXd(kHorizon, 0), {}};
    const Forecast known = fitted.model->forecast(fit, future);
    rows[0].series[i] = covered(truth, known.mean, known.variance.cwiseSqrt(), 0);
    FitResult unbiased = fit;
    unbiased.sigma2 = fit.sigma2_df;
    const Forecast honest = forecast_with_parameter_uncertainty(*fitted.model, unbiased, future);
    rows[1].series[i] =
        covered(truth, honest.mean, honest.variance.cwiseSqrt(), fit.nobs - fit.parameters.size());
    const SeriesForecast automatic = forecast_series(y, process.order.period, kHorizon, "arima");
    const ForecastMixture& f = *automatic.distribution;
    const auto inside = [&](double low, double high) {
      return (truth.array() >= f.quantile(low).array() && truth.array() <= f.quantile(high).array())
          .cast<double>()
          .mean();
    };
    rows[2].series[i] = {inside(0.1, 0.9), inside(0.025, 0.975)};
  });
  for (const Row& row : rows) print(process, n, heavy ? "t(4)" : "normal", row);
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  const std::size_t series = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 2000;
  fmt::print("| process | n | innovations | bands | covered at 80 % | covered at 95 % |\n");
  fmt::print("|---|---|---|---|---|---|\n");
  for (const amnok::Process& process : amnok::kProcesses) {
    for (int n : {36, 72, 144}) {
      for (bool heavy : {false, true}) amnok::compare(process, n, heavy, series);
    }
  }
}
