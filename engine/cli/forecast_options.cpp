#include "engine/cli/forecast_options.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/base/input_error.h"
#include "engine/base/text.h"

namespace amnok {

std::vector<double> parse_levels(const std::string& text) {
  std::vector<double> levels;
  for (std::string_view part : split(text, ',')) {
    const auto level = parse_double(trim(part));
    if (!level || !(*level > 0 && *level < 100)) {
      throw InputError(
          fmt::format("--level is {}, but must be numbers between 0 and 100 such as 80,95", text));
    }
    levels.push_back(*level);
  }
  std::sort(levels.begin(), levels.end());
  levels.erase(std::unique(levels.begin(), levels.end()), levels.end());
  return levels;
}

std::optional<Frequency> parse_frequency_option(const std::string& text) {
  if (text.empty()) return std::nullopt;
  const std::optional<Frequency> frequency = parse_frequency(text);
  if (!frequency) {
    throw InputError(
        fmt::format("--frequency is {}, but must be annual, quarterly, monthly, weekly, "
                    "daily or undated",
                    text));
  }
  return frequency;
}

int default_horizon(Frequency frequency, int season) {
  switch (frequency) {
    case Frequency::monthly:
      return 24;
    case Frequency::quarterly:
      return 8;
    case Frequency::annual:
      return 6;
    case Frequency::weekly:
      return 26;
    case Frequency::daily:
      return 14;
    case Frequency::undated:
      break;
  }
  return season > 1 ? 2 * season : 10;
}

}  // namespace amnok
