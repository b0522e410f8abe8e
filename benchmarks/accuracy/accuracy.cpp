// Forecast accuracy and coverage on competition files.
//
//   amnok-accuracy FILE.csv [MOST | IDS.txt [MODELS [THREADS]]]
//
// a line a model; MOST series, evenly spaced (0: all), or those whose names are in IDS.txt; MODELS
// separated by commas, one_arima being the single model of an automatic order (in levels); THREADS 1
// for times that can be compared (0: all cores).
//
// FILE: series_id,freq,start_year,start_period,category,n_train,h,values (training, then test).
// Measures as in the competitions: sMAPE 200 |a - f| / (|a| + |f|) and MASE with the in-sample
// seasonal naive scale, of the median forecast, each series' mean over its horizon first; MSIS and
// coverage of the 95 % band.
#include <fmt/format.h>
#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include "engine/base/text.h"
#include "engine/cli/series_forecast.h"
#include "models/arima/arima.h"

namespace amnok {

namespace {

struct Score {
  double smape = 0, mase = 0, msis = 0, cover80 = 0, cover95 = 0, milliseconds = 0;
};

struct CompetitionSeries {
  int season = 1, horizon = 0;
  VectorXd train, test;
};

CompetitionSeries parse_line(std::string_view line) {
  const auto cells = split(line, ',');
  const auto number = [&](std::size_t i) { return parse_double(cells.at(i)).value_or(kMissing); };
  CompetitionSeries series;
  series.season = static_cast<int>(number(1));
  const auto n = static_cast<Eigen::Index>(number(5));
  series.horizon = static_cast<int>(number(6));
  series.train.resize(n);
  series.test.resize(series.horizon);
  for (Eigen::Index i = 0; i < n; ++i) series.train(i) = number(static_cast<std::size_t>(7 + i));
  for (int i = 0; i < series.horizon; ++i)
    series.test(i) = number(static_cast<std::size_t>(7 + n + i));
  return series;
}

// The model of one automatic order, with the uncertainty of its parameters.
ForecastMixture one_arima(const CompetitionSeries& s) {
  const Sample sample = plain_sample(s.train, s.season);
  ArimaSpec spec;
  spec.order.period = s.season;
  spec.search.emplace();
  const FittedModel fitted = fit_model(*make_arima(spec), sample);
  const Future future{
      {{Frequency::undated, 1 + s.train.size()}, s.horizon}, MatrixXd(s.horizon, 0), {}};
  const Forecast f = forecast_with_parameter_uncertainty(*fitted.model, fitted.result, future);
  return ForecastMixture({{1, {}, f.mean, f.variance.cwiseMax(0).cwiseSqrt(), 1e6}});
}

Score score(const CompetitionSeries& s, const std::string& model) {
  const auto begin = std::chrono::steady_clock::now();
  const ForecastMixture f =
      model == "one_arima" ? one_arima(s)
                           : *forecast_series(s.train, s.season, s.horizon, model).distribution;
  const VectorXd point = f.quantile(0.5), lo95 = f.quantile(0.025), hi95 = f.quantile(0.975);
  const VectorXd lo80 = f.quantile(0.1), hi80 = f.quantile(0.9);
  Score result;
  result.milliseconds =
      std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - begin).count();
  const Eigen::Index lag = s.train.size() > s.season ? s.season : 1, rest = s.train.size() - lag;
  const double scale = (s.train.tail(rest) - s.train.head(rest)).cwiseAbs().mean();
  for (int h = 0; h < s.horizon; ++h) {
    const double x = s.test(h), error = std::fabs(x - point(h));
    result.smape += 200 * error / (std::fabs(x) + std::fabs(point(h)));
    result.mase += error / scale;
    result.msis += (hi95(h) - lo95(h) + 40 * std::max({0.0, lo95(h) - x, x - hi95(h)})) / scale;
    result.cover80 += x >= lo80(h) && x <= hi80(h) ? 1 : 0;
    result.cover95 += x >= lo95(h) && x <= hi95(h) ? 1 : 0;
  }
  for (double* sum :
       {&result.smape, &result.mase, &result.msis, &result.cover80, &result.cover95}) {
    *sum /= s.horizon;
  }
  return result;
}

std::vector<CompetitionSeries> evenly_spaced(const std::vector<std::string_view>& lines,
                                             std::size_t most) {
  std::vector<CompetitionSeries> all;
  const std::size_t count = most > 0 && most < lines.size() ? most : lines.size();
  for (std::size_t i = 0; i < count; ++i) {
    const double share = count > 1 ? static_cast<double>(i) / static_cast<double>(count - 1) : 0;
    const double place = share * static_cast<double>(lines.size() - 1) + 1;
    all.push_back(parse_line(lines[static_cast<std::size_t>(std::nearbyint(place)) - 1]));
  }
  return all;
}

std::vector<CompetitionSeries> named(const std::vector<std::string_view>& lines,
                                     const std::string& ids) {
  const std::string text = read_file(ids);
  const std::vector<std::string_view> names = split(text, '\n');
  std::vector<CompetitionSeries> all;
  for (std::string_view line : lines) {
    const std::string_view name = line.substr(0, line.find(','));
    if (std::find(names.begin(), names.end(), name) != names.end()) all.push_back(parse_line(line));
  }
  return all;
}

int run(const std::string& file, const std::string& which, const std::string& models) {
  std::vector<std::string_view> lines;
  const std::string text = read_file(file);
  for (std::string_view line : split(text, '\n')) {
    if (!line.empty()) lines.push_back(line);
  }
  lines.erase(lines.begin());  // names
  const bool counted = which.find_first_not_of("0123456789") == std::string::npos;
  const std::vector<CompetitionSeries> all =
      counted ? evenly_spaced(lines, std::strtoul(which.c_str(), nullptr, 10))
              : named(lines, which);
  for (std::string_view name : split(models, ',')) {
    const std::string model(name);
    std::vector<Score> scores(all.size());
    tbb::parallel_for(std::size_t{0}, all.size(),
                      [&](std::size_t i) { scores[i] = score(all[i], model); });
    Score sum;
    std::vector<double> times;
    for (const Score& s : scores) {
      sum.smape += s.smape;
      sum.mase += s.mase;
      sum.msis += s.msis;
      sum.cover80 += s.cover80;
      sum.cover95 += s.cover95;
      times.push_back(s.milliseconds);
    }
    std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2),
                     times.end());
    const auto n = static_cast<double>(scores.size());
    fmt::print("| {} | {} | {:.3f} | {:.4f} | {:.2f} | {:.3f} | {:.3f} | {:.2f} |\n", model,
               scores.size(), sum.smape / n, sum.mase / n, sum.msis / n, sum.cover80 / n,
               sum.cover95 / n, times[times.size() / 2]);
  }
  return 0;
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  if (argc < 2) {
    fmt::print(stderr, "usage: amnok-accuracy FILE.csv [MOST | IDS.txt [MODELS [THREADS]]]\n");
    return 2;
  }
  const unsigned long threads = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 0;
  const tbb::global_control limit(
      tbb::global_control::max_allowed_parallelism,
      threads > 0 ? threads : std::max(1u, std::thread::hardware_concurrency()));
  return amnok::run(argv[1], argc > 2 ? argv[2] : "0",
                    argc > 3 ? argv[3] : "arima,ets,theta,combination,snaive");
}
