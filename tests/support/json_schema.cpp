#include "tests/support/json_schema.h"

#include "engine/base/text.h"
#include "engine/config/toml.h"

namespace amnok {

namespace {

using Json = nlohmann::json;

bool has_type(const Json& value, const std::string& type) {
  if (type == "object") return value.is_object();
  if (type == "array") return value.is_array();
  if (type == "string") return value.is_string();
  if (type == "boolean") return value.is_boolean();
  if (type == "integer") return value.is_number_integer();
  if (type == "number") return value.is_number();
  return type == "null" && value.is_null();
}

Json to_json(const ConfigValue& value) {
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
      for (const ConfigValue& item : value.items()) list.push_back(to_json(item));
      return list;
    }
    case ConfigValue::Kind::table:
      break;
  }
  Json table = Json::object();
  for (const auto& member : value.members()) table[member.key] = to_json(member.value);
  return table;
}

}  // namespace

std::vector<std::string> validate(const Json& value, const Json& schema, const std::string& path) {
  std::vector<std::string> found;
  const auto say = [&](const std::string& what) { found.push_back(path + ": " + what); };
  const auto merge = [&](const std::vector<std::string>& more) {
    found.insert(found.end(), more.begin(), more.end());
  };
  if (schema.contains("type")) {
    const Json types = schema["type"].is_array() ? schema["type"] : Json::array({schema["type"]});
    bool fits = false;
    for (const Json& type : types) fits = fits || has_type(value, type.get<std::string>());
    if (!fits) say("wrong type");
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
    say("not in the enum");
  }
  for (const char* key : {"anyOf", "oneOf"}) {
    if (!schema.contains(key)) continue;
    int fitting = 0;
    for (const Json& option : schema[key]) fitting += validate(value, option, path).empty() ? 1 : 0;
    if (fitting == 0 || (std::string(key) == "oneOf" && fitting != 1))
      say(std::string("no ") + key);
  }
  if (value.is_number()) {
    if (schema.contains("minimum") && value < schema["minimum"]) say("below the minimum");
    if (schema.contains("maximum") && value > schema["maximum"]) say("above the maximum");
  }
  if (value.is_array()) {
    if (schema.contains("minItems") && value.size() < schema["minItems"]) say("too few items");
    if (schema.contains("maxItems") && value.size() > schema["maxItems"]) say("too many items");
    for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
      merge(validate(value[i], schema["items"], path + "[" + std::to_string(i) + "]"));
    }
  }
  if (value.is_object()) {
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) say("missing " + name.get<std::string>());
    }
    for (const auto& [name, member] : value.items()) {
      if (schema.contains("properties") && schema["properties"].contains(name)) {
        merge(validate(member, schema["properties"][name], path + "." + name));
      } else if (schema.contains("additionalProperties")) {
        const Json& rest = schema["additionalProperties"];
        if (rest.is_boolean()) {
          if (!rest.get<bool>()) say("unknown " + name);
        } else {
          merge(validate(member, rest, path + "." + name));
        }
      }
    }
  }
  return found;
}

Json toml_to_json(const std::string& file) {
  ProblemList problems;
  const ConfigValue value = parse_toml(read_file(file), file, problems);
  problems.throw_if_errors();
  return to_json(value);
}

}  // namespace amnok
