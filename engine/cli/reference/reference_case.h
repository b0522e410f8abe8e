// One case of the `reference-case/1` format: data, an exact specification, expected quantities.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/config/value.h"
#include "engine/data/csv.h"

namespace amnok {

// What a case expects, or what we computed: numbers (one or many), a text, or true/false.
struct Quantity {
  enum class Kind { numbers, text, flag };
  Kind kind = Kind::numbers;
  std::vector<double> numbers;
  std::string text;
  bool flag = false;
  std::string alternative;  // why another value is as right as the expected one; empty: it is not

  Quantity() = default;
  Quantity(double value) : numbers{value} {}
  Quantity(int value) : numbers{static_cast<double>(value)} {}
  Quantity(bool value) : kind(Kind::flag), flag(value) {}
  Quantity(std::string value) : kind(Kind::text), text(std::move(value)) {}
  Quantity(const char* value) : Quantity(std::string(value)) {}
  Quantity(std::vector<double> values) : numbers(std::move(values)) {}
  Quantity(const std::vector<int>& values) : numbers(values.begin(), values.end()) {}
  Quantity(const VectorXd& values) : numbers(values.begin(), values.end()) {}
};

struct Expectation {
  std::string name;
  Quantity value;
  double rtol = 0, atol = 0;
  std::string kind;  // "", "max" (larger also passes) or "min"
};

// A table of a case's data with its numeric columns.
struct DataTable {
  CsvTable csv;

  bool has(std::string_view name) const { return csv.column(name) >= 0; }
  VectorXd column(std::string_view name) const;  // NaN where empty
  std::vector<std::string> texts(std::string_view name) const;
  std::vector<std::string> value_columns() const;  // all but date, t and step
  int rows() const { return static_cast<int>(csv.rows()); }
};

struct ReferenceCase {
  std::string id, area, task, title;
  std::vector<DataTable> data;  // in the order of data.files
  std::string column;           // the dependent series, where the case names one
  ConfigValue spec;
  std::vector<Expectation> expected;

  // Access to the spec; a missing or null key gives the fallback.
  double number(std::string_view key, double fallback) const;
  int integer(std::string_view key, int fallback) const;
  bool flag(std::string_view key, bool fallback) const;
  std::string text(std::string_view key) const;
  std::vector<double> numbers(std::string_view key) const;
  std::vector<std::string> texts(std::string_view key) const;  // a lone text counts as one
};

// Throws InputError when a file is missing or not in the format.
ReferenceCase load_reference_case(const std::string& folder, const std::string& file);

}  // namespace amnok
