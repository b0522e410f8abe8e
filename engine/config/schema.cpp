#include "engine/config/schema.h"

#include <fmt/format.h>

#include <cmath>

#include "engine/base/check.h"
#include "engine/base/names.h"
#include "engine/base/text.h"

namespace amnok {

namespace {

std::string range_text(const OptionType& type) {
  if (type.min && type.max) {
    return fmt::format(" in [{}, {}]", format_number(*type.min), format_number(*type.max));
  }
  if (type.min) return fmt::format(" >= {}", format_number(*type.min));
  if (type.max) return fmt::format(" <= {}", format_number(*type.max));
  return "";
}

std::string describe_all(const std::vector<OptionType>& types) {
  std::vector<std::string> parts;
  for (const OptionType& type : types) parts.push_back(type.describe());
  return join(parts, " or ");
}

bool kind_fits(const ConfigValue& value, const OptionType& type) {
  using Kind = ConfigValue::Kind;
  switch (type.kind) {
    case OptionType::Kind::boolean:
      return value.is(Kind::boolean);
    case OptionType::Kind::integer:
      return value.is(Kind::integer);
    case OptionType::Kind::number:
      return value.is_number();
    case OptionType::Kind::string:
    case OptionType::Kind::choice:
      return value.is(Kind::string);
    case OptionType::Kind::array:
      return value.is(Kind::array);
    case OptionType::Kind::table:
    case OptionType::Kind::map:
    case OptionType::Kind::tagged:
      return value.is(Kind::table);
  }
  return false;
}

// What a value must be, when it is not; "" when it is. Does not look into arrays and tables.
std::string simple_fault(const ConfigValue& value, const OptionType& type) {
  if (value.is_number()) {
    const double number = value.number();
    const bool fits = std::isfinite(number) && (!type.min || number >= *type.min) &&
                      (!type.max || number <= *type.max);
    if (!fits) return type.describe();
  }
  if (type.kind == OptionType::Kind::choice) {
    for (const std::string& choice : type.choices) {
      if (choice == value.string()) return "";
    }
    return type.describe();
  }
  if (value.is(ConfigValue::Kind::array)) {
    const auto size = static_cast<int>(value.items().size());
    if ((type.min_size && size < *type.min_size) || (type.max_size && size > *type.max_size)) {
      return type.describe();
    }
  }
  return type.test ? type.test(value) : "";
}

// With several forms, the first whose kind fits is meant; a choice gives way to a later string.
const OptionType* meant_type(const ConfigValue& value, const std::vector<OptionType>& types) {
  const OptionType* meant = nullptr;
  for (const OptionType& type : types) {
    if (!kind_fits(value, type)) continue;
    meant = &type;
    if (simple_fault(value, type).empty()) break;
  }
  return meant;
}

// The variant of a tagged table that a value says it is; null: none.
const Schema* variant_of(const ConfigValue& value, const OptionType& type) {
  for (const auto& variant : type.variants) {
    if (type.tag.empty()) {
      if (value.find(variant->options.front().key) != nullptr) return variant.get();
      continue;
    }
    const ConfigValue* tag = value.find(type.tag);
    const bool named = tag != nullptr && tag->is(ConfigValue::Kind::string);
    if (named && tag->string() == variant->name) return variant.get();
  }
  return nullptr;
}

class Checker {
 public:
  explicit Checker(ProblemList& problems) : problems_(problems) {}

  void check_table(const ConfigValue& value, const Schema& schema, const std::string& path) {
    std::vector<std::string> known;
    for (const Option& option : schema.options) known.push_back(option.key);
    for (const auto& member : value.members()) {
      const Option* option = schema.find(member.key);
      if (option == nullptr) {
        problems_.error(member.key_where, fmt::format("unknown key `{}`", full(path, member.key)),
                        name_hint(member.key, known));
        continue;
      }
      check_value(member.value, option->types, full(path, member.key));
    }
    for (const Option& option : schema.options) {
      if (option.required && value.find(option.key) == nullptr) {
        problems_.error(value.where, fmt::format("`{}` is missing, but must be given: {}",
                                                 full(path, option.key), option.help));
      }
    }
  }

 private:
  static std::string full(const std::string& path, const std::string& key) {
    return path.empty() ? key : path + "." + key;
  }

  void must_be(const ConfigValue& value, const std::string& path, const std::string& constraint,
               const std::string& hint = "") {
    problems_.error(value.where,
                    fmt::format("{} is {}, but must be {}", path, show(value), constraint), hint);
  }

  void check_value(const ConfigValue& value, const std::vector<OptionType>& types,
                   const std::string& path) {
    const OptionType* meant = meant_type(value, types);
    if (meant == nullptr) return must_be(value, path, describe_all(types));
    if (const std::string fault = simple_fault(value, *meant); !fault.empty()) {
      const bool choice = meant->kind == OptionType::Kind::choice;
      return must_be(value, path, types.size() > 1 ? describe_all(types) : fault,
                     choice ? name_hint(value.string(), meant->choices) : "");
    }
    check_inside(value, *meant, path);
  }

  void check_inside(const ConfigValue& value, const OptionType& type, const std::string& path) {
    switch (type.kind) {
      case OptionType::Kind::array:
        for (std::size_t i = 0; i < value.items().size(); ++i) {
          check_value(value.items()[i], type.items, fmt::format("{}[{}]", path, i + 1));
        }
        break;
      case OptionType::Kind::map:
        for (const auto& member : value.members()) {
          check_value(member.value, type.items, full(path, member.key));
        }
        break;
      case OptionType::Kind::table:
        check_table(value, *type.table, path);
        break;
      case OptionType::Kind::tagged:
        check_tagged(value, type, path);
        break;
      default:
        break;
    }
  }

  void check_tagged(const ConfigValue& value, const OptionType& type, const std::string& path) {
    if (const Schema* variant = variant_of(value, type)) return check_table(value, *variant, path);
    std::vector<std::string> names;
    for (const auto& variant : type.variants) names.push_back(variant->name);
    if (type.tag.empty()) {
      std::string hint = "known: " + join(names, ", ");
      if (!value.members().empty()) hint = name_hint(value.members().front().key, names);
      problems_.error(
          value.where,
          fmt::format("{} is {}, but must say one of: {}", path, show(value), join(names, ", ")),
          hint);
      return;
    }
    const ConfigValue* tag = value.find(type.tag);
    if (tag == nullptr) {
      problems_.error(value.where, fmt::format("`{}` is missing, but must be one of: {}",
                                               full(path, type.tag), join(names, ", ")));
      return;
    }
    must_be(*tag, full(path, type.tag), "one of: " + join(names, ", "),
            tag->is(ConfigValue::Kind::string) ? name_hint(tag->string(), names) : "");
  }

  ProblemList& problems_;
};

std::optional<ConfigValue> readable_value(const ConfigValue& value,
                                          const std::vector<OptionType>& types);

std::optional<ConfigValue> readable_table(const ConfigValue& value, const Schema& schema) {
  ConfigValue part = readable_part(value, schema);
  for (const Option& option : schema.options) {
    if (option.required && part.find(option.key) == nullptr) return std::nullopt;
  }
  return part;
}

std::optional<ConfigValue> readable_array(const ConfigValue& value, const OptionType& type) {
  ConfigValue part = ConfigValue::array();
  part.where = value.where;
  for (const ConfigValue& item : value.items()) {
    if (auto kept = readable_value(item, type.items)) part.add(std::move(*kept));
  }
  // Of a list of numbers or texts nothing can be left out.
  const bool tables = !value.items().empty() && value.items()[0].is(ConfigValue::Kind::table);
  if (!tables && part.items().size() < value.items().size()) return std::nullopt;
  return part;
}

std::optional<ConfigValue> readable_value(const ConfigValue& value,
                                          const std::vector<OptionType>& types) {
  const OptionType* meant = meant_type(value, types);
  if (meant == nullptr || !simple_fault(value, *meant).empty()) return std::nullopt;
  switch (meant->kind) {
    case OptionType::Kind::array:
      return readable_array(value, *meant);
    case OptionType::Kind::table:
      return readable_table(value, *meant->table);
    case OptionType::Kind::tagged: {
      const Schema* variant = variant_of(value, *meant);
      return variant != nullptr ? readable_table(value, *variant) : std::nullopt;
    }
    case OptionType::Kind::map: {
      ConfigValue part = ConfigValue::table();
      part.where = value.where;
      for (const auto& member : value.members()) {
        if (auto kept = readable_value(member.value, meant->items)) {
          part.add({member.key, member.key_where, std::move(*kept)});
        }
      }
      return part;
    }
    default:
      return value;
  }
}

OptionType simple(OptionType::Kind kind) {
  OptionType type;
  type.kind = kind;
  return type;
}

}  // namespace

std::string OptionType::describe() const {
  switch (kind) {
    case Kind::boolean:
      return "true or false";
    case Kind::integer:
      return "an integer" + range_text(*this);
    case Kind::number:
      return "a number" + range_text(*this);
    case Kind::string:
      return what.empty() ? "a string" : what;
    case Kind::choice: {
      std::vector<std::string> quoted;
      for (const std::string& choice : choices) quoted.push_back("\"" + choice + "\"");
      return (quoted.size() > 1 ? "one of " : "") + join(quoted, ", ");
    }
    case Kind::array: {
      std::string size;
      if (min_size && max_size && *min_size == *max_size) {
        size = fmt::format(" of {}", *min_size);
      } else if (min_size && *min_size > 0) {
        size = fmt::format(" of at least {}", *min_size);
      }
      return fmt::format("an array{}, each {}", size, describe_all(items));
    }
    case Kind::table:
    case Kind::tagged:
      return "a table";
    case Kind::map:
      return fmt::format("a table, each value {}", describe_all(items));
  }
  return "";
}

const Option* Schema::find(std::string_view key) const {
  for (const Option& option : options) {
    if (option.key == key) return &option;
  }
  return nullptr;
}

OptionType boolean_type() {
  return simple(OptionType::Kind::boolean);
}

OptionType integer_type(std::optional<double> min, std::optional<double> max) {
  OptionType type = simple(OptionType::Kind::integer);
  type.min = min;
  type.max = max;
  return type;
}

OptionType number_type(std::optional<double> min, std::optional<double> max) {
  OptionType type = simple(OptionType::Kind::number);
  type.min = min;
  type.max = max;
  return type;
}

OptionType string_type(std::string what) {
  OptionType type = simple(OptionType::Kind::string);
  type.what = std::move(what);
  return type;
}

OptionType tested_string(std::string what, std::function<std::string(const std::string&)> test) {
  OptionType type = string_type(std::move(what));
  type.test = [test = std::move(test)](const ConfigValue& value) { return test(value.string()); };
  return type;
}

OptionType choice_type(std::vector<std::string> choices) {
  OptionType type = simple(OptionType::Kind::choice);
  type.choices = std::move(choices);
  return type;
}

OptionType array_type(OptionType item, std::optional<int> min_size, std::optional<int> max_size) {
  OptionType type = simple(OptionType::Kind::array);
  type.items = {std::move(item)};
  type.min_size = min_size;
  type.max_size = max_size;
  return type;
}

OptionType table_type(Schema schema) {
  OptionType type = simple(OptionType::Kind::table);
  type.table = std::make_shared<const Schema>(std::move(schema));
  return type;
}

OptionType map_type(std::vector<OptionType> value_types) {
  OptionType type = simple(OptionType::Kind::map);
  type.items = std::move(value_types);
  return type;
}

OptionType tagged_type(std::string tag, std::vector<Schema> variants) {
  OptionType type = simple(OptionType::Kind::tagged);
  type.tag = std::move(tag);
  for (Schema& variant : variants) {
    type.variants.push_back(std::make_shared<const Schema>(std::move(variant)));
  }
  return type;
}

Option required_option(std::string key, std::vector<OptionType> types, std::string help) {
  Option option = optional_option(std::move(key), std::move(types), std::move(help));
  option.required = true;
  return option;
}

Option optional_option(std::string key, std::vector<OptionType> types, std::string help) {
  Option option;
  option.key = std::move(key);
  option.types = std::move(types);
  option.help = std::move(help);
  return option;
}

void check_schema(const ConfigValue& value, const Schema& schema, const std::string& path,
                  ProblemList& problems) {
  Checker(problems).check_table(value, schema, path);
}

ConfigValue readable_part(const ConfigValue& value, const Schema& schema) {
  ConfigValue part = ConfigValue::table();
  part.where = value.where;
  for (const auto& member : value.members()) {
    const Option* option = schema.find(member.key);
    if (option == nullptr) continue;
    if (auto kept = readable_value(member.value, option->types)) {
      part.add({member.key, member.key_where, std::move(*kept)});
    }
  }
  return part;
}

Options::Options(const ConfigValue& table, const Schema& schema)
    : table_(table), schema_(&schema) {}

bool Options::has(std::string_view key) const {
  return find(key) != nullptr;
}

const ConfigValue* Options::find(std::string_view key) const {
  if (const ConfigValue* written = table_.find(key)) return written;
  const Option* option = schema_->find(key);
  AMNOK_CHECK(option != nullptr, "`{}` is not an option of {}", key, schema_->name);
  return option->default_value ? &*option->default_value : nullptr;
}

const ConfigValue& Options::get(std::string_view key) const {
  const ConfigValue* value = find(key);
  AMNOK_CHECK(value != nullptr, "option `{}` has no value and no default", key);
  return *value;
}

SourceRange Options::where(std::string_view key) const {
  const ConfigValue* written = table_.find(key);
  return written != nullptr ? written->where : table_.where;
}

std::vector<std::string> Options::strings(std::string_view key) const {
  std::vector<std::string> result;
  if (const ConfigValue* value = find(key)) {
    for (const ConfigValue& item : value->items()) result.push_back(item.string());
  }
  return result;
}

std::vector<double> Options::numbers(std::string_view key) const {
  std::vector<double> result;
  if (const ConfigValue* value = find(key)) {
    for (const ConfigValue& item : value->items()) result.push_back(item.number());
  }
  return result;
}

std::vector<int> Options::integers(std::string_view key) const {
  std::vector<int> result;
  if (const ConfigValue* value = find(key)) {
    for (const ConfigValue& item : value->items()) {
      result.push_back(static_cast<int>(item.integer()));
    }
  }
  return result;
}

}  // namespace amnok
