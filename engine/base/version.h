// The program's version, and those of the libraries whose numbers it rests on.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace amnok {

std::string version();
std::vector<std::pair<std::string, std::string>> library_versions();

}  // namespace amnok
