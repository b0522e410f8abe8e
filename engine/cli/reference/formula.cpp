#include "engine/cli/reference/formula.h"

#include <fmt/format.h>

#include <cmath>
#include <set>

#include "engine/base/text.h"
#include "engine/data/evaluate.h"

namespace amnok {

namespace {

Frame numeric_frame(const DataTable& data) {
  Frame frame(PeriodRange{{Frequency::undated, 1}, data.rows()});
  for (const std::string& name : data.value_columns()) {
    frame.add({name, "", frame.range().first, data.column(name), {}, {}, "", {}});
  }
  return frame;
}

bool is_factor(const DataTable& data, const std::string& name) {
  if (!data.has(name)) return false;
  for (const std::string& cell : data.texts(name)) {
    if (!cell.empty() && !parse_double(cell)) return true;
  }
  return false;
}

VectorXd evaluate_term(const std::string& term, const DataTable& data) {
  if (data.has(term)) return data.column(term);
  std::string text = term;
  if (starts_with(text, "I(") && text.back() == ')') text = text.substr(2, text.size() - 3);
  const Frame frame = numeric_frame(data);
  return evaluate_on(parse_expression(text), frame, frame.range());
}

}  // namespace

RegressionData build_regression(const std::string& formula, const DataTable& data) {
  const auto tilde = formula.find('~');
  if (tilde == std::string::npos) throw InputError("no ~ in the formula " + formula);
  RegressionData result;
  result.response = std::string(trim(std::string_view(formula).substr(0, tilde)));
  result.y = evaluate_term(result.response, data);
  result.x.resize(result.y.size(), 0);
  const auto add = [&](const std::string& name, const VectorXd& values) {
    result.names.push_back(name);
    result.x.conservativeResize(Eigen::NoChange, result.x.cols() + 1);
    result.x.rightCols(1) = values;
  };
  // Split at + and - outside parentheses.
  std::vector<std::pair<bool, std::string>> terms;
  std::string current;
  bool minus = false;
  int depth = 0;
  for (char c : formula.substr(tilde + 1) + "+") {
    if (depth == 0 && (c == '+' || c == '-')) {
      if (!trim(current).empty()) terms.emplace_back(minus, std::string(trim(current)));
      current.clear();
      minus = c == '-';
      continue;
    }
    depth += c == '(' ? 1 : c == ')' ? -1 : 0;
    current += c;
  }
  bool constant = true;
  for (const auto& [negative, term] : terms) {
    if ((negative && term == "1") || (!negative && term == "0")) constant = false;
  }
  if (constant) add("const", VectorXd::Ones(result.y.size()));
  for (const auto& [negative, term] : terms) {
    if (term == "1" || term == "0") continue;
    if (is_factor(data, term)) {
      const std::vector<std::string> cells = data.texts(term);
      const std::set<std::string> levels(cells.begin(), cells.end());
      for (auto level = std::next(levels.begin()); level != levels.end(); ++level) {
        VectorXd dummy(result.y.size());
        for (Eigen::Index t = 0; t < dummy.size(); ++t) {
          dummy(t) = cells[static_cast<std::size_t>(t)] == *level ? 1 : 0;
        }
        add(term + *level, dummy);
      }
    } else {
      add(term, evaluate_term(term, data));
    }
  }
  return result;
}

std::vector<int> complete_rows(const RegressionData& data) {
  std::vector<int> rows;
  for (Eigen::Index t = 0; t < data.y.size(); ++t) {
    if (std::isfinite(data.y(t)) && data.x.row(t).allFinite()) rows.push_back(static_cast<int>(t));
  }
  return rows;
}

RegressionData complete(RegressionData data) {
  const std::vector<int> rows = complete_rows(data);
  data.y = VectorXd(data.y(rows));
  data.x = MatrixXd(data.x(rows, Eigen::all));
  return data;
}

}  // namespace amnok
