#include "engine/config/json_schema.h"

#include <cmath>
#include <nlohmann/json.hpp>

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

Json value_json(const ConfigValue& value) {
  switch (value.kind()) {
    case ConfigValue::Kind::boolean:
      return value.boolean();
    case ConfigValue::Kind::integer:
      return value.integer();
    case ConfigValue::Kind::number:
      return value.number();
    case ConfigValue::Kind::string:
      return value.string();
    case ConfigValue::Kind::array: {
      Json list = Json::array();
      for (const ConfigValue& item : value.items()) list.push_back(value_json(item));
      return list;
    }
    case ConfigValue::Kind::table:
      break;
  }
  Json table = Json::object();
  for (const auto& member : value.members()) table[member.key] = value_json(member.value);
  return table;
}

Json bound(double value) {
  return value == std::floor(value) ? Json(static_cast<std::int64_t>(value)) : Json(value);
}

Json table_json(const Schema& schema);
Json types_json(const std::vector<OptionType>& types);

Json type_json(const OptionType& type) {
  Json json = Json::object();
  switch (type.kind) {
    case OptionType::Kind::boolean:
      json["type"] = "boolean";
      break;
    case OptionType::Kind::integer:
      json["type"] = "integer";
      break;
    case OptionType::Kind::number:
      json["type"] = "number";
      break;
    case OptionType::Kind::string:
      json["type"] = "string";
      if (!type.what.empty()) json["description"] = type.what;
      break;
    case OptionType::Kind::choice:
      json["enum"] = type.choices;
      break;
    case OptionType::Kind::array:
      json["type"] = "array";
      json["items"] = types_json(type.items);
      if (type.min_size) json["minItems"] = *type.min_size;
      if (type.max_size) json["maxItems"] = *type.max_size;
      break;
    case OptionType::Kind::map:
      json["type"] = "object";
      json["additionalProperties"] = types_json(type.items);
      break;
    case OptionType::Kind::table:
      return table_json(*type.table);
    case OptionType::Kind::tagged: {
      Json variants = Json::array();
      for (const auto& variant : type.variants) variants.push_back(table_json(*variant));
      json["oneOf"] = variants;
      break;
    }
  }
  if (type.min) json["minimum"] = bound(*type.min);
  if (type.max) json["maximum"] = bound(*type.max);
  return json;
}

Json types_json(const std::vector<OptionType>& types) {
  if (types.size() == 1) return type_json(types[0]);
  Json any = Json::array();
  for (const OptionType& type : types) any.push_back(type_json(type));
  return {{"anyOf", any}};
}

Json table_json(const Schema& schema) {
  Json properties = Json::object();
  Json required = Json::array();
  for (const Option& option : schema.options) {
    Json json = types_json(option.types);
    json["description"] = option.help;
    if (option.default_value) json["default"] = value_json(*option.default_value);
    properties[option.key] = std::move(json);
    if (option.required) required.push_back(option.key);
  }
  Json json = {{"type", "object"}};
  if (!schema.help.empty()) json["description"] = schema.help;
  json["properties"] = std::move(properties);
  if (!required.empty()) json["required"] = std::move(required);
  json["additionalProperties"] = false;
  return json;
}

}  // namespace

std::string json_schema(const Schema& schema, const std::string& title) {
  Json json = {{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  json.update(table_json(schema));
  return json.dump(2) + "\n";
}

}  // namespace amnok
