// The house: a folder includes only folders above it in the list of CONTRIBUTING.md.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <vector>

#include "tests/support/program.h"

namespace amnok {

namespace {

namespace fs = std::filesystem;

// Each layer may include itself and those before it.
const std::vector<std::string> kLayers = {"base",   "config",     "time",       "data",   "stats",
                                          "solver", "statespace", "regression", "model",  "system",
                                          "study",  "scenario",   "evaluation", "report", "cli"};
// What the description of the layers narrows further: these may not include data, though it stands
// before them.
const std::map<std::string, std::set<std::string>> kNarrow = {{"config", {"base"}},
                                                              {"time", {"base"}},
                                                              {"data", {"base", "config", "time"}},
                                                              {"stats", {"base"}}};

int rank(const std::string& layer) {
  for (std::size_t i = 0; i < kLayers.size(); ++i) {
    if (kLayers[i] == layer) return static_cast<int>(i);
  }
  return -1;
}

struct Include {
  std::string file, target;
};

std::vector<Include> includes_below(const std::string& folder) {
  std::vector<Include> result;
  for (const auto& entry : fs::recursive_directory_iterator(source_path(folder))) {
    const std::string extension = entry.path().extension().string();
    if (extension != ".h" && extension != ".cpp") continue;
    std::ifstream file(entry.path());
    for (std::string line; std::getline(file, line);) {
      if (line.rfind("#include ", 0) != 0) continue;
      const char close = line[9] == '<' ? '>' : '"';
      const std::string target = line.substr(10, line.find(close, 10) - 10);
      result.push_back({fs::relative(entry.path(), source_path("")).string(), target});
    }
  }
  return result;
}

std::string part(const std::string& path, int index) {
  fs::path p = path;
  auto at = p.begin();
  for (int i = 0; i < index && at != p.end(); ++i) ++at;
  return at == p.end() ? "" : at->string();
}

}  // namespace

TEST_CASE("architecture: every engine folder has a place in the order", "[architecture]") {
  for (const auto& entry : fs::directory_iterator(source_path("engine"))) {
    INFO(entry.path().string());
    CHECK(rank(entry.path().filename().string()) >= 0);
  }
}

TEST_CASE("architecture: engine folders include only folders before them", "[architecture]") {
  for (const Include& include : includes_below("engine")) {
    if (part(include.target, 0) != "engine") continue;
    const std::string from = part(include.file, 1), to = part(include.target, 1);
    INFO(include.file << " includes " << include.target);
    CHECK(rank(to) <= rank(from));
    const auto narrow = kNarrow.find(from);
    if (narrow != kNarrow.end() && from != to) CHECK(narrow->second.contains(to));
  }
}

TEST_CASE("architecture: plugins use the model layer and those before it, never each other",
          "[architecture]") {
  for (const Include& include : includes_below("models")) {
    INFO(include.file << " includes " << include.target);
    const std::string plugin = part(include.file, 1);
    if (part(include.target, 0) == "engine") {
      CHECK(rank(part(include.target, 1)) <= rank("model"));
    }
    if (part(include.target, 0) == "models" && plugin != "builtin.cpp" && plugin != "builtin.h") {
      CHECK(part(include.target, 1) == plugin);
    }
  }
}

TEST_CASE("architecture: only the command line knows the plugins", "[architecture]") {
  for (const Include& include : includes_below("engine")) {
    INFO(include.file << " includes " << include.target);
    if (part(include.target, 0) == "models") CHECK(part(include.file, 1) == "cli");
  }
}

TEST_CASE("architecture: heavy libraries stay where they belong", "[architecture]") {
  const std::map<std::string, std::set<std::string>> allowed = {
      {"ceres", {"engine/solver"}},
      {"toml++", {"engine/config"}},
      {"csv.h", {"engine/data"}},
      {"Random123", {"engine/stats"}},
      {"tbb", {"engine/scenario", "engine/model", "engine/cli"}},
      {"nlohmann", {"engine/config", "engine/report", "engine/cli"}},
      {"CLI", {"engine/cli"}}};
  for (const std::string top : {"engine", "models"}) {
    for (const Include& include : includes_below(top)) {
      const auto library = allowed.find(part(include.target, 0));
      if (library == allowed.end()) continue;
      const std::string place = part(include.file, 0) + "/" + part(include.file, 1);
      INFO(include.file << " includes " << include.target);
      CHECK(library->second.contains(place));
    }
  }
}

// A header and its source count as one; what is left when everything that includes nothing left is
// taken away goes in a circle.
TEST_CASE("architecture: files of the arima plugin include in no circle", "[architecture]") {
  std::map<std::string, std::set<std::string>> includes;
  const auto stem = [](const std::string& path) { return path.substr(0, path.rfind('.')); };
  for (const Include& include : includes_below("models/arima")) {
    std::set<std::string>& targets = includes[stem(include.file)];
    const std::string target = stem(include.target);
    if (target.rfind("models/arima/", 0) == 0 && target != stem(include.file))
      targets.insert(target);
  }
  CHECK(includes.size() > 10);
  for (bool changed = true; changed;) {
    changed = false;
    for (auto at = includes.begin(); at != includes.end();) {
      const bool free = std::none_of(at->second.begin(), at->second.end(),
                                     [&](const auto& name) { return includes.contains(name); });
      changed = changed || free;
      at = free ? includes.erase(at) : std::next(at);
    }
  }
  for (const auto& [name, targets] : includes) {
    INFO(name);
    CHECK(targets.empty());
  }
  CHECK(includes.empty());
}

// Two types of one name in one namespace are undefined behaviour where both are linked, and no
// linker says so.
TEST_CASE("architecture: a type's name stands for one type", "[architecture]") {
  const std::regex definition(
      "^(?:struct|class|enum class) ([A-Z][A-Za-z0-9]*)(?: final)?(?: :.*)? \\{.*");
  std::map<std::string, std::string> defined;
  int count = 0;
  for (const char* folder : {"engine", "models", "tests/support"}) {
    for (const auto& entry : fs::recursive_directory_iterator(source_path(folder))) {
      if (entry.path().extension() != ".h") continue;
      std::ifstream file(entry.path());
      for (std::string line; std::getline(file, line);) {
        std::smatch name;
        if (!std::regex_match(line, name, definition)) continue;
        ++count;
        const auto [known, first] = defined.emplace(name[1], entry.path().string());
        INFO(name[1] << " in " << known->second << " and " << entry.path().string());
        CHECK(first);
      }
    }
  }
  CHECK(count > 300);
}

}  // namespace amnok
