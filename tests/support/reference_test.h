// One reference case as a test.
#pragma once

#include <catch2/catch.hpp>
#include <string>

namespace amnok {

// Every quantity passes or is a known difference (tests/reference/known_differences.md); none that
// was supported may vanish: the number of unsupported quantities is bounded.
void check_reference_case(const std::string& id);

}  // namespace amnok
