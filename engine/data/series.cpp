#include "engine/data/series.h"

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"

namespace amnok {

SeriesKind parse_series_kind(std::string_view text) {
  if (text == "flow") return SeriesKind::flow;
  if (text == "stock") return SeriesKind::stock;
  return text == "price" ? SeriesKind::price : SeriesKind::unknown;
}

double Series::at(Period period) const {
  const std::int64_t i = period - first;
  return i >= 0 && i < values.size() ? values(i) : kMissing;
}

int Series::count_missing() const {
  return static_cast<int>(
      std::count_if(values.begin(), values.end(), [](double v) { return std::isnan(v); }));
}

SourceRange Series::where(Period period) const {
  const std::int64_t i = period - first;
  const bool known = i >= 0 && i < static_cast<std::int64_t>(lines.size());
  return {file, known ? lines[static_cast<std::size_t>(i)] : 0, 0, 1, ""};
}

Series Series::window(const PeriodRange& range) const {
  Series result{name, unit, range.first, VectorXd::Constant(range.count, kMissing),
                {},   {},   file,        {}};
  if (!lines.empty()) result.lines.assign(static_cast<std::size_t>(range.count), 0);
  const bool noisy = measurement_sd.size() > 0;
  if (noisy) result.measurement_sd = VectorXd::Zero(range.count);
  for (std::int64_t i = 0; i < range.count; ++i) {
    result.values(i) = at(range[i]);
    const std::int64_t j = range[i] - first;
    if (j < 0 || j >= values.size()) continue;
    if (noisy) result.measurement_sd(i) = measurement_sd(j);
    if (!lines.empty()) {
      result.lines[static_cast<std::size_t>(i)] = lines[static_cast<std::size_t>(j)];
    }
  }
  for (const TemporalSum& sum : sums) {
    if (range.contains(sum.parts.front()) && range.contains(sum.parts.back())) {
      result.sums.push_back(sum);
    }
  }
  return result;
}

const Series* Frame::find(std::string_view name) const {
  for (const Series& series : series_) {
    if (series.name == name) return &series;
  }
  return nullptr;
}

const Series& Frame::get(std::string_view name) const {
  const Series* series = find(name);
  AMNOK_CHECK(series != nullptr, "no series `{}`", name);
  return *series;
}

std::vector<std::string> Frame::names() const {
  std::vector<std::string> result;
  for (const Series& series : series_) result.push_back(series.name);
  return result;
}

void Frame::add(Series series) {
  Series fitted = series.range() == range_ ? std::move(series) : series.window(range_);
  for (Series& old : series_) {
    if (old.name == fitted.name) {
      old = std::move(fitted);
      return;
    }
  }
  series_.push_back(std::move(fitted));
}

}  // namespace amnok
