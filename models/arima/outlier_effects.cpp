#include "models/arima/outlier_effects.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace amnok {

namespace {

// "12.3", or in per cent for a log target.
std::string size_text(const Transform& transform, double effect) {
  if (transform.is_logarithm()) {
    return fmt::format("{:.4g} %", 100 * std::fabs(std::expm1(effect)));
  }
  return fmt::format("{:.4g}", std::fabs(effect));
}

std::string outlier_sentence(const Outlier& outlier, const std::string& size, bool up, double t) {
  const std::string at = format_period(outlier.period);
  const std::string statistic = fmt::format("(t = {:.1f})", t);
  switch (outlier.type) {
    case OutlierType::additive:
      return fmt::format("AO: {} alone is {} {} what the model says {}", at, size,
                         up ? "above" : "below", statistic);
    case OutlierType::level_shift:
      return fmt::format("LS: after {} the level is {} {} {}", format_period(outlier.period - 1),
                         size, up ? "higher" : "lower", statistic);
    case OutlierType::transitory:
      return fmt::format("TC: from {} on the series is {} {}, fading by 30 % a period {}", at, size,
                         up ? "higher" : "lower", statistic);
    case OutlierType::seasonal:
      break;
  }
  return fmt::format("SO: from {} on that season is {} {}, the others the less so {}", at, size,
                     up ? "higher" : "lower", statistic);
}

}  // namespace

std::string_view outlier_code(OutlierType type) {
  switch (type) {
    case OutlierType::additive:
      return "AO";
    case OutlierType::level_shift:
      return "LS";
    case OutlierType::transitory:
      return "TC";
    case OutlierType::seasonal:
      break;
  }
  return "SO";
}

std::optional<OutlierType> parse_outlier(std::string_view code) {
  for (OutlierType type : kOutlierTypes) {
    if (outlier_code(type) == code) return type;
  }
  return {};
}

std::string outlier_name(const Outlier& outlier) {
  return fmt::format("{}_{}", outlier_code(outlier.type), format_period(outlier.period));
}

double outlier_shape(OutlierType type, std::int64_t i, int season) {
  if (i < 0) return 0;
  switch (type) {
    case OutlierType::additive:
      return i == 0 ? 1 : 0;
    case OutlierType::level_shift:
      return 1;
    case OutlierType::transitory:
      return std::pow(kTransitoryDecay, static_cast<double>(i));
    case OutlierType::seasonal:
      break;
  }
  return i % season == 0 ? 1.0 : -1.0 / (season - 1);
}

TransferInput outlier_input(const Outlier& outlier, const PeriodRange& range, int season) {
  TransferInput input;
  input.name = outlier_name(outlier);
  input.outlier = true;
  input.values.resize(range.count);
  for (std::int64_t t = 0; t < range.count; ++t) {
    input.values(t) = outlier_shape(outlier.type, range[t] - outlier.period, season);
  }
  return input;
}

std::vector<bool> observed_periods(const Sample& sample) {
  std::vector<bool> observed(static_cast<std::size_t>(sample.n()));
  for (int t = 0; t < sample.n(); ++t) {
    const bool usable = sample.regressors.cols() == 0 || sample.regressors.row(t).allFinite();
    observed[static_cast<std::size_t>(t)] = usable && !std::isnan(sample.y(t));
  }
  for (const TemporalSum& sum : sample.sums) {
    for (const Period& part : sum.parts) {
      observed[static_cast<std::size_t>(sample.range.index_of(part))] = true;
    }
  }
  return observed;
}

std::vector<Outlier> determined_outliers(const std::vector<Outlier>& outliers,
                                         const Sample& sample) {
  const std::vector<bool> observed = observed_periods(sample);
  const auto first = std::find(observed.begin(), observed.end(), true) - observed.begin();
  std::vector<Outlier> result;
  for (const Outlier& outlier : outliers) {
    if (!sample.range.contains(outlier.period)) continue;
    const auto t = sample.range.index_of(outlier.period);
    const bool own_level = outlier.type != OutlierType::level_shift || t > first;
    if (observed[static_cast<std::size_t>(t)] && own_level) result.push_back(outlier);
  }
  return result;
}

void report_outliers(const std::vector<Outlier>& outliers, const Transform& transform,
                     FitResult& fit) {
  if (outliers.empty()) return;
  const bool log = transform.is_logarithm();
  ResultTable table{"outliers", "Outliers", {"type", "period", "effect", "std_error", "t"}, {}};
  if (log) table.columns.push_back("effect_pct");
  for (const Outlier& outlier : outliers) {
    const int index = fit.parameters.index_of(outlier_name(outlier));
    const double effect = fit.parameters.values()(index), error = fit.standard_error(index);
    auto& row = table.rows.emplace_back();
    row.emplace_back(std::string(outlier_code(outlier.type)));
    row.emplace_back(format_period(outlier.period));
    for (double number : {effect, error, effect / error}) row.emplace_back(number);
    if (log) row.emplace_back(100 * std::expm1(effect));
    fit.notes.push_back(
        outlier_sentence(outlier, size_text(transform, effect), effect > 0, effect / error));
  }
  fit.tables.push_back(std::move(table));
}

}  // namespace amnok
