// Broken contracts in our own code. Input and numerical trouble have types of their own
// (input_error.h, FitStatus); a failed AMNOK_CHECK is a bug in Amnok and ends with exit code 70.
#pragma once

#include <fmt/format.h>

#include <stdexcept>
#include <string>

namespace amnok {

class ContractError : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Throws ContractError: "engine/x.cpp:12: internal error: `a == b` does not hold: a is 1, b is 2".
[[noreturn]] void fail_check(const char* file, int line, const char* expression,
                             const std::string& values);

}  // namespace amnok

// AMNOK_CHECK(expression, "format {}", values...): the values explain the failure.
#define AMNOK_CHECK(expression, ...)                                                    \
  do {                                                                                  \
    if (!(expression)) {                                                                \
      ::amnok::fail_check(__FILE__, __LINE__, #expression, ::fmt::format(__VA_ARGS__)); \
    }                                                                                   \
  } while (false)
