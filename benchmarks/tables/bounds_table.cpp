// Writes engine/regression/bounds_table.cpp: quantiles of the bounds statistics of Pesaran, Shin and
// Smith (2001) in finite samples, as response surfaces.
//
//   amnok-bounds-table > engine/regression/bounds_table.cpp      (some four minutes)
//
// Their experiment, at many sample sizes: y_t = y_{t-1} + e_t and k forcing variables of their own
// shocks, white noise (the bound for I(0)) or random walks (for I(1)), all from zero and standard
// normal. dy_t on the case's deterministic terms, y_{t-1} and x_{t-1} gives F (the level terms and
// the restricted deterministic one are zero) and t (of y_{t-1}). For each case, k, bound and tail
// probability the quantiles are fitted over the sample sizes by
//
//   q(v) = c0 + c1 / v + c2 / v^2 + c3 / v^3,   v: residual degrees of freedom, from 10
//
// by least squares of relative errors. Largest relative error of a fit: see the end of the output.
#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include "engine/regression/bounds_table.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

constexpr int kReplications = 100'000;
constexpr std::uint64_t kSeed = 2001;
constexpr int kSizes[] = {11, 12, 13, 14, 15, 16, 17, 18,  19,  20,  21,  22,  23,
                          25, 30, 35, 40, 50, 60, 80, 100, 150, 200, 300, 500, 1000};
// Columns of the regression's moments: constant, trend, x_1 .. x_10, y_{t-1}, dy_t.
constexpr int kX = 2, kLevel = kX + kMostForcing, kChange = kLevel + 1, kColumns = kChange + 1;
using Moments = Eigen::Matrix<double, kColumns, kColumns>;

Moments draw_moments(int n, bool integrated, std::uint32_t equation, std::uint32_t draw) {
  constexpr int series = kMostForcing + 1;
  std::vector<double> shocks(static_cast<std::size_t>(n * series));
  fill_normals({kSeed, Purpose::simulation, equation}, draw, shocks);
  Eigen::Matrix<double, Eigen::Dynamic, kColumns> z(n, kColumns);
  std::array<double, series> state{};
  for (int t = 0; t < n; ++t) {
    const double* e = shocks.data() + static_cast<std::ptrdiff_t>(t) * series;
    z(t, 0) = 1;
    z(t, 1) = (t + 1.0) / n;
    for (std::size_t j = 0; j < series; ++j) z(t, kX + static_cast<int>(j)) = state[j];
    z(t, kChange) = e[kMostForcing];
    for (std::size_t j = 0; j + 1 < series; ++j) {
      state[j] = integrated ? state[j] + e[j] : e[j];
    }
    state[series - 1] += e[kMostForcing];
  }
  return z.transpose() * z;
}

// Takes one regressor out of all moments.
void eliminate(Moments& m, int pivot) {
  const Eigen::Matrix<double, kColumns, 1> column = m.col(pivot);
  m.noalias() -= column * (column.transpose() / column(pivot));
}

// The statistics of all replications: [case][k].
struct Draws {
  std::vector<float> f[kBoundsCases][kMostForcing + 1], t[kBoundsCases][kMostForcing + 1];
};

int degrees_of_freedom(int n, int bounds_case, int k) {
  constexpr int terms[] = {0, 1, 1, 2, 2};
  return n - 1 - k - terms[bounds_case];
}

// One sample's statistics of the cases whose regressions have the same deterministic terms, once
// those are eliminated. restricted[c]: the sum of squares without the levels.
void add_statistics(Moments m, int n, std::initializer_list<std::pair<int, double>> restricted,
                    Draws& draws) {
  for (int k = 0; k <= kMostForcing; ++k) {
    if (k > 0) eliminate(m, kX + k - 1);
    const double slope = m(kLevel, kChange) / m(kLevel, kLevel);
    const double rss = m(kChange, kChange) - slope * m(kLevel, kChange);
    for (const auto& [c, rss0] : restricted) {
      const int df = degrees_of_freedom(n, c, k);
      if (df < kLeastBoundsDf) continue;
      const int count = k + 1 + (c == 1 || c == 3 ? 1 : 0);
      draws.f[c][k].push_back(static_cast<float>((rss0 - rss) / count / (rss / df)));
      draws.t[c][k].push_back(static_cast<float>(slope * std::sqrt(m(kLevel, kLevel) * df / rss)));
    }
  }
}

Draws simulate(int n, bool integrated, std::uint32_t equation) {
  Draws draws;
  for (int r = 0; r < kReplications; ++r) {
    Moments m = draw_moments(n, integrated, equation, static_cast<std::uint32_t>(r));
    const double none = m(kChange, kChange);
    add_statistics(m, n, {{0, none}}, draws);
    eliminate(m, 0);
    const double constant = m(kChange, kChange);
    add_statistics(m, n, {{1, none}, {2, constant}}, draws);
    eliminate(m, 1);
    add_statistics(m, n, {{3, constant}, {4, m(kChange, kChange)}}, draws);
  }
  return draws;
}

// The value that a share p of the sorted draws exceeds.
double upper_quantile(const std::vector<float>& sorted, double p) {
  const double at = (1 - p) * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<std::size_t>(at);
  const std::size_t above = std::min(below + 1, sorted.size() - 1);
  const double share = at - static_cast<double>(below);
  return (1 - share) * static_cast<double>(sorted[below]) +
         share * static_cast<double>(sorted[above]);
}

using Surface = std::array<double, 4>;

Surface fit_surface(const std::vector<double>& df, const std::vector<double>& quantile,
                    double& worst) {
  const auto rows = static_cast<Eigen::Index>(df.size());
  LinearLeastSquares problem{MatrixXd(rows, 4), VectorXd::Ones(rows)};
  for (Eigen::Index i = 0; i < rows; ++i) {
    const auto at = static_cast<std::size_t>(i);
    // Quantiles of t near zero have no relative error.
    const double scale = std::max(std::fabs(quantile[at]), 0.5), v = df[at];
    problem.x.row(i) << 1, 1 / v, 1 / (v * v), 1 / (v * v * v);
    problem.x.row(i) /= scale;
    problem.y(i) = quantile[at] / scale;
  }
  const LinearFit fit = solve(problem);
  worst = std::max(worst, fit.residuals.cwiseAbs().maxCoeff());
  return {fit.coefficients(0), fit.coefficients(1), fit.coefficients(2), fit.coefficients(3)};
}

void write() {
  // quantiles[statistic][case][k][bound][level]: pairs (df, quantile) over the sizes.
  struct Points {
    std::vector<double> df, quantile;
  };
  static Points points[2][kBoundsCases][kMostForcing + 1][2][kBoundsLevels.size()];
  std::uint32_t equation = 0;
  for (int bound = 0; bound < 2; ++bound) {
    for (int n : kSizes) {
      Draws draws = simulate(n, bound == 1, equation++);
      for (int c = 0; c < kBoundsCases; ++c) {
        for (int k = 0; k <= kMostForcing; ++k) {
          if (draws.f[c][k].empty()) continue;
          std::sort(draws.f[c][k].begin(), draws.f[c][k].end());
          std::sort(draws.t[c][k].begin(), draws.t[c][k].end());
          for (std::size_t l = 0; l < kBoundsLevels.size(); ++l) {
            Points* at[] = {&points[0][c][k][bound][l], &points[1][c][k][bound][l]};
            for (Points* p : at) p->df.push_back(degrees_of_freedom(n, c, k));
            at[0]->quantile.push_back(upper_quantile(draws.f[c][k], kBoundsLevels[l]));
            // t rejects below.
            at[1]->quantile.push_back(upper_quantile(draws.t[c][k], 1 - kBoundsLevels[l]));
          }
        }
      }
    }
  }
  fmt::print(
      "// Quantiles of the bounds statistics, written by benchmarks/tables/bounds_table.cpp, which "
      "says\n"
      "// how ({} replications a sample size). A block: the tail probabilities of kBoundsLevels, "
      "each\n"
      "// with c0 .. c3.\n"
      "#include \"engine/regression/bounds_table.h\"\n\nnamespace amnok {{\n\n"
      "// clang-format off\n",
      kReplications);
  for (int statistic = 0; statistic < 2; ++statistic) {
    double worst = 0;
    fmt::print("const BoundsSurface k{}Surfaces[kBoundsCases][kMostForcing + 1][2] = {{\n",
               statistic == 0 ? "F" : "T");
    for (int c = 0; c < kBoundsCases; ++c) {
      fmt::print("{{  // case {}\n", c + 1);
      for (int k = 0; k <= kMostForcing; ++k) {
        fmt::print("{{");
        for (int bound = 0; bound < 2; ++bound) {
          fmt::print("{}{{{{  // k = {}, I({})\n", bound == 0 ? "" : " ", k, bound);
          int at = 0;
          for (const Points& p : points[statistic][c][k][bound]) {
            const Surface s = fit_surface(p.df, p.quantile, worst);
            if (at > 0) fmt::print(",{}", at % 3 == 0 ? "\n" : " ");
            fmt::print("{{{:.4f}F,{:.3f}F,{:.2f}F,{:.1f}F}}", s[0], s[1], s[2], s[3]);
            ++at;
          }
          fmt::print("}}}}{}", bound == 0 ? ",\n" : "");
        }
        fmt::print("}},\n");
      }
      fmt::print("}},\n");
    }
    fmt::print("}};\n// Largest relative error of a fitted quantile: {:.4f}.\n\n", worst);
  }
  fmt::print("// clang-format on\n\n}}  // namespace amnok\n");
}

}  // namespace

}  // namespace amnok

int main() {
  amnok::write();
  return 0;
}
