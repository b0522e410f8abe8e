#include "engine/stats/stl.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"

namespace amnok {

namespace {

void check_loess(const std::string& name, const LoessOptions& loess, ProblemList& problems) {
  if (loess.window < 3 || loess.window % 2 == 0) {
    problems.error({}, fmt::format("{} window is {}, but must be an odd number of at least 3", name,
                                   loess.window));
  }
  if (loess.degree != 0 && loess.degree != 1) {
    problems.error({}, fmt::format("{} degree is {}, but must be 0 or 1", name, loess.degree));
  }
  if (loess.jump < 1) {
    problems.error({}, fmt::format("{} jump is {}, but must be at least 1", name, loess.jump));
  }
}

void check(int n, const StlOptions& options) {
  ProblemList problems;
  if (options.period < 2) {
    problems.error({}, fmt::format("the period is {}, but must be at least 2", options.period));
  } else if (n <= 2 * options.period) {
    problems.error({},
                   fmt::format("the series has {} observations, but must have more than {} (two "
                               "periods of {})",
                               n, 2 * options.period, options.period));
  }
  check_loess("the seasonal", options.seasonal, problems);
  check_loess("the trend", options.trend, problems);
  check_loess("the low-pass", options.low_pass, problems);
  if (options.inner < 1) {
    problems.error({}, fmt::format("inner is {}, but must be at least 1", options.inner));
  }
  if (options.outer < 0) {
    problems.error({}, fmt::format("outer is {}, but must be at least 0", options.outer));
  }
  problems.throw_if_errors();
}

// Means of `length` neighbours: n values give n - length + 1. In place where x and means are one.
void moving_average(const double* x, int n, int length, double* means) {
  double sum = 0;
  for (int i = 0; i < length; ++i) sum += x[i];
  for (int i = 0;; ++i) {
    const double leaving = x[i];
    means[i] = sum / length;
    if (i + length >= n) return;
    sum += x[i + length] - leaving;
  }
}

// Bisquare weights of the remainders; sorted: n numbers of scratch.
void robustness_weights(const VectorXd& remainder, VectorXd& sorted, VectorXd& weights) {
  const Eigen::Index n = remainder.size();
  sorted.head(n) = remainder.cwiseAbs();
  const auto begin = sorted.begin(), middle = begin + n / 2, end = begin + n;
  std::nth_element(begin, middle, end);
  const double lower = n % 2 == 1 ? *middle : *std::max_element(begin, middle);
  const double scale = 3 * (lower + *middle);
  for (Eigen::Index t = 0; t < n; ++t) {
    const double size = std::fabs(remainder(t));
    const double u = size / scale;
    // A perfect fit of most observations has scale 0: what it does not fit gets no weight.
    weights(t) = size == 0 ? 1 : u < 1 ? (1 - u * u) * (1 - u * u) : 0;
  }
}

// Each season's mean in the place of its values.
void make_periodic(int period, VectorXd& seasonal) {
  for (int season = 0; season < period; ++season) {
    auto values = seasonal(Eigen::seq(season, Eigen::last, period));
    values.setConstant(values.mean());
  }
}

}  // namespace

int next_odd(double x) {
  const int rounded = static_cast<int>(std::nearbyint(x));
  return rounded % 2 == 0 ? rounded + 1 : rounded;
}

int r_stl_jump(int window) {
  return (window + 9) / 10;
}

StlOptions r_stl_options(int n, int period, std::optional<int> seasonal_window, bool robust) {
  if (seasonal_window && *seasonal_window < 3) {
    throw InputError(
        fmt::format("the seasonal window is {}, but must be at least 3", *seasonal_window));
  }
  StlOptions options;
  options.period = period;
  options.periodic = !seasonal_window;
  const int seasonal = seasonal_window.value_or(10 * n + 1);
  const int trend = next_odd(std::ceil(1.5 * period / (1 - 1.5 / seasonal)));
  const int low_pass = next_odd(period);
  options.seasonal = {next_odd(seasonal), 0, r_stl_jump(seasonal)};
  options.trend = {trend, 1, r_stl_jump(trend)};
  options.low_pass = {low_pass, 1, r_stl_jump(low_pass)};
  options.inner = robust ? 1 : 2;
  options.outer = robust ? 15 : 0;
  return options;
}

Loess::Loess(const LoessOptions& options, int longest) : options_(options) {
  const auto points = static_cast<std::size_t>(std::min(options.window, longest));
  tricube_.resize(points + 1);  // a point beyond the end is one step farther
  weights_.resize(points);
}

// Tricube weights of the distances 0 .. distance.
void Loess::tabulate(int bandwidth, int distance) {
  if (bandwidth == bandwidth_ && distance <= tabulated_) return;
  const double scale = 1.0 / bandwidth;
  for (int d = 0; d <= distance; ++d) {
    const double u = d * scale, v = std::max(1 - u * u * u, 0.0);
    tricube_[static_cast<std::size_t>(d)] = v * v * v;
  }
  bandwidth_ = bandwidth;
  tabulated_ = distance;
}

double Loess::at(int x, const double* y, int n, const double* robustness, double fallback) {
  const int points = std::min(options_.window, n);
  const int first = std::clamp(x - (options_.window - 1) / 2, 0, n - points);
  const int distance = std::max(x - first, first + points - 1 - x);
  tabulate(distance + std::max(options_.window - n, 0) / 2, distance);

  const double* tricube = tricube_.data();
  double* w = weights_.data();
  const int before = std::clamp(x - first, 0, points);
  for (int i = 0; i < before; ++i) w[i] = tricube[x - first - i];
  for (int i = before; i < points; ++i) w[i] = tricube[first + i - x];
  if (robustness != nullptr) {
    for (int i = 0; i < points; ++i) w[i] *= robustness[first + i];
  }
  // Moments about x; the fit at x is the intercept of the weighted regression on i - x.
  double weight = 0, level = 0;
  for (int i = 0; i < points; ++i) {
    weight += w[i];
    level += w[i] * y[first + i];
  }
  if (weight <= 0) return fallback;
  level /= weight;
  if (options_.degree == 0) return level;
  double m1 = 0, m2 = 0, cross = 0;
  for (int i = 0; i < points; ++i) {
    const double d = first + i - x, wd = w[i] * d;
    m1 += wd;
    m2 += wd * d;
    cross += wd * y[first + i];
  }
  const double mean = m1 / weight, variance = m2 / weight - mean * mean;
  // Points that nearly coincide give no slope.
  const double least = 0.001 * (n - 1);
  if (variance <= least * least) return level;
  return level - mean * (cross / weight - mean * level) / variance;
}

void Loess::smooth(const double* y, int n, const double* robustness, double* fitted) {
  if (n < 2) {
    std::copy(y, y + n, fitted);
    return;
  }
  const int jump = std::min(options_.jump, n - 1);
  fitted[0] = at(0, y, n, robustness, y[0]);
  for (int from = 0; from < n - 1;) {
    const int to = std::min(from + jump, n - 1);
    fitted[to] = at(to, y, n, robustness, y[to]);
    const double slope = (fitted[to] - fitted[from]) / (to - from);
    for (int t = from + 1; t < to; ++t) fitted[t] = fitted[from] + slope * (t - from);
    from = to;
  }
}

Stl::Stl(int n, const StlOptions& options) : options_(options), n_(n) {
  check(n, options);
  const int cycles = (n - 1) / options.period + 1;
  seasonal_loess_ = Loess(options.seasonal, cycles);
  trend_loess_ = Loess(options.trend, n);
  low_pass_loess_ = Loess(options.low_pass, n);
  detrended_.resize(n);
  cycle_.resize(n + 2 * options.period);
  filtered_.resize(n + 2 * options.period);
  part_.resize(cycles);
  part_w_.resize(cycles);
  part_fit_.resize(cycles);
}

// detrended_ to cycle_: each cycle-subseries smoothed, and one value more at each end.
void Stl::smooth_cycle_subseries(const double* robustness) {
  const int period = options_.period;
  for (int season = 0; season < period; ++season) {
    const int m = (n_ - season - 1) / period + 1;
    for (int i = 0; i < m; ++i) part_(i) = detrended_(season + i * period);
    const double* w = nullptr;
    if (robustness != nullptr) {
      for (int i = 0; i < m; ++i) part_w_(i) = robustness[season + i * period];
      w = part_w_.data();
    }
    seasonal_loess_.smooth(part_.data(), m, w, part_fit_.data());
    for (int i = 0; i < m; ++i) cycle_(season + (i + 1) * period) = part_fit_(i);
    cycle_(season) = seasonal_loess_.at(-1, part_.data(), m, w, part_fit_(0));
    cycle_(season + (m + 1) * period) = seasonal_loess_.at(m, part_.data(), m, w, part_fit_(m - 1));
  }
}

// The low frequencies of cycle_ in the first n of filtered_.
void Stl::low_pass() {
  const int period = options_.period;
  double* x = filtered_.data();
  moving_average(cycle_.data(), n_ + 2 * period, period, x);
  moving_average(x, n_ + period + 1, period, x);
  moving_average(x, n_ + 2, 3, detrended_.data());
  low_pass_loess_.smooth(detrended_.data(), n_, nullptr, x);
}

void Stl::inner_pass(const VectorView& y, const double* robustness, StlResult& result) {
  detrended_ = y - result.trend;
  smooth_cycle_subseries(robustness);
  low_pass();
  result.seasonal = cycle_.segment(options_.period, n_) - filtered_.head(n_);
  detrended_ = y - result.seasonal;
  trend_loess_.smooth(detrended_.data(), n_, robustness, result.trend.data());
}

void Stl::decompose(const VectorView& y, StlResult& result) {
  if (y.size() != n_) {
    throw InputError(fmt::format("the series has {} observations, but must have {}", y.size(), n_));
  }
  for (Eigen::Index t = 0; t < n_; ++t) {
    if (!std::isfinite(y(t))) {
      throw InputError(
          fmt::format("observation {} of {} is {}, but must be finite", t + 1, n_, y(t)));
    }
  }
  result.seasonal.resize(n_);
  result.remainder.resize(n_);
  result.trend.setZero(n_);
  result.weights.setOnes(n_);
  for (int update = 0; update <= options_.outer; ++update) {
    if (update > 0) {
      result.remainder = y - result.seasonal - result.trend;
      robustness_weights(result.remainder, filtered_, result.weights);
    }
    const double* robustness = update > 0 ? result.weights.data() : nullptr;
    for (int pass = 0; pass < options_.inner; ++pass) inner_pass(y, robustness, result);
  }
  if (options_.periodic) make_periodic(options_.period, result.seasonal);
  result.remainder = y - result.seasonal - result.trend;
}

StlResult stl(const VectorView& y, const StlOptions& options) {
  StlResult result;
  Stl(static_cast<int>(y.size()), options).decompose(y, result);
  return result;
}

}  // namespace amnok
