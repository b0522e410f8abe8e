#include <fmt/format.h>

#include "engine/base/names.h"
#include "engine/base/text.h"
#include "engine/cli/commands.h"
#include "engine/cli/pipeline.h"
#include "models/builtin.h"

namespace amnok {

namespace {

std::string option_text(const Option& option, const std::string& indent) {
  std::vector<std::string> types;
  for (const OptionType& type : option.types) types.push_back(type.describe());
  std::string text = fmt::format("{}{}: {}", indent, option.key, join(types, " or "));
  if (option.required) text += " (required)";
  if (option.default_value) text += ", default " + show(*option.default_value);
  text += fmt::format("\n{}    {}\n", indent, option.help);
  for (const OptionType& type : option.types) {
    if (type.kind != OptionType::Kind::array || type.items.empty()) continue;
    const OptionType& item = type.items[0];
    if (item.kind != OptionType::Kind::table) continue;
    for (const Option& inner : item.table->options) text += option_text(inner, indent + "      ");
  }
  return text;
}

}  // namespace

int models_command(const std::string& name) {
  const PluginList& plugins = builtin_plugins();
  std::string text;
  if (name.empty()) {
    for (const Plugin& plugin : plugins) {
      text += fmt::format("{:18} {}\n", plugin.name, plugin.summary);
    }
    print_out(text + "\n`amnok models NAME` shows every option.\n");
    return 0;
  }
  const Plugin* plugin = find_plugin(plugins, name);
  if (plugin == nullptr) {
    std::vector<std::string> known;
    for (const Plugin& p : plugins) known.push_back(p.name);
    throw InputError(fmt::format("`{}` is not a model", name), name_hint(name, known));
  }
  text = fmt::format("{}: {}\n\n[models.NAME]\n", plugin->name, plugin->summary);
  for (const Option& option : plugin->schema.options) text += option_text(option, "  ");
  print_out(text);
  return 0;
}

}  // namespace amnok
