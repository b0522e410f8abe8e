#include "models/trade_elasticity/elasticity_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "engine/regression/error_structure.h"
#include "engine/regression/specification_tests.h"
#include "engine/stats/distributions.h"
#include "engine/stats/residual_tests.h"

namespace amnok {

namespace {

constexpr double kAlarm = 0.05;
constexpr std::size_t kMostInfluential = 10;

// P(max |Brownian bridge| > x).
double kolmogorov_p(double x) {
  if (x < 0.2) return 1;
  double p = 0;
  for (int j = 1; j <= 100; ++j) {
    const double term = std::exp(-2.0 * j * j * x * x);
    p += j % 2 == 1 ? 2 * term : -2 * term;
    if (term < 1e-16) break;
  }
  return std::clamp(p, 0.0, 1.0);
}

// P(|W(t)| reaches x (1 + 2 t) for some t in [0, 1]), W a Wiener process: Brown, Durbin & Evans
// (1975, eq. 21) for one boundary, less the paths that reach both. Below 0.3 nearly all paths do.
double wiener_p(double x) {
  if (x < 0.3) return 1 - 0.1465 * x;
  const double one = normal_cdf(-3 * x) + std::exp(-4 * x * x) * normal_cdf(x);
  const double both =
      std::exp(-4 * x * x) * normal_cdf(-5 * x) + std::exp(-16 * x * x) * normal_cdf(-x);
  return 2 * (one - both);
}

// Recursive residuals cumulated, over s sqrt(m) (1 + 2 i / m).
Diagnostic cusum(const VectorXd& recursive) {
  const auto m = static_cast<double>(recursive.size());
  const double mean = recursive.mean();
  const double s = std::sqrt((recursive.array() - mean).square().sum() / (m - 1));
  Diagnostic test;
  test.name = "cusum";
  test.statistic = 0;
  double sum = 0;
  for (Eigen::Index i = 0; i < recursive.size(); ++i) {
    sum += recursive(i);
    const double shape = 1 + 2 * static_cast<double>(i + 1) / m;
    test.statistic = std::max(test.statistic, std::fabs(sum) / (s * std::sqrt(m) * shape));
  }
  test.p_value = wiener_p(test.statistic);
  return test;
}

Diagnostic cusum_of_squares(const VectorXd& recursive) {
  const auto m = static_cast<double>(recursive.size());
  const double total = recursive.squaredNorm();
  double sum = 0, largest = 0;
  for (Eigen::Index i = 0; i < recursive.size(); ++i) {
    sum += recursive(i) * recursive(i);
    largest = std::max(largest, std::fabs(sum / total - static_cast<double>(i + 1) / m));
  }
  Diagnostic test;
  test.name = "cusum_of_squares";
  test.statistic = largest;
  test.p_value = kolmogorov_p(std::sqrt(m / 2) * largest);
  return test;
}

bool has_squares(const MatrixXd& x) {
  const auto k = x.cols();
  return x.rows() > k * (k + 1) / 2 + 3;
}

struct Influence {
  Eigen::Index row;
  double leverage, cook, studentised, dfbetas;
  std::string term;
};

// Every row, the most influential first.
std::vector<Influence> influences(const ReportedRegression& regression) {
  const MatrixXd& x = regression.x;
  const LinearFit& fit = regression.fit;
  const Eigen::Index n = x.rows(), k = x.cols();
  const VectorXd h = leverages(x, fit.xtx_inverse);
  const double s2 = fit.sigma2();
  const auto df = static_cast<double>(n - k);
  // Row t moves the coefficients by (X'X)^-1 x_t e_t / (1 - h_t).
  const MatrixXd pull = x * fit.xtx_inverse;
  std::vector<Influence> all;
  for (Eigen::Index t = 0; t < n; ++t) {
    Influence one{t, h(t), kMissing, kMissing, kMissing, ""};
    const double free = 1 - h(t), e = fit.residuals(t);
    if (free > 1e-10) {
      one.cook = e * e * h(t) / (static_cast<double>(k) * s2 * free * free);
      const double s2_without = (fit.rss - e * e / free) / (df - 1);
      if (s2_without > 0) {
        one.studentised = e / std::sqrt(s2_without * free);
        for (Eigen::Index j = 0; j < k; ++j) {
          const double moved =
              pull(t, j) * e / free / std::sqrt(s2_without * fit.xtx_inverse(j, j));
          if (std::isnan(one.dfbetas) || std::fabs(moved) > std::fabs(one.dfbetas)) {
            one.dfbetas = moved;
            one.term = regression.names[static_cast<std::size_t>(j)];
          }
        }
      }
    }
    all.push_back(one);
  }
  // A row that nothing else speaks for (leverage one) comes first.
  const auto weight = [](const Influence& i) { return std::isnan(i.cook) ? INFINITY : i.cook; };
  std::stable_sort(all.begin(), all.end(),
                   [&](const Influence& a, const Influence& b) { return weight(a) > weight(b); });
  return all;
}

}  // namespace

double equivalent_df(const ReferenceDistribution& reference) {
  switch (reference.kind) {
    case ReferenceDistribution::Kind::normal:
      return 0;
    case ReferenceDistribution::Kind::student_t:
      return reference.df;
    case ReferenceDistribution::Kind::fixed_b:
      break;
  }
  const double wanted = reference.critical(0.95);
  double low = 0.5, high = 1e6;  // quantiles fall from 33 to 1.96
  if (wanted <= student_t_quantile(0.975, high)) return 0;
  for (int i = 0; i < 200; ++i) {
    const double middle = std::sqrt(low * high);
    (student_t_quantile(0.975, middle) > wanted ? low : high) = middle;
  }
  return std::sqrt(low * high);
}

ResultTable elasticity_table(const std::vector<std::string>& names, const VectorXd& estimates,
                             const MatrixXd& covariance, const ReferenceDistribution& reference) {
  ResultTable table{"elasticities",
                    "Coefficients; t-ratios follow " + reference.name(),
                    {"term", "estimate", "std_error", "t", "p", "low95", "high95"},
                    {}};
  const double critical = reference.critical(0.95);
  for (std::size_t j = 0; j < names.size(); ++j) {
    const auto i = static_cast<Eigen::Index>(j);
    const double b = estimates(i);
    std::vector<ResultTable::Cell> row = {names[j], b};
    if (covariance(i, i) > 0) {
      const double se = std::sqrt(covariance(i, i)), t = b / se;
      row.insert(row.end(),
                 {se, t, reference.two_sided_p(t), b - critical * se, b + critical * se});
    } else {
      row.insert(row.end(), 5, kMissing);
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

std::vector<RefereeQuestion> referee_questions(const ReportedRegression& regression, int season,
                                               bool lagged_target) {
  const MatrixXd& x = regression.x;
  const LinearFit& fit = regression.fit;
  const bool weighted = regression.given.size() > 0;
  const MatrixXd& given = weighted ? regression.given : x;
  const auto n = static_cast<int>(x.rows()), k = static_cast<int>(x.cols());
  std::vector<RefereeQuestion> questions;
  const auto ask = [&](Diagnostic test, const std::string& question, const std::string& bad,
                       const std::string& good) {
    if (!std::isfinite(test.p_value)) return;
    test.words = test.p_value < kAlarm ? bad : good;
    questions.push_back({std::move(test), question});
  };
  if (fit.rss <= 0) return questions;
  if (n > k + 6) {
    const std::string bad =
        "errors are autocorrelated: trust Newey-West or EWC errors, or model "
        "the dynamics";
    ask(breusch_godfrey(x, fit, 1), "are the errors correlated over time?", bad,
        "no sign of autocorrelation");
    if (season > 1 && n > k + 2 * season) {
      ask(breusch_godfrey(x, fit, season), "and over a whole year?", bad,
          "no sign of autocorrelation up to a year");
    }
  }
  if (!lagged_target) {
    Diagnostic dw;
    dw.name = "durbin_watson";
    dw.statistic = durbin_watson(fit.residuals);
    dw.p_value = durbin_watson_p(x, dw.statistic);
    ask(dw, "is the first autocorrelation positive (exact test)?", "positive autocorrelation",
        "no sign of positive autocorrelation");
  }
  if (n > k + 6) {
    const std::string bad =
        "the error variance depends on the regressors: classical errors are "
        "wrong";
    ask(breusch_pagan_koenker(given, fit), "does the variance move with the regressors?", bad,
        "no sign of heteroskedasticity");
    if (has_squares(x)) {
      ask(white_test(given, fit), "or with their squares and products?", bad,
          "no sign of heteroskedasticity of a general form");
    }
    // Powers of weighted fits are no weighted powers.
    if (!weighted) {
      ask(reset_test(x, regression.y, fit, 3), "is the log-linear form right?",
          "the form is in doubt: powers of the fit matter", "no sign of a wrong form");
    }
  }
  ask(jarque_bera(fit.residuals), "are the errors normal?",
      "errors have heavier tails or more skew than a normal: small-sample p-values are rough",
      "normal errors are not contradicted");
  const VectorXd recursive = recursive_residuals(x, regression.y);
  if (recursive.size() >= 8 && recursive.squaredNorm() > 0) {
    ask(cusum(recursive), "are the coefficients the same throughout?",
        "coefficients drift: see regimes or time_varying",
        "no sign that coefficients change (a test of little power against late breaks)");
    ask(cusum_of_squares(recursive), "is the variance the same throughout?",
        "the variance changes over the sample", "no sign that the variance changes");
  }
  return questions;
}

ResultTable referee_table(const std::vector<RefereeQuestion>& questions) {
  ResultTable table{"referee",
                    "What a referee will ask",
                    {"question", "test", "lag", "statistic", "p", "verdict"},
                    {}};
  for (const RefereeQuestion& q : questions) {
    table.rows.push_back({q.question, q.test.name,
                          q.test.lag > 0 ? static_cast<double>(q.test.lag) : kMissing,
                          q.test.statistic, q.test.p_value, q.test.words});
  }
  return table;
}

ResultTable influence_table(const ReportedRegression& regression) {
  std::vector<Influence> all = influences(regression);
  const auto n = static_cast<double>(regression.x.rows());
  if (all.size() > kMostInfluential) all.resize(kMostInfluential);
  ResultTable table{
      "influence",
      fmt::format("Periods that move the answer most (DFBETAS beyond {:.2f} are large)",
                  2 / std::sqrt(n)),
      {"period", "leverage", "studentised_residual", "cook", "dfbetas", "term"},
      {}};
  for (const Influence& i : all) {
    table.rows.push_back({format_period(regression.periods[static_cast<std::size_t>(i.row)]),
                          i.leverage, i.studentised, i.cook, i.dfbetas, i.term});
  }
  return table;
}

std::string influence_note(const ReportedRegression& regression, int first) {
  const Influence worst = influences(regression).front();
  if (!(worst.cook > 1)) return "";
  std::vector<Eigen::Index> others;
  for (Eigen::Index t = 0; t < regression.x.rows(); ++t) {
    if (t != worst.row) others.push_back(t);
  }
  const LinearFit without =
      solve(LinearLeastSquares{regression.x(others, Eigen::all), regression.y(others)});
  std::string text = fmt::format(
      "one period decides: without {} (Cook's distance {:.2g})",
      format_period(regression.periods[static_cast<std::size_t>(worst.row)]), worst.cook);
  const char* separator = " ";
  for (int j = first; j < static_cast<int>(regression.names.size()); ++j) {
    const bool lost =
        std::find(without.aliased.begin(), without.aliased.end(), j) != without.aliased.end();
    text +=
        separator + (lost ? fmt::format("nothing is left to estimate {} from",
                                        regression.names[static_cast<std::size_t>(j)])
                          : fmt::format("{} is {:.3g} instead of {:.3g}",
                                        regression.names[static_cast<std::size_t>(j)],
                                        without.coefficients(j), regression.fit.coefficients(j)));
    separator = ", ";
  }
  return text;
}

ResultTable collinearity_table(const ReportedRegression& regression) {
  const VectorXd inflation = variance_inflation(regression.x);
  ResultTable table{"collinearity",
                    fmt::format("Variance inflation; condition number of the scaled design {:.3g}",
                                regression.fit.condition),
                    {"term", "vif", "verdict"},
                    {}};
  for (std::size_t j = 0; j < regression.names.size(); ++j) {
    const double vif = inflation(static_cast<Eigen::Index>(j));
    if (!std::isfinite(vif)) continue;
    table.rows.push_back(
        {regression.names[j], vif,
         vif > 10 ? std::string("hardly told apart from the others") : std::string("fine")});
  }
  return table;
}

ResultTable bootstrap_table(const ReportedRegression& regression, int first,
                            const ElasticitySpec& spec) {
  const bool wild = spec.bootstrap == ElasticitySpec::Resampling::wild;
  const auto n = static_cast<double>(regression.x.rows());
  const int block = spec.block > 0 ? spec.block : static_cast<int>(std::ceil(std::cbrt(n)));
  ResultTable table{"bootstrap",
                    wild ? "Bootstrap-t intervals, wild (Rademacher, null imposed)"
                         : fmt::format("Bootstrap-t intervals, blocks of {} rows", block),
                    {"term", "estimate", "std_error", "p", "low95", "high95", "replications"},
                    {}};
  BootstrapTOptions options;
  options.replications = spec.replications;
  options.seed = spec.seed;
  for (int j = first; j < static_cast<int>(regression.names.size()); ++j) {
    options.equation = static_cast<std::uint32_t>(j);
    const BootstrapT result =
        wild ? wild_bootstrap_t(regression.x, regression.y, j, 0, ErrorStructure::hc1(),
                                WildWeights::rademacher, options)
             : block_bootstrap_t(regression.x, regression.y, j, 0, block, options);
    const BootstrapT::Interval interval = result.equal_tailed(0.95);
    table.rows.push_back({regression.names[static_cast<std::size_t>(j)], result.coefficient,
                          result.standard_error, result.p_value, interval.low, interval.high,
                          static_cast<double>(result.replicates.size())});
  }
  return table;
}

}  // namespace amnok
