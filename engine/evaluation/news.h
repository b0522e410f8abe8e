// Why a projection moved from one run to the next, by steps between them:
//
//   the earlier run
//   + revised figures     its figures as they now read, its equations as estimated then
//   + new figures         the periods since, which move the forecast origin
//   + estimates           the earlier equations, estimated anew on all of that
//   + assumptions         everything else that the later config says: the later run
//
// Each step changes one thing, so that the moves add up to the whole. The order matters where they
// interact, as in any such account (Banbura & Modugno 2014, J. Appl. Econometrics 29, 133-160, part
// the first two for linear models; here it is done by running the states between).
#pragma once

#include <string>
#include <vector>

#include "engine/study/study_data.h"

namespace amnok {

struct NewsSettings {
  int draws = 4000;
  std::uint64_t seed = 1;
  int threads = 0;
};

// Medians, of one period that both runs project.
struct NewsLine {
  std::string scenario, variable;
  Period date;
  double before = kMissing, after = kMissing;
  double revised = 0, added = 0, estimates = 0, assumptions = 0;  // add up to after - before
};
struct News {
  std::vector<NewsLine> lines;  // by scenario, variable, date
  std::string problem;          // why there are none; empty: there are
};

News projection_news(const LoadedStudy& earlier, const LoadedStudy& later,
                     const PluginList& plugins, const NewsSettings& settings);

}  // namespace amnok
