#include "engine/report/xlsx_library.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include "engine/base/input_error.h"

namespace amnok {

namespace {

constexpr const char* kFile = "libxlsxwriter.so." LXW_SOVERSION;

}  // namespace

void* xlsx_function(const char* name) {
  static void* const library = dlopen(kFile, RTLD_NOW | RTLD_LOCAL);
  void* const function = library != nullptr ? dlsym(library, name) : nullptr;
  if (function == nullptr) {
    throw InputError(
        fmt::format("a workbook needs {}, which cannot be loaded ({}): install "
                    "libxlsxwriter, or leave xlsx out",
                    kFile, library == nullptr ? "not found" : name));
  }
  return function;
}

const XlsxLibrary& xlsx() {
  static const XlsxLibrary library;
  return library;
}

}  // namespace amnok
