// The fixed texts of the report page, in one table: [labels] of a config may replace any of them.
//
// {name} in a text is a place that the page fills. What the engine composes itself (descriptions of
// changes, diagnostics in words, remarks on data) is not here: it is the same in every output.
#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace amnok {

struct PageText {
  const char* key;
  const char* english;
};
std::span<const PageText> page_texts();

// The English text unless `labels` has another.
std::string page_text(const std::map<std::string, std::string>& labels, std::string_view key);

// A text with its places filled; a place that is not given stays as it is.
std::string filled(std::string_view text,
                   const std::vector<std::pair<std::string_view, std::string>>& places);

}  // namespace amnok
