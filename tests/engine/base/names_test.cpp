#include "engine/base/names.h"

#include <catch2/catch.hpp>

namespace amnok {

TEST_CASE("names: a swap of neighbours is one edit") {
  CHECK(edit_distance("ordre", "order") == 1);
  CHECK(edit_distance("same", "SAME") == 0);
  CHECK(edit_distance("", "abc") == 3);
}

TEST_CASE("names: the nearest known names come first") {
  const std::vector<std::string> known = {"regressors", "order", "seasonal_order", "target"};
  CHECK(nearest_names("regresors", known) == std::vector<std::string>{"regressors"});
  CHECK(name_hint("ordr", known) == "did you mean `order`?");
  CHECK(name_hint("zzzzzz", known) == "known: regressors, order, seasonal_order, target");
  CHECK(name_hint("x", {}).empty());
}

}  // namespace amnok
