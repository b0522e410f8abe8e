// What an outlier does to a series, as a column of an arima regression and in words.
//
//   y_t = ... + omega L(t - T),   T the outlier's period
//
//   AO  additive     L(i) = 1 for i = 0: one observation
//   LS  level shift  L(i) = 1 for i >= 0: goes on over the horizon
//   TC  transitory   L(i) = 0.7^i: fades
//   SO  seasonal     L(i) = 1 where i is a multiple of the season s, -1 / (s - 1) elsewhere: the
//                    season's pattern changes and the level does not (X-13ARIMA-SEATS; Kaiser &
//                    Maravall 2001, Estadistica 53, 97-142); only in models with seasonal terms
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/model/fit_result.h"
#include "engine/model/sample.h"
#include "models/arima/arima_spec.h"

namespace amnok {

enum class OutlierType { additive, level_shift, transitory, seasonal };
struct Outlier {
  OutlierType type = OutlierType::additive;
  Period period;  // the first that it touches
  auto operator<=>(const Outlier&) const = default;
};

inline constexpr std::array<OutlierType, 4> kOutlierTypes = {
    OutlierType::additive, OutlierType::level_shift, OutlierType::transitory,
    OutlierType::seasonal};
inline constexpr double kTransitoryDecay = 0.7;

std::string_view outlier_code(OutlierType type);  // AO, LS, TC, SO
std::optional<OutlierType> parse_outlier(std::string_view code);
std::string outlier_name(const Outlier& outlier);  // LS_2017-09

// L(i) for a period i steps after the outlier's; 0 before it.
double outlier_shape(OutlierType type, std::int64_t i, int season);
TransferInput outlier_input(const Outlier& outlier, const PeriodRange& range, int season);

// Whether each period has an observation of its own or lies in a sum.
std::vector<bool> observed_periods(const Sample& sample);

// Those that the sample can tell: their period lies in it and has an observation (a level shift:
// also one before it). The others had no place in a fit to this sample, and leave no trace after
// it.
std::vector<Outlier> determined_outliers(const std::vector<Outlier>& outliers,
                                         const Sample& sample);

// Adds the table of outliers and a sentence for each to a fit.
void report_outliers(const std::vector<Outlier>& outliers, const Transform& transform,
                     FitResult& fit);

}  // namespace amnok
