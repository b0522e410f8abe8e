// Where each series of a study comes from, as its dataset.toml says: what a reader needs to trace a
// figure to its publisher and to the day it was taken.
#pragma once

#include <string>
#include <vector>

#include "engine/study/study.h"

namespace amnok {

struct DataOrigin {
  std::string series, label, unit;
  std::string file, column;               // relative to the config
  std::string title, publisher, licence;  // of the dataset; empty: it has no dataset.toml
  std::string vintage;
};

// One a series of [data], in the order of the config.
std::vector<DataOrigin> data_origins(const Study& study);

}  // namespace amnok
