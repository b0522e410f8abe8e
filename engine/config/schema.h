// Option tables. One description of what a table may hold drives checking (with every problem at
// once), the defaults that readers get, the help of `amnok models`, and the JSON Schema.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/input_error.h"
#include "engine/config/value.h"

namespace amnok {

struct Schema;

// One admissible form of a value. An option may have several: `order = "auto"` or `[1, 1, 1]`.
struct OptionType {
  enum class Kind { boolean, integer, number, string, choice, array, table, map, tagged };
  Kind kind = Kind::string;
  std::optional<double> min, max;         // of an integer or number
  std::vector<std::string> choices;       // of a choice
  std::optional<int> min_size, max_size;  // of an array
  std::string what;                       // of a string: what it says, "a period such as 2022-04"
  // A further test of a string or number; returns what it must be when it fails, else "".
  std::function<std::string(const ConfigValue&)> test;
  std::vector<OptionType> items;        // forms of each element of an array or value of a map
  std::shared_ptr<const Schema> table;  // of a table
  std::string tag;                      // of a tagged table: the key whose value names the variant
  std::vector<std::shared_ptr<const Schema>> variants;  // of a tagged table, by Schema::name

  std::string describe() const;  // "an integer in [0, 8]"
};

struct Option {
  std::string key;
  std::vector<OptionType> types;
  std::string help;
  std::optional<ConfigValue> default_value;
  bool required = false;
};

struct Schema {
  std::string name;  // of a variant: its tag's value; else where it stands, for messages
  std::string help;
  std::vector<Option> options;

  const Option* find(std::string_view key) const;
};

// The forms, as tables of options write them.
OptionType boolean_type();
OptionType integer_type(std::optional<double> min = {}, std::optional<double> max = {});
OptionType number_type(std::optional<double> min = {}, std::optional<double> max = {});
OptionType string_type(std::string what);
OptionType tested_string(std::string what, std::function<std::string(const std::string&)> test);
OptionType choice_type(std::vector<std::string> choices);
OptionType array_type(OptionType item, std::optional<int> min_size = {},
                      std::optional<int> max_size = {});
OptionType table_type(Schema schema);
OptionType map_type(std::vector<OptionType> value_types);  // any key
// A table whose key `tag` names the variant (`plugin = "arima"`). With an empty tag, the variant is
// the one whose first option's key is present (`{ end_event = ... }`).
OptionType tagged_type(std::string tag, std::vector<Schema> variants);

Option required_option(std::string key, std::vector<OptionType> types, std::string help);
Option optional_option(std::string key, std::vector<OptionType> types, std::string help);
template <class Value>
Option default_option(std::string key, std::vector<OptionType> types, Value value,
                      std::string help) {
  Option option = optional_option(std::move(key), std::move(types), std::move(help));
  option.default_value = ConfigValue(std::move(value));
  return option;
}

// Adds every problem of `value` against the schema. `path` is the dotted name of the table.
void check_schema(const ConfigValue& value, const Schema& schema, const std::string& path,
                  ProblemList& problems);

// What of a table with problems can still be read, so that one mistake does not hide the others:
// unknown keys and values of a wrong form are left out, and so are inner tables that lack a
// required key.
ConfigValue readable_part(const ConfigValue& value, const Schema& schema);

// A checked table with its defaults.
class Options {
 public:
  Options(const ConfigValue& table, const Schema& schema);

  bool has(std::string_view key) const;                 // written, or with a default
  const ConfigValue* find(std::string_view key) const;  // the written value or the default
  const ConfigValue& get(std::string_view key) const;   // must be there
  SourceRange where(std::string_view key) const;        // of the value, else of the table

  bool boolean(std::string_view key) const { return get(key).boolean(); }
  int integer(std::string_view key) const { return static_cast<int>(get(key).integer()); }
  double number(std::string_view key) const { return get(key).number(); }
  const std::string& string(std::string_view key) const { return get(key).string(); }
  std::vector<std::string> strings(std::string_view key) const;  // missing: empty
  std::vector<double> numbers(std::string_view key) const;
  std::vector<int> integers(std::string_view key) const;

  const ConfigValue& table() const { return table_; }

 private:
  ConfigValue table_;
  const Schema* schema_;
};

}  // namespace amnok
