// Runs the program as a user would, and keeps files in a folder of the test's own.
#pragma once

#include <string>

namespace amnok {

struct ProgramResult {
  int exit_code = -1;
  std::string out, err;
};
// `arguments` as typed behind `amnok `; run in `folder` (empty: the source folder).
ProgramResult run_program(const std::string& arguments, const std::string& folder = "");

// A fresh folder that is removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::string& path() const { return path_; }
  std::string write(const std::string& name, const std::string& content) const;  // returns its path
  std::string read(const std::string& name) const;
  bool has(const std::string& name) const;

 private:
  std::string path_;
};

std::string source_path(const std::string& name);  // in the source tree

}  // namespace amnok
