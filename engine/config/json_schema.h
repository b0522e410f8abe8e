// The JSON Schema (2020-12) of an option table, for editors and validators.
#pragma once

#include <string>

#include "engine/config/schema.h"

namespace amnok {

std::string json_schema(const Schema& schema, const std::string& title);

}  // namespace amnok
