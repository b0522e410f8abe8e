#include "engine/study/data_origin.h"

#include <map>
#include <optional>

#include "engine/data/dataset.h"

namespace amnok {

std::vector<DataOrigin> data_origins(const Study& study) {
  std::map<std::string, std::optional<Dataset>> known;  // by dataset.toml
  std::vector<DataOrigin> origins;
  for (const SeriesSource& source : study.data) {
    DataOrigin origin{source.name,
                      study.label(source.name),
                      source.unit,
                      study.shown(source.file),
                      source.column,
                      "",
                      "",
                      "",
                      ""};
    if (!source.dataset_file.empty()) {
      auto at = known.find(source.dataset_file);
      if (at == known.end()) {
        ProblemList ignored;  // told when the series were read
        at = known.emplace(source.dataset_file, find_dataset(source.file, ignored)).first;
      }
      if (const std::optional<Dataset>& dataset = at->second) {
        origin.title = dataset->title;
        origin.publisher = dataset->source;
        origin.licence = dataset->licence;
        origin.vintage = dataset->vintage;
      }
    }
    origins.push_back(std::move(origin));
  }
  return origins;
}

}  // namespace amnok
