// The plugins that come with Amnok.
#pragma once

#include "engine/model/plugin.h"

namespace amnok {

// An explicit list: an object that registers itself would be dropped by the linker.
const PluginList& builtin_plugins();

}  // namespace amnok
