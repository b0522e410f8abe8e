// SHA-256 of a text as 64 hex digits: which inputs a run rests on (manifest.json).
#pragma once

#include <string>
#include <string_view>

namespace amnok {

std::string sha256_hex(std::string_view bytes);

}  // namespace amnok
