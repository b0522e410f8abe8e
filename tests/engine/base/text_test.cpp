#include "engine/base/text.h"

#include <catch2/catch.hpp>
#include <cmath>

#include "engine/base/input_error.h"

namespace amnok {

TEST_CASE("text: numbers are read whole or not at all") {
  CHECK(parse_double("1.5") == 1.5);
  CHECK(parse_double("+2e3") == 2000);
  CHECK_FALSE(parse_double("1,5"));
  CHECK_FALSE(parse_double("1.5 USD"));
  CHECK_FALSE(parse_double(""));
  CHECK(parse_integer("-12") == -12);
  CHECK_FALSE(parse_integer("12.0"));
}

TEST_CASE("text: a printed number reads back as the same double") {
  for (double v : {0.1, 1.0 / 3, 6.02214076e23, -1e-300, 123456789.123456}) {
    CHECK(*parse_double(format_number(v)) == v);
  }
  CHECK(format_number(-0.0) == "0");
  CHECK(format_number(NAN).empty());
}

TEST_CASE("text: significant digits for people") {
  CHECK(format_significant(1234.5678, 3) == "1235");
  CHECK(format_significant(0.0123456, 3) == "0.0123");
  CHECK(format_significant(-2.5, 3) == "-2.50");
  CHECK(format_significant(0, 3) == "0");
}

TEST_CASE("text: Hangul takes two columns, accents none of their own") {
  CHECK(display_width("imports") == 7);
  CHECK(display_width("\uC555\uB85D") == 4);
  CHECK(display_width("caf\u00E9") == 4);
}

TEST_CASE("text: a missing file is named") {
  CHECK_THROWS_WITH(read_file("/nonexistent/x.csv"), Catch::Contains("/nonexistent/x.csv"));
  CHECK_THROWS_WITH(read_file("/tmp"), Catch::Contains("is a folder"));
}

}  // namespace amnok
