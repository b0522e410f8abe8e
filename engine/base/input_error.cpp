#include "engine/base/input_error.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "engine/base/text.h"

namespace amnok {

namespace {

constexpr int kShown = 5;  // problems of one kind

// The message without figures and quoted texts.
std::string shape_of(const InputProblem& problem) {
  std::string shape = problem.where.file + "|";
  char quote = 0;
  for (char c : problem.message) {
    if (quote != 0) {
      if (c == quote) quote = 0;
    } else if (c == '`' || c == '"') {
      quote = c;
    } else if ((c < '0' || c > '9') && c != '.' && c != '-') {
      shape += c;
    }
  }
  return shape;
}

// Control characters (a binary file) as \xNN, so that nothing cuts a message short.
std::string printable(const std::string& text) {
  std::string result;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 || c == '\t' || c == '\n') {
      result += c;
    } else {
      result += fmt::format("\\x{:02X}", byte);
    }
  }
  return result;
}

// The part of a long line around the place, its ends marked.
SourceRange excerpt(SourceRange where) {
  constexpr std::size_t kLongest = 150, kBefore = 40;
  const std::string line = where.text;
  if (line.size() <= kLongest) return where;
  const auto inside_character = [&](std::size_t i) {
    return i < line.size() && (static_cast<unsigned char>(line[i]) & 0xC0) == 0x80;
  };
  const auto place = static_cast<std::size_t>(where.column - 1);
  std::size_t from = place > kBefore + kBefore / 2 ? std::min(place, line.size()) - kBefore : 0;
  while (inside_character(from)) ++from;
  std::size_t to = std::min(from + kLongest, line.size());
  while (inside_character(to)) ++to;
  const std::string before = from > 0 ? "..." : "", after = to < line.size() ? "..." : "";
  where.text = before + line.substr(from, to - from) + after;
  where.column = static_cast<int>(place - from + before.size()) + 1;
  const auto left = static_cast<int>(to) - static_cast<int>(place);
  where.length = std::clamp(where.length, 1, std::max(left, 1));
  return where;
}

// The line, and a caret below the place: by terminal columns, tabs kept.
std::string line_and_caret(const SourceRange& whole) {
  const SourceRange where = excerpt(whole);
  std::string line = where.text;
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 && c != '\t') c = '?';
  }
  const std::size_t before = std::min(static_cast<std::size_t>(where.column - 1), line.size());
  std::string indent;
  for (std::size_t i = 0; i < before;) {
    std::size_t end = std::min(line.find('\t', i), before);
    indent += std::string(static_cast<std::size_t>(display_width(line.substr(i, end - i))), ' ');
    if (end < before) indent += '\t', ++end;
    i = end;
  }
  const auto length = static_cast<std::size_t>(std::max(where.length, 1));
  const int width = std::max(display_width(line.substr(before, length)), 1);
  return fmt::format("{:5} | {}\n      | {}^{}\n", where.line, line, indent,
                     std::string(static_cast<std::size_t>(width - 1), '~'));
}

// An inherited change is a problem of every scenario that inherits it; it is said once.
std::vector<InputProblem> without_repeats(const std::vector<InputProblem>& problems) {
  std::vector<InputProblem> result;
  std::set<std::tuple<std::string, int, int, std::string>> seen;
  for (const InputProblem& p : problems) {
    if (seen.emplace(p.where.file, p.where.line, p.where.column, p.message).second) {
      result.push_back(p);
    }
  }
  return result;
}

}  // namespace

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
  text += printable(problem.message) + "\n";
  if (where.line > 0 && where.column > 0 && !where.text.empty()) text += line_and_caret(where);
  if (!problem.hint.empty()) text += "hint: " + problem.hint + "\n";
  return text;
}

std::string format_problems(const std::vector<InputProblem>& problems) {
  std::map<std::string, int> count, shown;
  for (const InputProblem& problem : problems) ++count[shape_of(problem)];
  std::string text;
  for (const InputProblem& problem : problems) {
    const std::string shape = shape_of(problem);
    if (++shown[shape] <= kShown) text += format_problem(problem);
    // The last of a kind is the place to say how many there are.
    if (count[shape] > kShown && shown[shape] == count[shape]) {
      const std::string& file = problem.where.file;
      text += fmt::format("{}{}and {} more like this\n", file, file.empty() ? "" : ": ",
                          count[shape] - kShown);
    }
  }
  if (!text.empty()) text.pop_back();  // the caller ends the last line
  return text;
}

InputError::InputError(std::vector<InputProblem> problems)
    : std::runtime_error(format_problems(without_repeats(problems))),
      problems_(without_repeats(problems)) {}

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

std::vector<InputProblem> ProblemList::warnings() const {
  std::vector<InputProblem> result;
  for (const InputProblem& problem : without_repeats(problems_)) {
    if (problem.severity == Severity::warning) result.push_back(problem);
  }
  return result;
}

bool ProblemList::has_errors() const {
  return std::any_of(problems_.begin(), problems_.end(),
                     [](const InputProblem& p) { return p.severity == Severity::error; });
}

void ProblemList::throw_if_errors() const {
  if (has_errors()) throw InputError(problems_);
}

}  // namespace amnok
