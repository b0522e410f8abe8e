#include "models/arima/arima_boundary.h"

#include <fmt/format.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "engine/stats/lag_polynomial.h"

namespace amnok {

namespace {

constexpr double kNearCircle = 1.01;    // modulus of a root
constexpr double kNearEachOther = 0.1;  // distance of inverse roots
constexpr double kSameOptimum = 0.1;    // in log-likelihood

using Roots = std::vector<std::complex<double>>;

Roots factor_roots(const VectorXd& theta, int first, int count, double sign) {
  std::vector<double> coefficients;
  for (int i = 0; i < count; ++i) coefficients.push_back(sign * theta(first + i));
  return inverse_roots(coefficients);
}

// The inverse root nearest to the unit circle, when it is within 1 % of it.
const std::complex<double>* near_circle(const Roots& roots) {
  const std::complex<double>* nearest = nullptr;
  for (const std::complex<double>& root : roots) {
    if (std::abs(root) * kNearCircle < 1) continue;
    if (nearest == nullptr || std::abs(root) > std::abs(*nearest)) nearest = &root;
  }
  return nearest;
}

bool is_plus_one(const std::complex<double>& root) {
  return root.real() > 0 && std::fabs(root.imag()) < 0.01;
}

std::string root_text(const char* part, int season, const std::complex<double>& root) {
  return fmt::format("a root of the {}{} lies within 1 % of the unit circle (modulus {:.4f}): ",
                     season > 1 ? "seasonal " : "", part, 1 / std::abs(root));
}

std::string autoregressive_note(const std::complex<double>& root, int season) {
  const std::string what = root_text("autoregression", season, root);
  if (is_plus_one(root)) {
    return what + (season > 1 ? "take a seasonal difference" : "take one more difference");
  }
  const double angle = std::fabs(std::arg(root));
  return what + fmt::format("a cycle of {:.3g} periods that hardly fades",
                            season * 2 * std::numbers::pi / angle);
}

std::string moving_average_note(const std::complex<double>& root, int season, int differences) {
  const std::string what = root_text("moving average", season, root);
  const std::string errors = ", and the standard error of that part says little";
  if (differences > 0 && is_plus_one(root)) {
    return what +
           "the series may be differenced once too often (one difference less, with a constant or "
           "trend, says the same)" +
           errors;
  }
  return what +
         "the series was over-differenced before it came here, or is too short for this part" +
         errors;
}

// One factor of each kind.
void add_notes(const Roots& ar, const Roots& ma, int season, int differences,
               std::vector<std::string>& notes) {
  if (const auto* root = near_circle(ar)) notes.push_back(autoregressive_note(*root, season));
  if (const auto* root = near_circle(ma)) {
    notes.push_back(moving_average_note(*root, season, differences));
  }
  double nearest = kNearEachOther;
  const std::complex<double>*a = nullptr, *m = nullptr;
  for (const std::complex<double>& x : ar) {
    for (const std::complex<double>& y : ma) {
      if (std::abs(x - y) >= nearest) continue;
      nearest = std::abs(x - y);
      a = &x;
      m = &y;
    }
  }
  if (a == nullptr) return;
  const auto text = [](const std::complex<double>& z) {
    return std::fabs(z.imag()) < 5e-4
               ? fmt::format("{:.3f}", z.real())
               : fmt::format("{:.3f} +- {:.3f}i", z.real(), std::fabs(z.imag()));
  };
  notes.push_back(
      fmt::format("an autoregressive and a moving-average factor of the {} part nearly cancel "
                  "(inverse roots {} and {}): a model without both says nearly the same",
                  season > 1 ? "seasonal" : "ordinary", text(*a), text(*m)));
}

}  // namespace

std::vector<std::string> boundary_notes(const ArimaOrder& o, const VectorXd& theta) {
  std::vector<std::string> notes;
  const int seasonal = o.p + o.q;
  add_notes(factor_roots(theta, 0, o.p, 1), factor_roots(theta, o.p, o.q, -1), 1, o.d, notes);
  add_notes(factor_roots(theta, seasonal, o.seasonal_p, 1),
            factor_roots(theta, seasonal + o.seasonal_p, o.seasonal_q, -1), o.period, o.seasonal_d,
            notes);
  return notes;
}

std::string optima_note(const std::vector<double>& log_likelihoods) {
  double best = -INFINITY, worst = INFINITY;
  int count = 0;
  for (double value : log_likelihoods) {
    if (!std::isfinite(value)) continue;
    best = std::max(best, value);
    worst = std::min(worst, value);
    ++count;
  }
  if (count < 2 || best - worst < kSameOptimum) return {};
  return fmt::format(
      "the likelihood has several optima: of {} searches the worst ended {:.2f} below the best in "
      "log-likelihood",
      count, best - worst);
}

}  // namespace amnok
