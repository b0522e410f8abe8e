// The order in which variables that explain each other can be solved.
#pragma once

#include <vector>

namespace amnok {

// Strongly connected components (Tarjan 1972, SIAM J. Comput. 1, 146-160) of the graph in which
// node v uses the nodes uses[v]. A component comes after all that it uses, its nodes ascending.
std::vector<std::vector<int>> strongly_connected(const std::vector<std::vector<int>>& uses);

}  // namespace amnok
