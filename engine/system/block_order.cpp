#include "engine/system/block_order.h"

#include <algorithm>
#include <functional>

namespace amnok {

std::vector<std::vector<int>> strongly_connected(const std::vector<std::vector<int>>& uses) {
  const std::size_t n = uses.size();
  std::vector<int> index(n, -1), low(n, 0);
  std::vector<bool> open(n, false);
  std::vector<int> stack;
  std::vector<std::vector<int>> result;
  int next = 0;
  const std::function<void(int)> visit = [&](int v) {
    const auto at = static_cast<std::size_t>(v);
    index[at] = low[at] = next++;
    stack.push_back(v);
    open[at] = true;
    for (int w : uses[at]) {
      const auto to = static_cast<std::size_t>(w);
      if (index[to] < 0) {
        visit(w);
        low[at] = std::min(low[at], low[to]);
      } else if (open[to]) {
        low[at] = std::min(low[at], index[to]);
      }
    }
    if (low[at] != index[at]) return;
    std::vector<int> component;
    int w = -1;
    do {
      w = stack.back();
      stack.pop_back();
      open[static_cast<std::size_t>(w)] = false;
      component.push_back(w);
    } while (w != v);
    std::sort(component.begin(), component.end());
    result.push_back(component);
  };
  for (std::size_t v = 0; v < n; ++v) {
    if (index[v] < 0) visit(static_cast<int>(v));
  }
  return result;
}

}  // namespace amnok
