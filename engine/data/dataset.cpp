#include "engine/data/dataset.h"

#include <cmath>
#include <filesystem>

#include "engine/base/text.h"
#include "engine/config/toml.h"

namespace amnok {

double QualityGrade::standard_deviation(double value) const {
  double result = sd + sd_pct / 100 * std::fabs(value);
  if (rounded && value != 0) {
    double unit = 1e-6;  // figures have at most six decimals
    const auto divides = [&](double u) {
      const double q = value / u;
      return std::fabs(q - std::round(q)) < 1e-9 * std::max(1.0, std::fabs(q));
    };
    while (divides(unit * 10) && unit < std::fabs(value)) unit *= 10;
    result += unit / std::sqrt(12.0);
  }
  return result;
}

Option series_kind_option() {
  return optional_option("kind", {choice_type({"flow", "stock", "price"})},
                         "flow: a quantity per period, whose sum over periods means something; "
                         "stock, price: a level");
}

const Schema& dataset_schema() {
  static const Schema schema = [] {
    Schema column{"column", "", {}};
    column.options = {
        optional_option("description", {string_type("a text")}, "what the column measures"),
        optional_option("unit", {string_type("a text")}, "unit, as printed in tables"),
        series_kind_option(),
        optional_option("quality", {string_type("a column name")}, "the column of quality grades"),
        optional_option("sums", {string_type("a file name")},
                        "file of published multi-period sums"),
        optional_option("sums_series", {string_type("a text")},
                        "the value of that file's `series` column that belongs here"),
    };
    Schema grade{"grade", "", {}};
    grade.options = {
        required_option("meaning", {string_type("a text")}, "what the grade says"),
        default_option("sd", {number_type(0)}, 0.0, "measurement standard deviation, in the unit"),
        default_option("sd_pct", {number_type(0)}, 0.0, "the same, in per cent of the figure"),
        default_option("rounded", {boolean_type()}, false,
                       "the error is the rounding of the last digit that is not zero"),
    };
    Schema all{"dataset.toml", "", {}};
    all.options = {
        required_option("title", {string_type("a text")}, "what the data are"),
        required_option("source", {string_type("a text")}, "who published them"),
        required_option("licence", {string_type("a text")}, "under which terms they are here"),
        required_option("vintage", {string_type("a text")}, "when they were taken"),
        optional_option("unit", {string_type("a text")},
                        "unit of the figures, where they share one"),
        optional_option("frequency", {string_type("a text")}, "how often they come"),
        optional_option("note", {string_type("a text")}, "what a reader must know"),
        optional_option("columns", {map_type({table_type(column)})}, "facts about columns"),
        optional_option("quality", {map_type({table_type(grade)})}, "what quality grades mean"),
    };
    return all;
  }();
  return schema;
}

std::optional<Dataset> find_dataset(const std::string& csv_file, ProblemList& problems) {
  const std::filesystem::path folder = std::filesystem::path(csv_file).parent_path();
  const std::string path = (folder / "dataset.toml").string();
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return std::nullopt;

  ProblemList found;
  const ConfigValue table = parse_toml(read_file(path), path, found);
  if (!found.has_errors()) check_schema(table, dataset_schema(), "", found);
  problems.append(found.all());
  if (found.has_errors()) return std::nullopt;

  const auto text = [](const ConfigValue& at, std::string_view key) {
    const ConfigValue* value = at.find(key);
    return value != nullptr ? value->string() : std::string();
  };
  Dataset dataset;
  dataset.folder = folder.string();
  dataset.title = text(table, "title");
  dataset.source = text(table, "source");
  dataset.licence = text(table, "licence");
  dataset.vintage = text(table, "vintage");
  dataset.note = text(table, "note");
  if (const ConfigValue* columns = table.find("columns")) {
    for (const auto& [name, where, column] : columns->members()) {
      dataset.columns[name] = {
          text(column, "description"), text(column, "unit"),
          text(column, "quality"),     text(column, "sums"),
          text(column, "sums_series"), parse_series_kind(text(column, "kind"))};
    }
  }
  if (const ConfigValue* grades = table.find("quality")) {
    for (const auto& [name, where, grade] : grades->members()) {
      const ConfigValue* sd = grade.find("sd");
      const ConfigValue* pct = grade.find("sd_pct");
      const ConfigValue* rounded = grade.find("rounded");
      dataset.grades[name] = {text(grade, "meaning"), sd != nullptr ? sd->number() : 0,
                              pct != nullptr ? pct->number() : 0,
                              rounded != nullptr && rounded->boolean()};
    }
  }
  return dataset;
}

}  // namespace amnok
