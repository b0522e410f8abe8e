#include "engine/base/input_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace amnok {

std::string format_problem(const InputProblem& problem) {
  const SourceRange& where = problem.where;
  std::string text;
  if (!where.file.empty()) {
    text += where.file + ":";
    if (where.line > 0) text += fmt::format("{}:", where.line);
    if (where.column > 0) text += fmt::format("{}:", where.column);
    text += " ";
  }
  text += problem.severity == Severity::error ? "error: " : "warning: ";
  text += problem.message + "\n";
  if (where.line > 0 && where.column > 0 && !where.text.empty()) {
    text += fmt::format("{:5} | {}\n", where.line, where.text);
    const auto before = static_cast<std::size_t>(where.column - 1);
    std::string indent = where.text.substr(0, std::min(before, where.text.size()));
    for (char& c : indent) c = c == '\t' ? '\t' : ' ';
    const std::size_t room = where.text.size() > before ? where.text.size() - before : 1;
    const auto width = std::clamp<std::size_t>(static_cast<std::size_t>(std::max(where.length, 1)),
                                               1, std::max<std::size_t>(room, 1));
    text += fmt::format("      | {}^{}\n", indent, std::string(width - 1, '~'));
  }
  if (!problem.hint.empty()) text += "hint: " + problem.hint + "\n";
  return text;
}

std::string format_problems(const std::vector<InputProblem>& problems) {
  std::string text;
  for (const InputProblem& problem : problems) text += format_problem(problem);
  if (!text.empty()) text.pop_back();  // the caller ends the last line
  return text;
}

InputError::InputError(std::vector<InputProblem> problems)
    : std::runtime_error(format_problems(problems)), problems_(std::move(problems)) {}

InputError::InputError(const std::string& message, const std::string& hint)
    : InputError(std::vector<InputProblem>{{Severity::error, {}, message, hint}}) {}

void ProblemList::error(SourceRange where, std::string message, std::string hint) {
  problems_.push_back({Severity::error, std::move(where), std::move(message), std::move(hint)});
}

void ProblemList::warning(SourceRange where, std::string message, std::string hint) {
  problems_.push_back({Severity::warning, std::move(where), std::move(message), std::move(hint)});
}

void ProblemList::append(const std::vector<InputProblem>& problems) {
  problems_.insert(problems_.end(), problems.begin(), problems.end());
}

bool ProblemList::has_errors() const {
  return std::any_of(problems_.begin(), problems_.end(),
                     [](const InputProblem& p) { return p.severity == Severity::error; });
}

void ProblemList::throw_if_errors() const {
  if (has_errors()) throw InputError(problems_);
}

}  // namespace amnok
