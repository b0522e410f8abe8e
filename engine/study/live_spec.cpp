#include "engine/study/live_spec.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/base/check.h"

namespace amnok {

namespace {

constexpr int kUsualPoints = 5;

constexpr std::array<std::pair<LiveField, std::string_view>, 9> kFields = {{
    {LiveField::at, "at"},
    {LiveField::until, "until"},
    {LiveField::over, "over"},
    {LiveField::remaining, "remaining"},
    {LiveField::intensity, "intensity"},
    {LiveField::value, "value"},
    {LiveField::multiply, "multiply"},
    {LiveField::add, "add"},
    {LiveField::set, "set"},
}};

// Where a change keeps a figure.
using Place = std::variant<std::monostate, Amount*, int*, Period*>;

Place place_in(EndEvent& change, LiveField field) {
  if (field == LiveField::at) return &change.at;
  if (field == LiveField::over) return &change.over;
  if (field == LiveField::remaining) return &change.remaining;
  return std::monostate{};
}

Place place_in(StartEvent& change, LiveField field) {
  if (field == LiveField::at) return &change.at;
  if (field == LiveField::until && change.until) return &*change.until;
  if (field == LiveField::intensity) return &change.intensity;
  return std::monostate{};
}

// Of one value for all periods; a path of several is not one figure.
Place place_in(std::vector<Amount>& values, LiveField field) {
  if (field == LiveField::value && values.size() == 1) return values.data();
  return std::monostate{};
}

Place place_in(SetPath& change, LiveField field) {
  return place_in(change.values, field);
}

Place place_in(FixPath& change, LiveField field) {
  return place_in(change.values, field);
}

Place place_in(AddFactor& change, LiveField field) {
  return place_in(change.values, field);
}

Place place_in(ChangeParameter& change, LiveField field) {
  const LiveField own = change.mode == ChangeParameter::Mode::multiply ? LiveField::multiply
                        : change.mode == ChangeParameter::Mode::add    ? LiveField::add
                                                                       : LiveField::set;
  if (field == own) return &change.value;
  return std::monostate{};
}

// Kinds of change that no slider moves.
template <class Other>
Place place_in(Other&, LiveField) {
  return std::monostate{};
}

Place place_of(Change& change, LiveField field) {
  return std::visit([&](auto& what) { return place_in(what, field); }, change.what);
}

}  // namespace

std::string_view live_field_name(LiveField field) {
  for (const auto& [known, name] : kFields) {
    if (known == field) return name;
  }
  return "";
}

std::optional<LiveField> parse_live_field(std::string_view name) {
  for (const auto& [field, known] : kFields) {
    if (known == name) return field;
  }
  return std::nullopt;
}

std::optional<double> live_value(const Change& change, LiveField field) {
  Change copy = change;
  const Place place = place_of(copy, field);
  if (const auto* amount = std::get_if<Amount*>(&place)) {
    if ((*amount)->assumption.empty()) return (*amount)->value;
  }
  if (const auto* count = std::get_if<int*>(&place)) return **count;
  if (const auto* period = std::get_if<Period*>(&place)) {
    return static_cast<double>((*period)->ordinal);
  }
  return std::nullopt;
}

std::string live_assumption(const Change& change, LiveField field) {
  Change copy = change;
  const Place place = place_of(copy, field);
  const auto* amount = std::get_if<Amount*>(&place);
  return amount != nullptr ? (*amount)->assumption : "";
}

Change with_live_value(Change change, LiveField field, double value) {
  const Place place = place_of(change, field);
  AMNOK_CHECK(place.index() != 0, "{}", live_field_name(field));
  if (const auto* amount = std::get_if<Amount*>(&place)) (*amount)->value = value;
  if (const auto* count = std::get_if<int*>(&place)) **count = static_cast<int>(value);
  if (const auto* period = std::get_if<Period*>(&place)) {
    (*period)->ordinal = static_cast<std::int64_t>(value);
  }
  return change;
}

std::string_view live_unit(const Change& change, LiveField field) {
  if (field != LiveField::value) return "";
  if (const auto* add = std::get_if<AddFactor>(&change.what)) {
    return !add->values.empty() && add->values[0].percent ? "%" : "";
  }
  const auto* path = std::get_if<SetPath>(&change.what);
  const bool share =
      path != nullptr && (path->mode == SetPath::Mode::pct || path->mode == SetPath::Mode::growth);
  return share ? "%" : "";
}

std::vector<double> live_positions(const LiveSpec& spec, double home) {
  const bool whole = is_whole(spec.vary);
  const double span = spec.to - spec.from;
  const int usual = whole ? static_cast<int>(span) + 1 : kUsualPoints;
  const int points = spec.points > 0 ? spec.points : usual;
  std::vector<double> positions = {home};
  for (int i = 0; i < points; ++i) {
    const double at = spec.from + span * i / (points - 1);
    positions.push_back(whole ? std::round(at) : at);
  }
  std::sort(positions.begin(), positions.end());
  // A position next to home but for rounding is home.
  const auto same = [&](double a, double b) { return b - a <= 1e-9 * span; };
  std::vector<double> distinct;
  for (double at : positions) {
    if (!distinct.empty() && same(distinct.back(), at)) {
      if (at == home) distinct.back() = home;
      continue;
    }
    distinct.push_back(at);
  }
  return distinct;
}

std::optional<std::size_t> live_change(const std::vector<Change>& changes,
                                       const std::string& name) {
  std::optional<std::size_t> found;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const ChangeText text = describe(changes[i]);
    if (text.kind + " " + text.subject != name) continue;
    if (found) return std::nullopt;
    found = i;
  }
  return found;
}

}  // namespace amnok
