#include "engine/base/check.h"

#include <string_view>

namespace amnok {

void fail_check(const char* file, int line, const char* expression, const std::string& values) {
  // The path from engine/ or models/ on: messages must not depend on where the tree was built.
  std::string_view path = file;
  for (std::string_view top : {"engine/", "models/"}) {
    if (const auto at = path.rfind(top); at != std::string_view::npos) path.remove_prefix(at);
  }
  throw ContractError(
      fmt::format("{}:{}: internal error: `{}` does not hold: {}", path, line, expression, values));
}

}  // namespace amnok
