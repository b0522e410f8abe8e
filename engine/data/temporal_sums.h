// Published multi-period sums (Jan+Feb, a first quarter, a half-year) as information about the
// periods that no single figure covers.
#pragma once

#include <string>
#include <vector>

#include "engine/data/series.h"

namespace amnok {

struct PublishedSum {
  Period first, last;
  double value = 0;
  double sd = 0;
  SourceRange where;
};

struct SumsResult {
  std::vector<TemporalSum> sums;
  std::vector<std::string> notes;  // sums that contradict their parts, or say nothing new
};

// Takes known periods, and sums already used whose parts all lie inside, off each published sum, in
// the order of their last periods. What is left is used when it covers a period without a figure,
// no part of it is in use already, and its error is below a quarter of its value. A sum whose parts
// are all known is only compared with them (a note when they differ by more than 2 %).
SumsResult use_published_sums(const Series& series, std::vector<PublishedSum> published);

}  // namespace amnok
