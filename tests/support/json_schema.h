// As much of JSON Schema as ours use: type, properties, required, additionalProperties, items,
// enum, minimum, maximum, minItems, maxItems, anyOf, oneOf.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace amnok {

// Every violation, as "path: what".
std::vector<std::string> validate(const nlohmann::json& value, const nlohmann::json& schema,
                                  const std::string& path = "");

nlohmann::json toml_to_json(const std::string& file);

}  // namespace amnok
