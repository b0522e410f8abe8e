#include "engine/config/toml.h"

#include <fmt/format.h>

#include <algorithm>
#include <sstream>

#include "engine/base/text.h"

#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_UNRELEASED_FEATURES 0
#include <toml++/toml.h>

namespace amnok {

namespace {

class TomlReader {
 public:
  TomlReader(std::string_view text, std::string file) : file_(std::move(file)) {
    for (std::string_view line : split(text, '\n')) {
      if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
      lines_.emplace_back(line);
    }
  }

  SourceRange range(const toml::source_region& region) const {
    SourceRange where{file_, static_cast<int>(region.begin.line), 0, 1, ""};
    if (where.line >= 1 && where.line <= static_cast<int>(lines_.size())) {
      where.text = lines_[static_cast<std::size_t>(where.line - 1)];
    }
    where.column = byte_column(where.text, static_cast<int>(region.begin.column));
    if (region.end.line == region.begin.line && region.end.column > region.begin.column) {
      where.length = byte_column(where.text, static_cast<int>(region.end.column)) - where.column;
    }
    return where;
  }

  ConfigValue convert(const toml::node& node) const {
    ConfigValue value = convert_content(node);
    value.where = range(node.source());
    return value;
  }

 private:
  // toml++ counts code points; messages count bytes, as editors and compilers do.
  static int byte_column(const std::string& line, int column) {
    int points = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if ((static_cast<unsigned char>(line[i]) & 0xC0u) != 0x80u && ++points == column) {
        return static_cast<int>(i) + 1;
      }
    }
    return static_cast<int>(line.size()) + 1;
  }

  ConfigValue convert_content(const toml::node& node) const {
    if (const auto* b = node.as_boolean()) return ConfigValue(b->get());
    if (const auto* i = node.as_integer()) return ConfigValue(i->get());
    if (const auto* f = node.as_floating_point()) return ConfigValue(f->get());
    if (const auto* s = node.as_string()) return ConfigValue(s->get());
    if (const auto* array = node.as_array()) {
      ConfigValue value = ConfigValue::array();
      for (const toml::node& item : *array) value.add(convert(item));
      return value;
    }
    if (const auto* table = node.as_table()) return convert_table(*table);
    std::ostringstream text;  // the date and time kinds
    node.visit([&](const auto& content) {
      using Node = std::decay_t<decltype(content)>;
      if constexpr (toml::is_date<Node> || toml::is_time<Node> || toml::is_date_time<Node>) {
        text << content.get();
      }
    });
    return ConfigValue(text.str());
  }

  // toml++ sorts keys; the order of the file is part of what the user said.
  ConfigValue convert_table(const toml::table& table) const {
    std::vector<ConfigValue::Member> members;
    for (const auto& [key, node] : table) {
      members.push_back({std::string(key.str()), range(key.source()), convert(node)});
    }
    std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) {
      return std::pair(a.key_where.line, a.key_where.column) <
             std::pair(b.key_where.line, b.key_where.column);
    });
    ConfigValue value = ConfigValue::table();
    for (auto& member : members) value.add(std::move(member));
    return value;
  }

  std::string file_;
  std::vector<std::string> lines_;
};

}  // namespace

ConfigValue parse_toml(const std::string& text, const std::string& file, ProblemList& problems) {
  const TomlReader reader(text, file);
  const toml::parse_result result = toml::parse(std::string_view(text), std::string_view(file));
  if (!result) {
    const SourceRange where = reader.range(result.error().source());
    const auto foreign = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
    const std::string key = where.text.substr(0, where.text.find('='));
    const bool unquoted = key.find('"') == std::string::npos &&
                          std::any_of(key.begin(), key.end(), foreign) && key.find('#') != 0;
    problems.error(where, fmt::format("not valid TOML: {}", result.error().description()),
                   unquoted ? "a key without quotes has the letters a-z and A-Z, digits, - and _ "
                              "only: quote the key"
                            : "");
    return ConfigValue::table();
  }
  return reader.convert(result.table());
}

}  // namespace amnok
