// Amnok's side of benchmarks/peers/breaks.sh: the dates and sums of squares of a Bai-Perron search (three
// regressors and a constant, up to five breaks), and the bootstrap of sup-F with fixed regressors,
// 999 replications, on one thread.
//
//   amnok-breaks-peer FOLDER    writes breaks200.csv, .., supf.csv and supf_draws.csv, then prints
//                               answer TASK amnok VALUES..   and   time TASK amnok MICROSECONDS
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <fstream>

#include "benchmarks/inputs.h"
#include "engine/solver/partition_search.h"
#include "engine/stats/random_stream.h"
#include "models/structural_break/break_bootstrap.h"

namespace amnok {
namespace {

constexpr int kRuns = 21, kBootstrapRuns = 7, kReplications = 999, kSupRows = 300;
constexpr double kTrim = 0.15;

void write(const std::string& file, const std::string& header, const MatrixXd& values) {
  std::ofstream out(file);
  out << header << '\n';
  for (const auto& row : values.rowwise()) {
    for (Eigen::Index j = 0; j < row.size(); ++j) {
      out << fmt::format("{}{}", j > 0 ? "," : "", row(j));
    }
    out << '\n';
  }
}

void write(const std::string& file, const RegressionInput& input) {
  MatrixXd columns(input.y.size(), 4);
  columns << input.y, input.x.rightCols(3);
  write(file, "y,x1,x2,x3", columns);
}

// Microseconds of the processor, the least of several runs: other programs of the machine do not count.
template <class Work>
double least_time(int runs, const Work& work) {
  double least = INFINITY;
  for (int r = 0; r < runs; ++r) {
    const std::clock_t begin = std::clock();
    work();
    least = std::min(least, 1e6 * static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC);
  }
  return least;
}

void search(const std::string& folder, int n) {
  const RegressionInput input = break_input(n);
  write(fmt::format("{}/breaks{}.csv", folder, n), input);
  const PartitionSearch problem{input.x, input.y, static_cast<int>(kTrim * n), 5};
  PartitionFit fit;
  const double time = least_time(kRuns, [&] { fit = solve(problem); });
  for (std::size_t m = 1; m < fit.best.size(); ++m) {
    std::string dates;
    for (int last : fit.best[m].last)
      dates += fmt::format("{}{}", dates.empty() ? "" : "/", last + 1);
    fmt::print("answer bai_perron/{}/{} amnok {} {:.10g}\n", n, m, dates, fit.best[m].rss);
  }
  fmt::print("time bai_perron/{} amnok {:.1f}\n", n, time);
}

// The draws that the bootstrap makes, a replication a column, for the other program.
MatrixXd draws(const BreakBootstrapOptions& options) {
  MatrixXd y(kSupRows, options.replications);
  for (int r = 0; r < options.replications; ++r) {
    fill_normals({options.seed, Purpose::bootstrap, 0}, static_cast<std::uint32_t>(r),
                 {y.col(r).data(), static_cast<std::size_t>(kSupRows)});
  }
  return y;
}

void bootstrap(const std::string& folder) {
  RegressionInput input = break_input(kSupRows);
  VectorXd noise(kSupRows);  // so much that the break is not plain to see
  fill_normals({7, Purpose::simulation, 0}, 0, {noise.data(), static_cast<std::size_t>(kSupRows)});
  input.y = 0.25 * input.y + noise;
  BreakBootstrapOptions options;
  options.replications = kReplications;
  options.threads = 1;
  write(folder + "/supf.csv", input);
  write(folder + "/supf_draws.csv", "draws", draws(options));
  const int first = static_cast<int>(kTrim * kSupRows);
  BootstrapF f;
  const double time = least_time(kBootstrapRuns, [&] {
    f = bootstrap_f_tests(input.x, input.y, first, kSupRows - first, options);
  });
  fmt::print("answer sup_f/{0}/{1} amnok {2:.10g} {3:.10g}\ntime sup_f/{0}/{1} amnok {4:.1f}\n",
             kSupRows, kReplications, f.sup, f.sup_p, time);
}

}  // namespace
}  // namespace amnok

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  for (int n : {200, 500, 1000}) amnok::search(argv[1], n);
  amnok::bootstrap(argv[1]);
  return 0;
}
