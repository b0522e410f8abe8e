// A config file as a tree of values that know where they stand. Only toml.cpp knows TOML.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "engine/base/source_range.h"

namespace amnok {

class ConfigValue {
 public:
  enum class Kind { boolean, integer, number, string, array, table };
  struct Member;

  ConfigValue();  // an empty table
  explicit ConfigValue(bool value);
  explicit ConfigValue(std::int64_t value);
  explicit ConfigValue(double value);
  explicit ConfigValue(std::string value);
  // Out of line: Member is complete only after this class.
  ConfigValue(const ConfigValue& other);
  ConfigValue(ConfigValue&& other) noexcept;
  ConfigValue& operator=(const ConfigValue& other);
  ConfigValue& operator=(ConfigValue&& other) noexcept;
  ~ConfigValue();

  static ConfigValue array();
  static ConfigValue table() { return ConfigValue(); }

  Kind kind() const { return static_cast<Kind>(data_.index()); }
  bool is(Kind kind) const { return this->kind() == kind; }
  bool is_number() const { return is(Kind::integer) || is(Kind::number); }

  // Each accessor needs the matching kind; number() also takes an integer.
  bool boolean() const;
  std::int64_t integer() const;
  double number() const;
  const std::string& string() const;
  const std::vector<ConfigValue>& items() const;
  const std::vector<Member>& members() const;  // in the order of the file

  const ConfigValue* find(std::string_view key) const;  // null: not there, or not a table
  void add(Member member);
  void add(ConfigValue item);

  SourceRange where;

 private:
  using Array = std::vector<ConfigValue>;
  using Table = std::vector<Member>;
  std::variant<bool, std::int64_t, double, std::string, Array, Table> data_;
};

struct ConfigValue::Member {
  std::string key;
  SourceRange key_where;
  ConfigValue value;
};

std::string_view kind_name(ConfigValue::Kind kind);  // "a string", "an integer", ...
std::string show(const ConfigValue& value);          // as TOML, for messages

}  // namespace amnok
