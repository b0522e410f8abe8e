#include <fmt/format.h>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "models/builtin.h"

namespace amnok {

namespace {

void print_option(const Option& option, const std::string& indent) {
  std::vector<std::string> types;
  for (const OptionType& type : option.types) types.push_back(type.describe());
  std::string line = fmt::format("{}{}: {}", indent, option.key, join(types, " or "));
  if (option.required) line += " (required)";
  if (option.default_value) line += ", default " + show(*option.default_value);
  fmt::print("{}\n{}    {}\n", line, indent, option.help);
  for (const OptionType& type : option.types) {
    if (type.kind != OptionType::Kind::array || type.items.empty()) continue;
    const OptionType& item = type.items[0];
    if (item.kind != OptionType::Kind::table) continue;
    for (const Option& inner : item.table->options) print_option(inner, indent + "      ");
  }
}

}  // namespace

int models_command(const std::string& name) {
  const PluginList& plugins = builtin_plugins();
  if (name.empty()) {
    for (const Plugin& plugin : plugins) fmt::print("{:18} {}\n", plugin.name, plugin.summary);
    fmt::print("\n`amnok models NAME` shows every option.\n");
    return 0;
  }
  const Plugin* plugin = find_plugin(plugins, name);
  if (plugin == nullptr) {
    std::vector<std::string> known;
    for (const Plugin& p : plugins) known.push_back(p.name);
    throw InputError(fmt::format("`{}` is not a model", name), name_hint(name, known));
  }
  fmt::print("{}: {}\n\n[models.NAME]\n", plugin->name, plugin->summary);
  for (const Option& option : plugin->schema.options) print_option(option, "  ");
  return 0;
}

}  // namespace amnok
