// Aligned text: columns count what a terminal shows, Hangul included.
#include "engine/report/text_table.h"

#include <catch2/catch.hpp>

#include "engine/base/matrix.h"
#include "engine/base/text.h"

namespace amnok {

TEST_CASE("text table: columns line up under Hangul labels") {
  TextTable table({"변수", "2022"});
  table.add({"수입", "7"});
  table.add({"exports", "123.4"});
  CHECK(table.text("") == "변수      2022\n--------------\n수입         7\nexports  123.4\n");
}

TEST_CASE("text table: text is wrapped at spaces, by terminal columns") {
  CHECK(wrapped("a bb ccc dddd", 6) == "a bb\nccc\ndddd\n");
  CHECK(wrapped("압록 강 압록", 7) == "압록 강\n압록\n");
  CHECK(wrapped("unbreakable", 4, "  ") == "  unbreakable\n");
  const std::string lines = wrapped(std::string(300, 'x') + " y z", 20);
  for (const std::string_view line : split(lines, '\n')) {
    CHECK((display_width(line) <= 20 || line.find(' ') == std::string_view::npos));
  }
}

TEST_CASE("text table: sparklines keep the last value and the order of heights") {
  CHECK(sparkline({0, 1, 2, 3, 4, 5, 6, 7}, 0, 7) == "▁▂▃▄▅▆▇█");
  CHECK(sparkline({0, kMissing, 1}, 0, 1) == "▁ █");
  CHECK(sparkline({3, 3}, 3, 3) == "▁▁");
  std::vector<double> many(100, 0.0);
  many.back() = 1;
  CHECK(sparkline(many, 0, 1, 4) == "▁▁▁█");
  CHECK(sparkline({}, 0, 1).empty());
}

}  // namespace amnok
