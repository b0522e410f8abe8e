#include "engine/base/version.h"

#include <fmt/format.h>

#include <Eigen/Core>
#include <boost/version.hpp>

namespace amnok {

std::string version() {
  return AMNOK_VERSION;
}

std::vector<std::pair<std::string, std::string>> library_versions() {
  return {{"eigen",
           fmt::format("{}.{}.{}", EIGEN_WORLD_VERSION, EIGEN_MAJOR_VERSION, EIGEN_MINOR_VERSION)},
          {"boost", fmt::format("{}.{}.{}", BOOST_VERSION / 100000, BOOST_VERSION / 100 % 1000,
                                BOOST_VERSION % 100)},
          {"fmt", fmt::format("{}.{}.{}", FMT_VERSION / 10000, FMT_VERSION / 100 % 100,
                              FMT_VERSION % 100)},
          // Found by CMake: their headers belong to other layers.
          {"ceres", AMNOK_CERES_VERSION},
          {"toml++", AMNOK_TOML_VERSION},
          {"cli11", AMNOK_CLI11_VERSION},
          {"nlohmann-json", AMNOK_JSON_VERSION},
          {"tbb", AMNOK_TBB_VERSION},
          {"libcsv", AMNOK_CSV_VERSION},
          {"libmd", AMNOK_LIBMD_VERSION},
          {"libxlsxwriter", AMNOK_XLSXWRITER_VERSION}};
}

}  // namespace amnok
