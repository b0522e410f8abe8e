#include "models/structural_break/break_columns.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/input_error.h"
#include "engine/base/text.h"

namespace amnok {

namespace {

constexpr const char* kSeasonal = "seasonal";

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

int seasons_of(const Sample& sample) {
  const Frequency frequency = sample.range.first.frequency;
  if (frequency == Frequency::monthly || frequency == Frequency::quarterly) {
    return season_length(frequency);
  }
  throw InputError(fmt::format("seasonal is true, but {} is {}: it must be monthly or quarterly",
                               sample.target.variable, frequency_name(frequency)));
}

}  // namespace

BreakColumns::BreakColumns(const StructuralBreakSpec& spec, const Sample& sample)
    : first_(sample.range.first), trend_(spec.trend) {
  names_ = {"intercept"};
  if (trend_) names_.push_back("trend");
  if (spec.seasonal) seasons_ = seasons_of(sample);
  for (int s = 1; s < seasons_; ++s) names_.push_back(fmt::format("season{}", s));
  names_.insert(names_.end(), sample.regressor_names.begin(), sample.regressor_names.end());
  choose_changing(spec.breaking);
}

bool BreakColumns::is_season(const std::string& name) const {
  const auto first = names_.begin() + (trend_ ? 2 : 1);
  const auto end = first + std::max(seasons_ - 1, 0);
  return std::find(first, end, name) != end;
}

void BreakColumns::choose_changing(const std::vector<std::string>& breaking) {
  const std::vector<std::string> known = terms(names_);
  for (const std::string& name : breaking) {
    if (contains(known, name)) continue;
    throw InputError(fmt::format("breaking is {}, but must be among {}", name, join(known, ", ")));
  }
  for (std::size_t j = 0; j < names_.size(); ++j) {
    const bool changes = is_season(names_[j]) ? contains(breaking, kSeasonal)
                                              : breaking.empty() || contains(breaking, names_[j]);
    (changes ? changing_ : common_).push_back(static_cast<int>(j));
  }
}

std::vector<std::string> BreakColumns::names_of(const std::vector<int>& columns) const {
  std::vector<std::string> names;
  for (int j : columns) names.push_back(names_[static_cast<std::size_t>(j)]);
  return names;
}

std::vector<std::string> BreakColumns::terms(const std::vector<std::string>& names) const {
  std::vector<std::string> result;
  for (const std::string& name : names) {
    const std::string term = is_season(name) ? kSeasonal : name;
    if (result.empty() || result.back() != term) result.push_back(term);
  }
  return result;
}

Eigen::RowVectorXd BreakColumns::known_row(std::int64_t t) const {
  Eigen::RowVectorXd x(1 + (trend_ ? 1 : 0) + std::max(seasons_ - 1, 0));
  Eigen::Index j = 0;
  x(j++) = 1;
  if (trend_) x(j++) = static_cast<double>(t + 1);
  for (int s = 0; s + 1 < seasons_; ++s) {
    x(j++) = (season_index(first_ + t) == s ? 1.0 : 0.0) - 1.0 / seasons_;
  }
  return x;
}

Eigen::RowVectorXd BreakColumns::row(std::int64_t t, const Eigen::RowVectorXd& regressors) const {
  Eigen::RowVectorXd x(static_cast<Eigen::Index>(names_.size()));
  x << known_row(t), regressors;
  return x;
}

MatrixXd BreakColumns::rows(const Sample& sample) const {
  MatrixXd x(sample.n(), static_cast<Eigen::Index>(names_.size()));
  for (int t = 0; t < sample.n(); ++t) x.row(t) = row(t, sample.regressors.row(t));
  return x;
}

}  // namespace amnok
