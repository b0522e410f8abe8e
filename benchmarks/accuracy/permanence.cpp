// How well the verdict on the permanence of an effect is right, on simulated truths.
//
//   amnok-permanence [SERIES]     SERIES simulated for every cell (default 200)
//
// An event starts after 40 % of the sample and acts as a decay with delta = 0.7, a block of 12
// periods, a ramp over 12 periods or a level shift, 1, 2 or 4 standard deviations of its AR(1)
// noise (0.5) large. Printed, for each kind of weights: how often each response has the largest
// weight; the verdicts; and how often the effect was lasting in truth where P(permanent) was about
// p (temporary and lasting truths are equally many).
#include <fmt/format.h>
#include <tbb/parallel_for.h>

#include <array>
#include <cmath>
#include <cstdlib>
#include <vector>

#include "models/structural_break/permanence.h"
#include "tests/support/permanence_series.h"

namespace amnok {

namespace {

constexpr std::array<Response, 4> kTruths = {Response::decay, Response::block, Response::ramp,
                                             Response::level_shift};
constexpr std::array<int, 3> kLengths = {48, 96, 192};
constexpr std::array<double, 3> kSizes = {1, 2, 4};
constexpr std::array<double, 7> kBins = {0, 0.1, 0.3, 0.5, 0.7, 0.9, 1.000001};

struct Outcome {
  Response largest = Response::none;
  Verdict verdict = Verdict::unknown;
  double p = kMissing;
};

Outcome outcome_of(const Permanence& result, WeightCriterion criterion) {
  Outcome outcome{Response::none, result.verdict, result.p_permanent};
  double largest = -1;
  for (const ShapeAlternative& a : result.alternatives) {
    if (a.weights.of(criterion) <= largest) continue;
    largest = a.weights.of(criterion);
    outcome.largest = a.best.response;
  }
  return outcome;
}

std::vector<Outcome> outcomes(Response truth, int n, double size, std::size_t series,
                              WeightCriterion criterion) {
  std::vector<Outcome> result(series);
  const ResponseShape shape{truth, 2 * n / 5, truth == Response::decay ? 0.7 : 12};
  PermanenceOptions options;
  options.criterion = criterion;
  options.bootstrap = 1;
  options.draws = 100;
  tbb::parallel_for(std::size_t{0}, series, [&](std::size_t i) {
    result[i] = outcome_of(
        permanence(permanence_series(shape, n, size, static_cast<std::uint32_t>(i)), options),
        criterion);
  });
  return result;
}

struct Calibration {
  std::array<int, kBins.size() - 1> count{}, lasting{};
  std::array<double, kBins.size() - 1> sum{};

  void add(double p, bool permanent) {
    for (std::size_t b = 0; b + 1 < kBins.size(); ++b) {
      if (p < kBins[b] || p >= kBins[b + 1]) continue;
      ++count[b];
      lasting[b] += permanent ? 1 : 0;
      sum[b] += p;
    }
  }
  void print() const {
    fmt::print("\n| P(permanent) | series | mean P | lasting in truth |\n|---|---|---|---|\n");
    for (std::size_t b = 0; b < count.size(); ++b) {
      if (count[b] == 0) continue;
      const double share = static_cast<double>(lasting[b]) / count[b];
      fmt::print("| {:g} to {:g} | {} | {:.2f} | {:.2f} ± {:.2f} |\n", kBins[b],
                 std::min(kBins[b + 1], 1.0), count[b], sum[b] / count[b], share,
                 std::sqrt(share * (1 - share) / count[b]));
    }
  }
};

void print_row(Response truth, int n, double size, const std::vector<Outcome>& all) {
  std::array<int, kResponses> largest{};
  std::array<int, 5> verdicts{};
  for (const Outcome& o : all) {
    ++largest[static_cast<std::size_t>(o.largest)];
    ++verdicts[static_cast<std::size_t>(o.verdict)];
  }
  const double per_cent = 100.0 / static_cast<double>(all.size());
  fmt::print("| {} | {} | {:g} |", response_name(truth), n, size);
  for (int count : largest) fmt::print(" {:.0f} |", per_cent * count);
  for (Verdict v : {Verdict::no_effect, Verdict::lasting, Verdict::temporary, Verdict::undecided}) {
    fmt::print(" {:.0f} |", per_cent * verdicts[static_cast<std::size_t>(v)]);
  }
  fmt::print("\n");
}

void tables(WeightCriterion criterion, std::size_t series) {
  fmt::print("\n### Weights by {}\n\n| truth | n | sd |",
             criterion == WeightCriterion::bayes ? "marginal likelihood"
             : criterion == WeightCriterion::bic ? "BIC"
                                                 : "AICc");
  for (int r = 0; r < kResponses; ++r) fmt::print(" {} |", response_name(static_cast<Response>(r)));
  fmt::print(" no effect | lasting | temporary | undecided |\n");
  fmt::print("|---|---|---|---|---|---|---|---|---|---|---|---|---|---|\n");
  Calibration calibration;
  for (Response truth : kTruths) {
    for (int n : kLengths) {
      for (double size : kSizes) {
        const std::vector<Outcome> all = outcomes(truth, n, size, series, criterion);
        print_row(truth, n, size, all);
        const bool permanent = truth == Response::ramp || truth == Response::level_shift;
        for (const Outcome& o : all) calibration.add(o.p, permanent);
      }
    }
  }
  calibration.print();
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  const std::size_t series = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 200;
  amnok::tables(amnok::WeightCriterion::bayes, series);
  amnok::tables(amnok::WeightCriterion::bic, series);
  amnok::tables(amnok::WeightCriterion::aicc, series);
}
