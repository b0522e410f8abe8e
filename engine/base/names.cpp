#include "engine/base/names.h"

#include <algorithm>
#include <cctype>

#include "engine/base/text.h"

namespace amnok {

int edit_distance(std::string_view a, std::string_view b) {
  const std::size_t n = a.size(), m = b.size();
  std::vector<std::vector<int>> d(n + 1, std::vector<int>(m + 1));
  for (std::size_t i = 0; i <= n; ++i) d[i][0] = static_cast<int>(i);
  for (std::size_t j = 0; j <= m; ++j) d[0][j] = static_cast<int>(j);
  const auto lower = [](char c) { return std::tolower(static_cast<unsigned char>(c)); };
  for (std::size_t i = 1; i <= n; ++i) {
    for (std::size_t j = 1; j <= m; ++j) {
      const int replace = lower(a[i - 1]) == lower(b[j - 1]) ? 0 : 1;
      d[i][j] = std::min({d[i - 1][j] + 1, d[i][j - 1] + 1, d[i - 1][j - 1] + replace});
      if (i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
          lower(a[i - 2]) == lower(b[j - 1])) {
        d[i][j] = std::min(d[i][j], d[i - 2][j - 2] + 1);
      }
    }
  }
  return d[n][m];
}

std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> known) {
  std::vector<std::pair<int, std::string>> near;
  const int limit = std::max(1, static_cast<int>(name.size()) / 3);
  for (const std::string& candidate : known) {
    const bool twice = std::any_of(near.begin(), near.end(),
                                   [&](const auto& other) { return other.second == candidate; });
    if (twice) continue;
    const int distance = edit_distance(name, candidate);
    if (distance <= limit) near.emplace_back(distance, candidate);
  }
  std::stable_sort(near.begin(), near.end(),
                   [](const auto& x, const auto& y) { return x.first < y.first; });
  std::vector<std::string> result;
  for (std::size_t i = 0; i < std::min<std::size_t>(near.size(), 3); ++i) {
    result.push_back(near[i].second);
  }
  return result;
}

std::string name_hint(std::string_view name, std::span<const std::string> known) {
  if (known.empty()) return "";
  const auto near = nearest_names(name, known);
  if (!near.empty()) return "did you mean `" + join(near, "` or `") + "`?";
  std::vector<std::string> once;
  for (const std::string& each : known) {
    if (std::find(once.begin(), once.end(), each) == once.end()) once.push_back(each);
  }
  return "known: " + join(once, ", ");
}

}  // namespace amnok
