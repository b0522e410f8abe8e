#include "engine/cli/reference/reference_case.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

// JSON as the tree that the rest of the program reads; null members are left out.
ConfigValue to_config(const Json& json) {
  if (json.is_boolean()) return ConfigValue(json.get<bool>());
  if (json.is_number_integer()) return ConfigValue(json.get<std::int64_t>());
  if (json.is_number()) return ConfigValue(json.get<double>());
  if (json.is_string()) return ConfigValue(json.get<std::string>());
  if (json.is_array()) {
    ConfigValue value = ConfigValue::array();
    for (const Json& item : json) value.add(to_config(item));
    return value;
  }
  ConfigValue value = ConfigValue::table();
  if (json.is_object()) {
    for (const auto& [key, item] : json.items()) {
      if (!item.is_null()) value.add({key, {}, to_config(item)});
    }
  }
  return value;
}

void flatten(const Json& json, std::vector<double>& numbers) {
  if (json.is_array()) {
    for (const Json& item : json) flatten(item, numbers);
  } else {
    numbers.push_back(json.is_number() ? json.get<double>() : kMissing);
  }
}

Quantity to_quantity(const Json& json) {
  if (json.is_string()) return Quantity(json.get<std::string>());
  if (json.is_boolean()) return Quantity(json.get<bool>());
  if (json.is_array() && !json.empty() && json.front().is_string()) {
    std::vector<std::string> texts;
    for (const Json& item : json) texts.push_back(item.is_string() ? item.get<std::string>() : "");
    return Quantity(join(texts, ","));
  }
  Quantity quantity;
  flatten(json, quantity.numbers);
  return quantity;
}

double number_or(const Json& json, const char* key, double fallback) {
  const auto at = json.find(key);
  return at != json.end() && at->is_number() ? at->get<double>() : fallback;
}

}  // namespace

VectorXd DataTable::column(std::string_view name) const {
  const int at = csv.column(name);
  if (at < 0) throw InputError(fmt::format("{} has no column `{}`", csv.file(), name));
  VectorXd values(rows());
  for (int row = 0; row < rows(); ++row) {
    const auto value =
        parse_double(csv.cell(static_cast<std::size_t>(row), static_cast<std::size_t>(at)));
    values(row) = value ? *value : kMissing;
  }
  return values;
}

std::vector<std::string> DataTable::texts(std::string_view name) const {
  const int at = csv.column(name);
  AMNOK_CHECK(at >= 0, "no column {}", name);
  std::vector<std::string> values;
  for (std::size_t row = 0; row < csv.rows(); ++row) {
    values.push_back(csv.cell(row, static_cast<std::size_t>(at)));
  }
  return values;
}

std::vector<std::string> DataTable::value_columns() const {
  std::vector<std::string> names;
  for (const std::string& name : csv.header()) {
    if (name != "date" && name != "t" && name != "step") names.push_back(name);
  }
  return names;
}

double ReferenceCase::number(std::string_view key, double fallback) const {
  const ConfigValue* value = spec.find(key);
  return value != nullptr && value->is_number() ? value->number() : fallback;
}

int ReferenceCase::integer(std::string_view key, int fallback) const {
  return static_cast<int>(number(key, fallback));
}

bool ReferenceCase::flag(std::string_view key, bool fallback) const {
  const ConfigValue* value = spec.find(key);
  return value != nullptr && value->is(ConfigValue::Kind::boolean) ? value->boolean() : fallback;
}

std::string ReferenceCase::text(std::string_view key) const {
  const ConfigValue* value = spec.find(key);
  return value != nullptr && value->is(ConfigValue::Kind::string) ? value->string() : "";
}

std::vector<double> ReferenceCase::numbers(std::string_view key) const {
  std::vector<double> result;
  const ConfigValue* value = spec.find(key);
  if (value != nullptr && value->is(ConfigValue::Kind::array)) {
    for (const ConfigValue& item : value->items()) {
      if (item.is_number()) result.push_back(item.number());
    }
  }
  return result;
}

std::vector<std::string> ReferenceCase::texts(std::string_view key) const {
  const ConfigValue* value = spec.find(key);
  if (value == nullptr) return {};
  if (value->is(ConfigValue::Kind::string)) return {value->string()};
  std::vector<std::string> result;
  if (value->is(ConfigValue::Kind::array)) {
    for (const ConfigValue& item : value->items()) {
      if (item.is(ConfigValue::Kind::string)) result.push_back(item.string());
    }
  }
  return result;
}

ReferenceCase load_reference_case(const std::string& folder, const std::string& file) {
  const Json json = Json::parse(read_file(file), nullptr, false);
  if (json.is_discarded() || json.value("schema", "") != "reference-case/1") {
    throw InputError(fmt::format("{} is not a `reference-case/1` file", file));
  }
  ReferenceCase result;
  result.id = json.value("id", "");
  result.area = json.value("area", "");
  result.task = json.value("task", "");
  result.title = json.value("title", "");
  result.spec = to_config(json.value("spec", Json::object()));
  const Json& data = json.at("data");
  if (data.contains("column") && data["column"].is_string()) {
    result.column = data["column"].get<std::string>();
  }
  ProblemList problems;
  for (const Json& name : data.value("files", Json::array())) {
    result.data.push_back({read_csv(folder + "/" + name.get<std::string>(), problems)});
  }
  problems.throw_if_errors();
  for (const auto& [name, expected] : json.at("expected").items()) {
    result.expected.push_back({name, to_quantity(expected.at("value")),
                               number_or(expected, "rtol", 0), number_or(expected, "atol", 0),
                               expected.value("kind", "")});
  }
  return result;
}

}  // namespace amnok
