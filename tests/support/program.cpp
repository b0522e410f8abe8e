#include "tests/support/program.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace amnok {

namespace {

namespace fs = std::filesystem;

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (fs::temp_directory_path() / "amnok-test-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
  path_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  fs::permissions(path_, fs::perms::owner_all, error);
  fs::remove_all(path_, error);
}

std::string TemporaryFolder::write(const std::string& name, const std::string& content) const {
  const fs::path path = fs::path(path_) / name;
  fs::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary) << content;
  return path.string();
}

std::string TemporaryFolder::read(const std::string& name) const {
  return slurp(path_ + "/" + name);
}

bool TemporaryFolder::has(const std::string& name) const {
  return fs::exists(fs::path(path_) / name);
}

std::string source_path(const std::string& name) {
  return std::string(AMNOK_SOURCE_DIR) + "/" + name;
}

ProgramResult run_program(const std::string& arguments, const std::string& folder) {
  const TemporaryFolder scratch;
  const std::string out = scratch.path() + "/out", err = scratch.path() + "/err";
  const std::string command = "cd '" + (folder.empty() ? std::string(AMNOK_SOURCE_DIR) : folder) +
                              "' && '" AMNOK_PROGRAM "' " + arguments + " >'" + out + "' 2>'" +
                              err + "'";
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, slurp(out), slurp(err)};
}

}  // namespace amnok
