// Synthetic controls.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/synthetic_control.h"

namespace amnok {

namespace {

// Years in a text, in order: "region 17 (Basque Country), from 1970/1975" has 1970 and 1975.
std::vector<int> years_in(const std::string& text) {
  std::vector<int> years;
  std::string digits;
  for (const char ch : text + " ") {
    if (std::isdigit(static_cast<unsigned char>(ch))) {
      digits += ch;
      continue;
    }
    if (digits.size() == 4) years.push_back(static_cast<int>(*parse_integer(digits)));
    digits.clear();
  }
  return years;
}

// The column of a donor: its name, or `region_<name>` and the like.
std::string donor_column(const DataTable& table, const std::string& donor) {
  if (table.has(donor)) return donor;
  for (const std::string& name : table.value_columns()) {
    if (name.size() > donor.size() + 1 && name.ends_with("_" + donor)) return name;
  }
  throw InputError(fmt::format("donor {} is not a column of the data", donor));
}

// The treated unit is the column that is no donor.
std::string treated_column(const DataTable& table, const std::vector<std::string>& donor_columns) {
  for (const std::string& name : table.value_columns()) {
    const bool donor =
        std::find(donor_columns.begin(), donor_columns.end(), name) != donor_columns.end();
    if (!donor && name != "predictor") return name;
  }
  throw InputError("the data have no column of a treated unit");
}

struct Panel {
  SyntheticControlData data;
  std::vector<int> years;
};

Panel panel_of(const ReferenceCase& c) {
  const DataTable& outcomes = c.data.at(0);
  Panel panel;
  SyntheticControlData& data = panel.data;
  data.donors = c.texts("donors");
  std::vector<std::string> columns;
  for (const std::string& donor : data.donors) columns.push_back(donor_column(outcomes, donor));
  const std::string treated = treated_column(outcomes, columns);
  const auto matrix = [&](const DataTable& table) {
    MatrixXd values(table.rows(), static_cast<Eigen::Index>(columns.size()));
    for (std::size_t j = 0; j < columns.size(); ++j) {
      values.col(static_cast<Eigen::Index>(j)) = table.column(columns[j]);
    }
    return values;
  };
  data.outcome = outcomes.column(treated);
  data.donor_outcomes = matrix(outcomes);
  if (c.data.size() > 1) {
    data.predictors = c.data[1].column(treated);
    data.donor_predictors = matrix(c.data[1]);
  } else {
    data.donor_predictors.resize(0, data.donor_outcomes.cols());
  }
  if (outcomes.has("date")) {
    for (const std::string& date : outcomes.texts("date")) {
      panel.years.push_back(static_cast<int>(*parse_integer(date.substr(0, 4))));
    }
  } else {
    for (double t : outcomes.column("t")) panel.years.push_back(static_cast<int>(t));
  }
  const std::vector<int> fitting = years_in(c.text("optimise_over"));
  const std::vector<int> event = years_in(c.text("treated"));
  for (std::size_t t = 0; t < panel.years.size(); ++t) {
    const int year = panel.years[t];
    if (fitting.size() == 2 && year >= fitting[0] && year <= fitting[1]) {
      data.fitting.push_back(static_cast<int>(t));
    }
    if (!event.empty() && year < event.back()) data.treated_from = static_cast<int>(t) + 1;
  }
  if (data.fitting.empty()) {
    for (int t = 0; t < data.treated_from; ++t) data.fitting.push_back(t);
  }
  return panel;
}

// "Utah" or "west virginia" as w_utah, w_west_virginia.
std::string key_of(std::string name) {
  for (char& ch : name) {
    ch = ch == ' ' ? '_' : static_cast<char>(std::tolower(static_cast<unsigned char>(ch)));
  }
  return name;
}

// The gaps that a case asks for by their years: gap_1989_2000.
void report_gaps(const ReferenceCase& c, const Panel& panel, const std::string& prefix,
                 const VectorXd& gaps, Quantities& q) {
  q[prefix] = gaps;
  for (const Expectation& e : c.expected) {
    const std::vector<int> years = years_in(e.name);
    if (years.size() != 2 || e.name != fmt::format("{}_{}_{}", prefix, years[0], years[1]))
      continue;
    std::vector<double> asked;
    for (std::size_t t = 0; t < panel.years.size(); ++t) {
      if (panel.years[t] >= years[0] && panel.years[t] <= years[1]) {
        asked.push_back(gaps(static_cast<Eigen::Index>(t)));
      }
    }
    q[e.name] = asked;
  }
}

// Spanish regions as the basque panel numbers them.
const std::map<std::string, std::string> kRegionNames = {{"10", "catalunya"}, {"14", "madrid"}};

}  // namespace

Quantities run_synthetic_control(const ReferenceCase& c) {
  const Panel panel = panel_of(c);
  const SyntheticControlData& data = panel.data;
  const std::vector<double> given = c.numbers("given_V");
  std::optional<VectorXd> v;
  if (!given.empty())
    v = Eigen::Map<const VectorXd>(given.data(), static_cast<Eigen::Index>(given.size()));
  Quantities q;
  if (data.predictors.size() > 0) {
    // The search for V is not convex: with weights given, everything is compared at them.
    const SyntheticControl fit = synthetic_control(data, v);
    q["w"] = fit.weights;
    if (v) {
      q["w_given_V"] = fit.weights;
      q["mspe_given_V"] = fit.mspe;
    }
    q["mspe_pre"] = fit.mspe;
    for (std::size_t j = 0; j < data.donors.size(); ++j) {
      const double weight = fit.weights(static_cast<Eigen::Index>(j));
      q["w_" + key_of(data.donors[j])] = weight;
      const auto region = kRegionNames.find(data.donors[j]);
      if (region != kRegionNames.end()) q["w_" + region->second] = weight;
    }
    report_gaps(c, panel, "gap", fit.gaps, q);
  }
  const SyntheticControl outcomes = synthetic_control_of_outcomes(data);
  q["w_outcomes_only"] = outcomes.weights;
  q["mspe_outcomes_only"] = outcomes.mspe;
  report_gaps(c, panel, "gap_outcomes_only", outcomes.gaps, q);
  return q;
}

}  // namespace amnok
