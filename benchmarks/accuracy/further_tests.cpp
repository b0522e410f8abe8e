// How often the further tests of structural_break (further_tests = true) say that there is a break, in
// series with and without one.
//
//   amnok-further-tests [SAMPLES]     SAMPLES simulated for every row (default 400)
//
// A table in markdown, as docs/structural_break.md prints it: series of 120, no breaks of coefficients
// (breaks = 0), 5 % tests. The standard error of a share p is sqrt(p (1 - p) / SAMPLES).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "engine/report/result_table.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/structural_break.h"

namespace amnok {

namespace {

constexpr int kLength = 120;

struct Design {
  const char* name;
  double rho = 0;                               // of the noise; 1: a random walk
  double scale = 1;                             // of the second half's errors
  double slope = 0;                             // what the second half's slope has more
  bool walk_after = false, walk_until = false;  // a random walk in one half
};

Sample draw(const Design& design, std::uint32_t s) {
  VectorXd e(kLength);
  fill_normals({101, Purpose::simulation, 5}, s, {e.data(), static_cast<std::size_t>(kLength)});
  Sample sample;
  sample.range = {{Frequency::monthly, 2000 * 12}, kLength};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y.resize(kLength);
  sample.regressors.resize(kLength, 0);
  double u = 0;
  for (int t = 0; t < kLength; ++t) {
    const bool second = t >= kLength / 2;
    const bool walks = second ? design.walk_after : design.walk_until;
    u = (walks ? 1 : design.rho) * u + (second ? design.scale : 1) * e(t);
    sample.y(t) = u + design.slope * std::max(t - kLength / 2 + 1, 0);
  }
  return sample;
}

void print(const Design& design, int samples) {
  StructuralBreakSpec spec;
  spec.criterion = StructuralBreakSpec::Criterion::fixed;
  spec.further = {true, true, true};
  const auto model = make_structural_break(spec);
  const char* says[] = {"it changes", "stationary until", "like a random walk until",
                        "a break whatever"};
  const int row[] = {0, 1, 1, 2};
  int count[4] = {}, slope = 0, zivot = 0, lee = 0;
  for (int s = 0; s < samples; ++s) {
    const FitResult fit = fit_model(*model, draw(design, static_cast<std::uint32_t>(s))).result;
    const std::vector<TableRow> answers = rows_of(fit, "further_tests");
    for (int i = 0; i < 4; ++i) {
      const std::string words = answers[static_cast<std::size_t>(row[i])].text("answer");
      count[i] += words.rfind(says[i], 0) == 0 ? 1 : 0;
    }
    for (const TableRow& test : rows_of(fit, "trend_tests")) {
      const int rejects = test.text("says").rfind("rejects", 0) == 0 ? 1 : 0;
      if (test.text("test") == "Perron-Yabu, slope") slope += rejects;
      if (test.text("test") == "Zivot-Andrews, slope") zivot += rejects;
      if (test.text("test") == "Lee-Strazicich, level and slope") lee += rejects;
    }
  }
  const auto share = [&](int value) { return 100.0 * value / samples; };
  fmt::print("| {} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} | {:.1f} |\n", design.name,
             share(count[0]), share(count[1]), share(count[2]), share(count[3]), share(slope),
             share(zivot), share(lee));
  std::fflush(stdout);
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  const int samples = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 400;
  fmt::print(
      "| series | variance changes | stationary, then a walk | a walk, then stationary | trend "
      "breaks | Perron-Yabu, slope | Zivot-Andrews, slope | Lee-Strazicich, level and slope "
      "|\n|---|---|---|---|---|---|---|---|\n");
  for (const amnok::Design& design :
       {amnok::Design{"independent"}, amnok::Design{"AR(1), 0.5", 0.5},
        amnok::Design{"AR(1), 0.8", 0.8}, amnok::Design{"random walk", 1},
        amnok::Design{"sd doubled in the second half", 0, 2},
        amnok::Design{"AR(1), 0.5, sd doubled", 0.5, 2},
        amnok::Design{"independent, then a random walk", 0, 1, 0, true},
        amnok::Design{"a random walk, then independent about 0", 0, 1, 0, false, true},
        amnok::Design{"independent, slope 0.1 more", 0, 1, 0.1},
        amnok::Design{"random walk, slope 1 more", 1, 1, 1}}) {
    amnok::print(design, samples);
  }
}
