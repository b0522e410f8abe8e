#include <catch2/catch.hpp>

#include "engine/cli/reference/tasks.h"

namespace amnok {

namespace {

ReferenceCase regression_of(const std::string& csv) {
  ProblemList problems;
  ReferenceCase c;
  c.data.push_back({parse_csv(csv, "data.csv", problems)});
  REQUIRE_FALSE(problems.has_errors());
  ConfigValue spec = ConfigValue::table();
  spec.add(ConfigValue::Member{"formula", {}, ConfigValue(std::string("y ~ x"))});
  c.spec = spec;
  return c;
}

}  // namespace

TEST_CASE("reference runner: a regression leaves out rows with an empty field") {
  const std::string rows = "1,2.0,1\n2,3.1,2\n3,3.9,3\n4,5.2,4\n5,5.8,6\n6,7.4,7\n7,8.1,8\n";
  const Quantities complete = run_ols_elasticity(regression_of("t,y,x\n" + rows));
  const Quantities gaps = run_ols_elasticity(regression_of("t,y,x\n" + rows + "8,,9\n9,9.7,\n"));
  REQUIRE(gaps.size() == complete.size());
  CHECK(gaps.at("n").numbers == std::vector<double>{7});
  for (const char* name : {"coef.x", "se.HC3.x", "se.NW_auto_pw1.x", "bg_1_chisq", "loglik"}) {
    CHECK(gaps.at(name).numbers == complete.at(name).numbers);
  }
}

}  // namespace amnok
