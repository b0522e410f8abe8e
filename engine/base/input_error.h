// Trouble with what the user gave us (config, data, arguments): collected, then thrown as one.
#pragma once

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/source_range.h"

namespace amnok {

enum class Severity { warning, error };

// One problem, in one sentence shape: *name* is *value*, but must be *constraint*.
struct InputProblem {
  Severity severity = Severity::error;
  SourceRange where;
  std::string message;
  std::string hint;  // may be empty
};

// `file:line:column: error: message`, then the line with a caret below it, then `hint: ...`.
std::string format_problem(const InputProblem& problem);
// Of problems that differ in figures and quoted texts only (a row each of one file), the first five
// are shown and the others counted.
std::string format_problems(const std::vector<InputProblem>& problems);

// Every problem of one input at once, each once. what() is the formatted text.
class InputError : public std::runtime_error {
 public:
  explicit InputError(std::vector<InputProblem> problems);
  explicit InputError(const std::string& message, const std::string& hint = "");
  const std::vector<InputProblem>& problems() const { return problems_; }

 private:
  std::vector<InputProblem> problems_;
};

// Collects problems while reading goes on; the reader throws once at the end.
class ProblemList {
 public:
  void error(SourceRange where, std::string message, std::string hint = "");
  void warning(SourceRange where, std::string message, std::string hint = "");
  void append(const std::vector<InputProblem>& problems);

  bool has_errors() const;
  const std::vector<InputProblem>& all() const { return problems_; }
  std::vector<InputProblem> warnings() const;  // each once
  void throw_if_errors() const;

 private:
  std::vector<InputProblem> problems_;
};

}  // namespace amnok
