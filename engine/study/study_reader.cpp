#include "engine/study/study_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/study/joint_equations.h"

namespace amnok {

Amount parse_amount(const ConfigValue& value) {
  if (value.is_number()) return {value.number(), false};
  const std::string_view text = trim(value.string());
  if (!text.empty() && text.back() == '%') {
    const auto number = parse_double(trim(text.substr(0, text.size() - 1)));
    if (number) return {*number, true};
  }
  return {0, false, std::string(text)};
}

bool StudyReader::whole(std::string_view section) const {
  const ConfigValue* read = readable_.find(section);
  const std::size_t count = read != nullptr ? read->members().size() : 0;
  return keys(section).size() == count;
}

std::vector<std::string> StudyReader::keys(std::string_view section) const {
  std::vector<std::string> names;
  const ConfigValue* table = written_.find(section);
  if (table == nullptr || !table->is(ConfigValue::Kind::table)) return names;
  for (const auto& member : table->members()) names.push_back(member.key);
  return names;
}

std::string StudyReader::text(const ConfigValue& table, std::string_view key) {
  const ConfigValue* value = table.find(key);
  return value != nullptr ? value->string() : std::string();
}

std::string StudyReader::example(Date date) const {
  if (study_.run.frequency == Frequency::undated) return fmt::format("{}", date.year - 2005);
  return format_period(period_of(date, study_.run.frequency));
}

std::optional<Period> StudyReader::period(const ConfigValue& value, const std::string& path) {
  const auto parsed = parse_period(value.string(), study_.run.frequency);
  if (!parsed) {
    problems_.error(
        value.where,
        fmt::format("{} is \"{}\", but must be a period of the {} run, such as {}", path,
                    value.string(), frequency_name(study_.run.frequency), example({2022, 9, 5})));
  }
  return parsed;
}

StudyReader::Ends StudyReader::range(const ConfigValue& value, const std::string& path) {
  const std::string& text = value.string();
  const auto dots = text.find("..");
  bool understood = true;
  const auto part = [&](std::string_view piece) -> std::optional<Period> {
    piece = trim(piece);
    if (piece.empty()) return std::nullopt;
    const auto parsed = parse_period(piece, study_.run.frequency);
    understood = understood && parsed;
    return parsed;
  };
  Ends ends;
  if (dots == std::string::npos) {
    ends.first = ends.second = part(text);
  } else {
    ends = {part(std::string_view(text).substr(0, dots)),
            part(std::string_view(text).substr(dots + 2))};
  }
  if (!understood) {
    problems_.error(value.where,
                    fmt::format("{} is \"{}\", but must be a range of {} periods such as {}..{}",
                                path, text, frequency_name(study_.run.frequency),
                                example({2016, 1, 4}), example({2022, 9, 5})));
    return {};
  }
  if (ends.first && ends.second && *ends.second < *ends.first) {
    problems_.error(value.where,
                    fmt::format("{} is \"{}\", but must end after it starts", path, text));
    return {};
  }
  return ends;
}

std::vector<std::string> StudyReader::event_ids() const {
  std::vector<std::string> ids;
  for (const Event& event : study_.events) ids.push_back(event.id);
  for (const std::string& key : keys("events")) {
    if (std::find(ids.begin(), ids.end(), key) == ids.end()) ids.push_back(key);
  }
  return ids;
}

std::optional<AssumedDistribution> StudyReader::read_distribution(const ConfigValue& table,
                                                                  const std::string& path) {
  static const std::vector<std::string> kKinds = {"normal",  "lognormal",  "beta",
                                                  "uniform", "triangular", "student_t"};
  using Kind = AssumedDistribution::Kind;
  AssumedDistribution d;
  const std::string kind =
      text(table, "distribution").empty() ? "normal" : text(table, "distribution");
  d.kind = static_cast<Kind>(std::find(kKinds.begin(), kKinds.end(), kind) - kKinds.begin());
  std::vector<std::string_view> needed = {"mean", "sd"};
  if (d.kind == Kind::uniform) needed = {"low", "high"};
  if (d.kind == Kind::triangular) needed = {"low", "mode", "high"};
  bool complete = true;
  const std::pair<const char*, double*> values[] = {
      {"mean", &d.mean}, {"sd", &d.sd}, {"low", &d.low}, {"mode", &d.mode}, {"high", &d.high}};
  for (const auto& [key, number] : values) {
    const ConfigValue* value = table.find(key);
    const bool wanted = std::find(needed.begin(), needed.end(), key) != needed.end();
    if (value != nullptr) *number = value->number();
    if (wanted == (value != nullptr)) continue;
    complete = false;
    problems_.error(value != nullptr ? value->where : table.where,
                    value != nullptr ? fmt::format("{}: {} has no `{}`", path, kind, key)
                                     : fmt::format("{}: {} needs `{}`", path, kind, key));
  }
  if (const ConfigValue* df = table.find("df")) d.df = df->number();
  if (!complete) return std::nullopt;
  if (const std::string problem = d.problem(); !problem.empty()) {
    problems_.error(table.where, fmt::format("{}: {}", path, problem));
    return std::nullopt;
  }
  return d;
}

std::vector<std::string> StudyReader::variable_names(bool with_events) const {
  std::vector<std::string> names = keys("data");
  for (const std::string& name : keys("identities")) names.push_back(name);
  for (const UnrecordedSpec& unrecorded : study_.unrecorded) {
    names.push_back(unrecorded.name);
    names.push_back(unrecorded.factor);
  }
  if (with_events) {
    const std::vector<std::string> ids = event_ids();
    names.insert(names.end(), ids.begin(), ids.end());
  }
  return names;
}

std::vector<std::string> StudyReader::endogenous_names() const {
  std::vector<std::string> names;
  for (const EquationSpec& equation : study_.equations) names.push_back(equation.target.variable);
  for (const std::string& name : keys("identities")) names.push_back(name);
  for (const UnrecordedSpec& unrecorded : study_.unrecorded) names.push_back(unrecorded.name);
  // The target of an equation that could not be read may be any series.
  if (!whole("models")) {
    for (const std::string& name : keys("data")) names.push_back(name);
  }
  return names;
}

std::vector<std::string> StudyReader::equation_names() const {
  std::vector<std::string> names;
  for (const EquationSpec& equation : study_.equations) {
    if (is_joint(equation)) names.push_back(equation.name);
  }
  const bool any_joint = !names.empty();
  for (const std::string& key : keys("models")) {
    const ConfigValue* models = section("models");
    const ConfigValue* table = models != nullptr ? models->find(key) : nullptr;
    const bool joint = table != nullptr && table->find("targets") != nullptr;
    if (!joint || !any_joint) names.push_back(key);
  }
  return names;
}

void StudyReader::check_known(const ConfigValue& value, const std::vector<std::string>& known,
                              const std::string& path) {
  if (std::find(known.begin(), known.end(), value.string()) == known.end()) {
    problems_.error(value.where,
                    fmt::format("{} is \"{}\", which is not defined", path, value.string()),
                    name_hint(value.string(), known));
  }
}

void StudyReader::check_leads(const Expression& expression) const {
  for (const std::string& name : endogenous_names()) {
    if (expression.max_lead(name) == 0) continue;
    throw InputError({{Severity::error, expression.where(),
                       fmt::format("`{}` looks ahead at `{}`, which the system explains: it is not "
                                   "known ahead of time",
                                   expression.text(), name),
                       "leads are for exogenous series, whose paths scenarios give, and events"}});
  }
}

bool StudyReader::check_identifier(const ConfigValue::Member& member, const std::string& section) {
  const auto is_letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  const std::string& name = member.key;
  const bool fits = !name.empty() && is_letter(name[0]) &&
                    std::all_of(name.begin(), name.end(),
                                [&](char c) { return is_letter(c) || (c >= '0' && c <= '9'); });
  if (!fits) {
    problems_.error(member.key_where,
                    fmt::format("a name in [{}] is \"{}\", but must have the letters a-z and A-Z, "
                                "digits and _ only, and not start with a digit: it is used in "
                                "expressions and file names",
                                section, name),
                    "any text can stand in tables and figures: label = \"...\"");
  }
  return fits;
}

}  // namespace amnok
