#include "engine/config/value.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace amnok {

ConfigValue::ConfigValue() : data_(Table{}) {}
ConfigValue::ConfigValue(bool value) : data_(value) {}
ConfigValue::ConfigValue(std::int64_t value) : data_(value) {}
ConfigValue::ConfigValue(double value) : data_(value) {}
ConfigValue::ConfigValue(std::string value) : data_(std::move(value)) {}
ConfigValue::ConfigValue(const ConfigValue& other) = default;
ConfigValue::ConfigValue(ConfigValue&& other) noexcept = default;
ConfigValue& ConfigValue::operator=(const ConfigValue& other) = default;
ConfigValue& ConfigValue::operator=(ConfigValue&& other) noexcept = default;
ConfigValue::~ConfigValue() = default;

ConfigValue ConfigValue::array() {
  ConfigValue value;
  value.data_ = Array{};
  return value;
}

bool ConfigValue::boolean() const {
  AMNOK_CHECK(is(Kind::boolean), "it is {}", kind_name(kind()));
  return std::get<bool>(data_);
}

std::int64_t ConfigValue::integer() const {
  AMNOK_CHECK(is(Kind::integer), "it is {}", kind_name(kind()));
  return std::get<std::int64_t>(data_);
}

double ConfigValue::number() const {
  if (is(Kind::integer)) return static_cast<double>(integer());
  AMNOK_CHECK(is(Kind::number), "it is {}", kind_name(kind()));
  return std::get<double>(data_);
}

const std::string& ConfigValue::string() const {
  AMNOK_CHECK(is(Kind::string), "it is {}", kind_name(kind()));
  return std::get<std::string>(data_);
}

const std::vector<ConfigValue>& ConfigValue::items() const {
  AMNOK_CHECK(is(Kind::array), "it is {}", kind_name(kind()));
  return std::get<Array>(data_);
}

const std::vector<ConfigValue::Member>& ConfigValue::members() const {
  AMNOK_CHECK(is(Kind::table), "it is {}", kind_name(kind()));
  return std::get<Table>(data_);
}

const ConfigValue* ConfigValue::find(std::string_view key) const {
  if (!is(Kind::table)) return nullptr;
  for (const Member& member : members()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

void ConfigValue::add(Member member) {
  std::get<Table>(data_).push_back(std::move(member));
}
void ConfigValue::add(ConfigValue item) {
  std::get<Array>(data_).push_back(std::move(item));
}

std::string_view kind_name(ConfigValue::Kind kind) {
  static constexpr std::array<std::string_view, 6> kNames = {
      "true or false", "an integer", "a number", "a string", "an array", "a table"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::string show(const ConfigValue& value) {
  switch (value.kind()) {
    case ConfigValue::Kind::boolean:
      return value.boolean() ? "true" : "false";
    case ConfigValue::Kind::integer:
      return fmt::format("{}", value.integer());
    case ConfigValue::Kind::number:
      return std::isnan(value.number()) ? "nan" : format_number(value.number());
    case ConfigValue::Kind::string:
      return "\"" + value.string() + "\"";
    case ConfigValue::Kind::array: {
      std::vector<std::string> parts;
      for (const ConfigValue& item : value.items()) parts.push_back(show(item));
      return "[" + join(parts, ", ") + "]";
    }
    case ConfigValue::Kind::table: {
      std::vector<std::string> parts;
      for (const auto& member : value.members()) {
        parts.push_back(member.key + " = " + show(member.value));
      }
      return "{ " + join(parts, ", ") + " }";
    }
  }
  return "";
}

}  // namespace amnok
