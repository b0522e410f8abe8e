// A comparison of two runs, in words and as JSON.
#pragma once

#include <string>

#include "engine/evaluation/news.h"
#include "engine/report/run_comparison.h"

namespace amnok {

// news: lines, or the problem that says why there are none.
std::string comparison_text(const RunComparison& comparison, const News& news);
std::string comparison_json(const RunComparison& comparison, const News& news);

}  // namespace amnok
