#include "engine/cli/reference/regressor_text.h"

#include <fmt/format.h>

#include <cctype>

#include "engine/base/text.h"
#include "engine/data/evaluate.h"

namespace amnok {

namespace {

Frame calendar_frame(const DataTable& data) {
  const int n = data.rows();
  Frame frame(PeriodRange{{Frequency::undated, 1}, n});
  const auto add = [&](const char* name, auto value) {
    Series series{name, "", frame.range().first, VectorXd(n), {}, {}, "", {}};
    for (int t = 0; t < n; ++t) series.values(t) = value(t);
    frame.add(series);
  };
  add("t", [](int t) { return t + 1.0; });
  add("n", [n](int) { return static_cast<double>(n); });
  if (data.has("date")) {
    const std::vector<std::string> dates = data.texts("date");
    const auto date = [&](int t) {
      const auto parsed = parse_date(dates[static_cast<std::size_t>(t)]);
      return parsed ? parsed->first : Date{};
    };
    add("year", [&](int t) { return static_cast<double>(date(t).year); });
    add("month", [&](int t) { return static_cast<double>(date(t).month); });
    add("quarter", [&](int t) { return (date(t).month + 2) / 3.0; });
  }
  return frame;
}

// The longest beginning of `text` that is an expression of the calendar, evaluated.
bool evaluate_beginning(std::string_view text, const Frame& frame, VectorXd& values) {
  for (std::size_t end = text.size(); end > 0; --end) {
    const std::string_view part = trim(text.substr(0, end));
    if (part.empty()) continue;
    try {
      values = evaluate_on(parse_expression(part), frame, frame.range());
      return true;
    } catch (const InputError&) {
    }
  }
  return false;
}

// "for year >= 1899", "at t = 40": 1 where the relation holds.
bool evaluate_condition(std::string_view text, const Frame& frame, VectorXd& values) {
  for (const char* sign : {">=", "<=", "==", "=", ">", "<"}) {
    const auto at = text.find(sign);
    if (at == std::string_view::npos) continue;
    // The word before the sign and the number after it.
    const std::string_view left = trim(text.substr(0, at));
    const auto space = left.rfind(' ');
    const std::string_view word = space == std::string_view::npos ? left : left.substr(space + 1);
    VectorXd a, b;
    if (!evaluate_beginning(word, frame, a)) return false;
    if (!evaluate_beginning(trim(text.substr(at + std::string_view(sign).size())), frame, b)) {
      return false;
    }
    values.resize(a.size());
    for (Eigen::Index t = 0; t < a.size(); ++t) {
      const bool holds = sign[0] == '>'   ? (sign[1] == '=' ? a(t) >= b(t) : a(t) > b(t))
                         : sign[0] == '<' ? (sign[1] == '=' ? a(t) <= b(t) : a(t) < b(t))
                                          : a(t) == b(t);
      values(t) = holds ? 1 : 0;
    }
    return true;
  }
  return false;
}

}  // namespace

VectorXd described_regressor(const std::string& name, const std::string& description,
                             const DataTable& data) {
  if (data.has(name)) return data.column(name);
  const std::string key = name + " =";
  auto at = description.find(key);
  if (at == std::string::npos) at = description.find(name + "=");
  if (at != std::string::npos) {
    std::string_view text = std::string_view(description).substr(description.find('=', at) + 1);
    text = trim(text.substr(0, text.find(';')));
    const Frame frame = calendar_frame(data);
    VectorXd values;
    if (starts_with(text, "1..n")) return frame.get("t").values;
    const bool condition = text.find(" for ") != std::string_view::npos ||
                           text.find(" at ") != std::string_view::npos ||
                           text.find(" from ") != std::string_view::npos ||
                           text.find(" if ") != std::string_view::npos ||
                           text.find(" when ") != std::string_view::npos;
    // "t/4, t=1 at the first observation" is an expression with a remark after the comma.
    const std::string_view head = trim(text.substr(0, text.find(',')));
    if (starts_with(head, "1 ") && condition && evaluate_condition(head.substr(2), frame, values)) {
      return values;
    }
    if (evaluate_beginning(head, frame, values)) return values;
  }
  throw InputError(fmt::format("cannot build the regressor `{}` from \"{}\"", name, description));
}

}  // namespace amnok
