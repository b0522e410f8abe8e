// Programs that the report uses at run time: gnuplot, pandoc, TeX. They are run, never linked.
#pragma once

#include <string>
#include <vector>

namespace amnok {

struct ToolResult {
  bool started = false;  // false: not installed
  int exit_code = -1;
  std::string errors;  // what it wrote to standard error
};

// Runs argv[0], found on PATH, in `folder`, with `input` on its standard input. No shell is
// involved. `environment` ("NAME=value") is added to that of the program.
ToolResult run_tool(const std::vector<std::string>& argv, const std::string& folder,
                    const std::string& input, const std::vector<std::string>& environment = {});

// Whether PATH has such a program.
bool has_tool(const std::string& name);

}  // namespace amnok
