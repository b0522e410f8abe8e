#include "engine/cli/series_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "engine/base/text.h"

namespace amnok {

namespace {

// The column of a name, in whatever capitals; as many as there are: none.
std::size_t find_name(const std::vector<std::string>& header, std::string_view name) {
  const auto at = std::find_if(header.begin(), header.end(),
                               [&](const std::string& text) { return to_lower(text) == name; });
  return static_cast<std::size_t>(at - header.begin());
}

}  // namespace

SeriesLayout series_layout(const std::vector<std::string>& header) {
  const std::size_t none = header.size(), name = find_name(header, "series"),
                    value = find_name(header, "value");
  SeriesLayout layout;
  layout.is_long = name < none && value < none && none > 2;
  if (layout.is_long) {
    layout.name = name;
    layout.value = value;
    while (layout.time == name || layout.time == value) ++layout.time;
  }
  // T may be a temperature.
  const auto t =
      static_cast<std::size_t>(std::find(header.begin(), header.end(), "t") - header.begin());
  if (t < none) layout.time = t;
  if (const std::size_t date = find_name(header, "date"); date < none) layout.time = date;
  return layout;
}

std::string no_period_text(const std::string& text, Frequency frequency) {
  const bool vowel = frequency == Frequency::annual || frequency == Frequency::undated;
  return fmt::format("\"{}\" is not {} {} period", text, vowel ? "an" : "a",
                     frequency_name(frequency));
}

FrequencyGuess::FrequencyGuess(const std::string& time_name) {
  if (time_name == "t") told_ = Frequency::undated;
}

void FrequencyGuess::add(std::string_view text, const std::optional<ParsedDate>& parsed) {
  if (told_) return;
  if (!parsed) {
    if (parse_integer(text)) told_ = Frequency::undated;
    return;
  }
  if (parsed->form == DateForm::year) told_ = Frequency::annual;
  if (parsed->form == DateForm::quarter) told_ = Frequency::quarterly;
  if (parsed->form == DateForm::week) told_ = Frequency::weekly;
  const Date date = parsed->first;
  first_days_ = first_days_ && date.day == 1;
  if (before_ && *before_ < date) {
    months_ = std::gcd(months_, (date.year - before_->year) * 12LL + date.month - before_->month);
    days_ = std::gcd(days_, days_since_1970(date) - days_since_1970(*before_));
  }
  before_ = date;
}

Frequency FrequencyGuess::frequency() const {
  if (told_) return *told_;
  if (!first_days_) return days_ > 0 && days_ % 7 == 0 ? Frequency::weekly : Frequency::daily;
  return months_ > 0 && months_ % 12 == 0  ? Frequency::annual
         : months_ > 0 && months_ % 3 == 0 ? Frequency::quarterly
                                           : Frequency::monthly;
}

}  // namespace amnok
