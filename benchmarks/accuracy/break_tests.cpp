// Size and power of sup-F, verdicts of structural_break, and coverage of its dates, by simulation.
//
//   amnok-break-tests [SAMPLES] [TABLE]     SAMPLES simulated for every row (default 1000); TABLE:
//                                           tests, verdicts, blocks, coverage or all of them
//
// Tables in markdown, as docs/structural_break.md prints them: a regression on a constant (k = 1), or
// on a constant and an AR(1) regressor of 0.5 with the coefficient 1 (k = 2), 100 observations after
// 50 of burn-in, errors AR(1) with innovations of variance one, the mean shifted after half of the
// sample; trimming 0.15, tests at 5 %. The standard error of a share p is sqrt(p (1 - p) / SAMPLES).
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <numeric>
#include <string>
#include <vector>

#include "engine/model/parallel.h"
#include "engine/report/break_summary.h"
#include "engine/report/result_table.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/break_bootstrap.h"
#include "models/structural_break/date_sets.h"
#include "models/structural_break/f_test_distribution.h"
#include "models/structural_break/partial_break_tests.h"
#include "models/structural_break/structural_break.h"

namespace amnok {

namespace {

constexpr int kLength = 100, kBurnIn = 50, kFirst = 15;
constexpr double kLevel = 0.05;

struct Design {
  int k = 1;
  double rho = 0, shift = 0;
  bool block = false;  // 20 periods instead of the second half
};

std::vector<Design> shifts() {
  std::vector<Design> designs;
  for (const int k : {1, 2}) {
    for (const double rho : {0.0, 0.5, 0.8}) {
      for (const double shift : {0.0, 1.0, 2.0}) designs.push_back({k, rho, shift});
    }
  }
  return designs;
}

std::vector<Design> blocks() {
  std::vector<Design> designs;
  for (const double rho : {0.0, 0.5}) {
    for (const double shift : {1.0, 2.0, 4.0}) designs.push_back({1, rho, shift, true});
  }
  return designs;
}

std::string head_of(const Design& design) {
  return fmt::format("{} | {:.1f} | {:g}{}", design.k, design.rho, design.shift,
                     design.block ? " for 20 periods" : "");
}

struct Drawn {
  MatrixXd x;
  VectorXd y, lag;
};

Drawn draw(const Design& design, int s) {
  constexpr int n = kLength + kBurnIn;
  std::vector<double> e(2 * n);
  fill_normals({2026, Purpose::simulation, 9}, static_cast<std::uint32_t>(s), e);
  VectorXd z(n), x(n);
  for (int t = 0; t < n; ++t) {
    const auto at = static_cast<std::size_t>(t);
    z(t) = (t > 0 ? design.rho * z(t - 1) : 0) + e[at];
    x(t) = (t > 0 ? 0.5 * x(t - 1) : 0) + e[at + n];
  }
  if (design.k == 2) z += x;
  if (design.block) {
    z.segment(kBurnIn + kLength / 2 - 10, 20).array() += design.shift;
  } else {
    z.tail(kLength / 2).array() += design.shift;
  }
  Drawn drawn{MatrixXd::Ones(kLength, design.k), z.tail(kLength), z.segment(kBurnIn - 1, kLength)};
  if (design.k == 2) drawn.x.col(1) = x.tail(kLength);
  return drawn;
}

// The sum over samples of what `of` returns of each.
template <class Of>
VectorXd summed(int samples, const Of& of) {
  std::vector<VectorXd> values(static_cast<std::size_t>(samples));
  in_parallel(samples, 0, [&](int s) { values[static_cast<std::size_t>(s)] = of(s); });
  return std::accumulate(values.begin() + 1, values.end(), values.front(),
                         [](const VectorXd& a, const VectorXd& b) { return VectorXd(a + b); });
}

void print_row(const std::string& head, const VectorXd& shares) {
  fmt::print("| {} |", head);
  for (const double share : shares) fmt::print(" {:.1f} |", 100 * share);
  fmt::print("\n");
  std::fflush(stdout);
}

bool rejects(const FPath& path) {
  return hansen_p_value(FStatistic::sup, path.sup, path.k, path.lambda()) <= kLevel;
}

VectorXd rejections(const Design& design, int s) {
  const Drawn d = draw(design, s);
  const auto path = [&](Errors errors, bool prewhiten) {
    return rejects(f_path(d.x, d.y, {kFirst, kLength - kFirst, errors, prewhiten})) ? 1.0 : 0.0;
  };
  const auto bootstrap = [&](Bootstrap scheme, int replications) {
    const BreakBootstrapOptions options{scheme, replications, static_cast<std::uint64_t>(s), 1};
    const double p = bootstrap_f_tests(d.x, d.y, kFirst, kLength - kFirst, options).sup_p;
    return p <= kLevel ? 1.0 : 0.0;
  };
  const PartialBreakSearch with_lag{d.lag, d.x, d.y, kFirst, 1};
  VectorXd result(6);
  result << path(Errors::classical, false), path(Errors::hac, false), path(Errors::hac, true),
      rejects(f_path(with_lag, {kFirst, kLength - kFirst, Errors::classical, false})) ? 1.0 : 0.0,
      bootstrap(Bootstrap::rademacher, 199), bootstrap(Bootstrap::sieve, 399);
  return result;
}

void print_tests(int samples) {
  fmt::print(
      "| k | AR(1) | shift | classical | hac | hac, prewhitened | lag of y added, its coefficient "
      "constant | wild | sieve |\n|---|---|---|---|---|---|---|---|---|\n");
  for (const Design& design : shifts()) {
    const VectorXd sum = summed(samples, [&](int s) { return rejections(design, s); });
    print_row(head_of(design), sum / samples);
  }
}

// No break; breaks, or none; breaks.
VectorXd verdict(const Model& model, const Design& design, int s) {
  const Drawn d = draw(design, s);
  Sample sample;
  sample.range = {{Frequency::monthly, 2000 * 12}, kLength};
  sample.season = 12;
  sample.target = {"y", {}};
  sample.y = d.y;
  sample.regressors.resize(kLength, design.k - 1);
  if (design.k == 2) {
    sample.regressor_names = {"x"};
    sample.regressors.col(0) = d.x.col(1);
  }
  const std::string words = break_verdict(fit_model(model, sample).result);
  const bool none = words.rfind("no break", 0) == 0;
  const bool either = words.find(", or none") != std::string::npos;
  VectorXd result(3);
  result << (none ? 1 : 0), (either ? 1 : 0), (none || either ? 0 : 1);
  return result;
}

void print_verdicts(int samples, const std::vector<Design>& designs) {
  fmt::print(
      "\n| k | AR(1) | shift | no break | breaks, or none | breaks |\n"
      "|---|---|---|---|---|---|\n");
  const auto model = make_structural_break({});
  for (const Design& design : designs) {
    const VectorXd sum = summed(samples, [&](int s) { return verdict(*model, design, s); });
    print_row(head_of(design), sum / samples);
  }
}

// Bai's interval and the ends of the likelihood-ratio set hold the date; their lengths / 100.
VectorXd coverage(const Design& design, Errors errors, int s) {
  constexpr int kTruth = kLength / 2 - 1;
  const Drawn d = draw(design, s);
  const std::vector<int> last = solve(PartitionSearch{d.x, d.y, kFirst, 1}).best[1].last;
  BreakIntervalOptions options;
  options.errors.errors = errors;
  const BreakInterval bai = bai_intervals(d.x, d.y, last, options)[0];
  const DateSet set = likelihood_ratio_sets(d.x, d.y, last, kFirst, options)[0];
  const int low = std::max(bai.lower, 0), high = std::min(bai.upper, kLength - 2);
  const int begin = set.runs.front().begin, end = set.runs.back().end;
  VectorXd result(4);
  result << (low <= kTruth && kTruth <= high ? 1 : 0), (high - low + 1) / 100.0,
      (begin <= kTruth && kTruth <= end ? 1 : 0), (end - begin + 1) / 100.0;
  return result;
}

void print_coverage(int samples) {
  fmt::print(
      "\n| AR(1) | shift | errors | Bai's interval | periods | likelihood-ratio set | periods "
      "|\n|---|---|---|---|---|---|---|\n");
  for (const double rho : {0.0, 0.5}) {
    for (const double shift : {1.0, 2.0}) {
      for (const Errors errors : {Errors::classical, Errors::hac}) {
        const Design design{1, rho, shift};
        const VectorXd sum = summed(samples, [&](int s) { return coverage(design, errors, s); });
        print_row(fmt::format("{:.1f} | {:g} | {}", rho, shift,
                              errors == Errors::hac ? "hac" : "classical"),
                  sum / samples);
      }
    }
  }
}

}  // namespace

}  // namespace amnok

int main(int argc, char** argv) {
  const int samples = argc > 1 ? std::max(std::atoi(argv[1]), 1) : 1000;
  const std::string table = argc > 2 ? argv[2] : "all";
  if (table == "all" || table == "tests") amnok::print_tests(samples);
  if (table == "all" || table == "verdicts") amnok::print_verdicts(samples, amnok::shifts());
  if (table == "all" || table == "blocks") amnok::print_verdicts(samples, amnok::blocks());
  if (table == "all" || table == "coverage") amnok::print_coverage(samples);
}
