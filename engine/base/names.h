// Help with misspelt names: the nearest known ones, for hints.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace amnok {

// Edits (insert, delete, replace, swap of neighbours) that turn a into b, ignoring case.
int edit_distance(std::string_view a, std::string_view b);

// Up to three known names within a third of the length of `name`, nearest first.
std::vector<std::string> nearest_names(std::string_view name, std::span<const std::string> known);

// "did you mean `order`?" or, when nothing is near, "known: a, b, c"; empty without known names.
std::string name_hint(std::string_view name, std::span<const std::string> known);

}  // namespace amnok
