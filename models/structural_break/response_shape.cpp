#include "models/structural_break/response_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace amnok {

namespace {

constexpr int kNearOther = 3;  // periods between an end and another break
constexpr int kAfterEnd = 3;   // observations that must see the end of a block or ramp
constexpr std::array<int, 11> kRampLengths = {2, 3, 4, 5, 6, 9, 12, 18, 24, 30, 36};
constexpr int kHalfLives = 28;
constexpr double kSlopePeriods = 24;
constexpr std::array<std::string_view, kResponses> kNames = {
    "none", "pulse", "block", "decay", "ramp", "level_shift", "slope_shift"};

int observed_from(const ObservedPeriods& observed, int period) {
  return static_cast<int>(observed.at.end() -
                          std::lower_bound(observed.at.begin(), observed.at.end(), period));
}

bool is_observed(const ObservedPeriods& observed, int period) {
  return std::binary_search(observed.at.begin(), observed.at.end(), period);
}

void add_blocks(int start, const ObservedPeriods& observed, const std::vector<int>& others,
                std::vector<ResponseShape>& shapes) {
  const int after = observed_from(observed, start);
  for (int i = 1; i < after - kAfterEnd; ++i) {  // at least two observations inside
    const int last = observed.at[static_cast<std::size_t>(observed.count() - after + i)];
    const bool shared = std::any_of(others.begin(), others.end(), [&](int other) {
      return std::abs(last + 1 - other) <= kNearOther;
    });
    if (shared) continue;
    shapes.push_back({Response::block, start, static_cast<double>(last - start + 1)});
  }
}

void add_ramps(int start, const ObservedPeriods& observed, std::vector<ResponseShape>& shapes) {
  for (int length : kRampLengths) {
    const int plateau = start + length - 1;
    if (observed_from(observed, plateau) < kAfterEnd) break;
    if (observed_from(observed, start) == observed_from(observed, plateau)) continue;
    shapes.push_back({Response::ramp, start, static_cast<double>(length)});
  }
}

void add_decays(int start, std::vector<ResponseShape>& shapes) {
  const double ratio = std::log(kLongestHalfLife / kShortestHalfLife) / (kHalfLives - 1);
  for (int i = 0; i < kHalfLives; ++i) {
    const double half_life = kShortestHalfLife * std::exp(ratio * i);
    shapes.push_back({Response::decay, start, decay_of_half_life(half_life)});
  }
}

}  // namespace

std::string_view response_name(Response response) {
  return kNames[static_cast<std::size_t>(response)];
}

double decay_of_half_life(double half_life) {
  return std::exp2(-1 / half_life);
}

double ResponseShape::at(int k) const {
  if (k < 0) return 0;
  switch (response) {
    case Response::none:
      return 0;
    case Response::pulse:
      return k == 0 ? 1 : 0;
    case Response::block:
      return k < shape ? 1 : 0;
    case Response::decay:
      return std::pow(shape, k);
    case Response::ramp:
      return std::min((k + 1) / shape, 1.0);
    case Response::level_shift:
      return 1;
    case Response::slope_shift:
      return k + 1;
  }
  return 0;
}

double ResponseShape::share_left(int k) const {
  const bool grows = response == Response::ramp || response == Response::slope_shift;
  return grows ? 1 : at(k);
}

double ResponseShape::typical_size() const {
  return response == Response::slope_shift ? kSlopePeriods : 1;
}

double ResponseShape::half_life() const {
  switch (response) {
    case Response::none:
      return 0;
    case Response::pulse:
      return 1;
    case Response::block:
      return shape;
    case Response::decay:
      return -1 / std::log2(shape);
    default:
      return INFINITY;
  }
}

std::string ResponseShape::words() const {
  switch (response) {
    case Response::none:
      return "no effect";
    case Response::pulse:
      return "one period alone";
    case Response::block:
      return fmt::format("block of {:g} periods", shape);
    case Response::decay:
      return fmt::format("decay with half-life {:.1f} periods", half_life());
    case Response::ramp:
      return fmt::format("ramp over {:g} periods to a new level", shape);
    case Response::level_shift:
      return "level shift";
    case Response::slope_shift:
      return "slope shift";
  }
  return "";
}

std::vector<ResponseShape> response_shapes(Response response, const std::vector<int>& starts,
                                           const ObservedPeriods& observed,
                                           const std::vector<int>& others) {
  std::vector<ResponseShape> shapes;
  if (response == Response::none) return {{}};
  for (int start : starts) {
    if (observed_from(observed, start) == 0) continue;
    switch (response) {
      case Response::none:
        break;
      case Response::pulse:
        if (is_observed(observed, start)) shapes.push_back({response, start, 0});
        break;
      case Response::block:
        add_blocks(start, observed, others, shapes);
        break;
      case Response::decay:
        add_decays(start, shapes);
        break;
      case Response::ramp:
        add_ramps(start, observed, shapes);
        break;
      case Response::level_shift:
      case Response::slope_shift:
        if (observed_from(observed, start) >= kAfterEnd) shapes.push_back({response, start, 0});
        break;
    }
  }
  return shapes;
}

VectorXd response_column(const ResponseShape& shape, const ObservedPeriods& observed) {
  VectorXd column(observed.count());
  for (Eigen::Index i = 0; i < column.size(); ++i) {
    column(i) = shape.at(observed.at[static_cast<std::size_t>(i)] - shape.start);
  }
  return column;
}

}  // namespace amnok
