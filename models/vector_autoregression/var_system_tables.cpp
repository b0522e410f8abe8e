#include "models/vector_autoregression/var_system_tables.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/regression/impulse_response.h"
#include "engine/regression/var_tests.h"
#include "engine/stats/sorted_quantile.h"

namespace amnok {

namespace {

constexpr std::uint64_t kBandSeed = 1998;
constexpr int kShownRoots = 12;

ResultTable lag_table(const VarSystemFit& fit) {
  ResultTable table{"lags",
                    fmt::format("Lags compared on {} observations", fit.compared_rows),
                    {"lags", "aic", "bic", "hq", "fpe"},
                    {}};
  for (const VarCriteria& c : fit.criteria) {
    table.rows.push_back({static_cast<double>(c.lags), c.aic, c.bic, c.hq, c.fpe});
  }
  return table;
}

ResultTable root_table(const VarSystemFit& fit) {
  ResultTable table{"roots", "Moduli of the companion matrix's eigenvalues", {"modulus"}, {}};
  const VectorXd moduli = companion_moduli(fit.var);
  for (Eigen::Index i = 0; i < std::min<Eigen::Index>(moduli.size(), kShownRoots); ++i) {
    table.rows.push_back({moduli(i)});
  }
  return table;
}

ResultTable shock_table(const VarSystemFit& fit) {
  const std::vector<std::string>& names = fit.var.variables;
  ResultTable table{"shocks", "Shocks: standard deviations and correlations", {"shock", "sd"}, {}};
  table.columns.insert(table.columns.end(), names.begin(), names.end());
  const VectorXd sd = fit.sigma.diagonal().cwiseSqrt();
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto a = static_cast<Eigen::Index>(i);
    std::vector<ResultTable::Cell> row = {names[i], sd(a)};
    for (Eigen::Index b = 0; b < sd.size(); ++b)
      row.emplace_back(fit.sigma(a, b) / (sd(a) * sd(b)));
    table.rows.push_back(std::move(row));
  }
  return table;
}

// Each variable for each other one, and all others together.
ResultTable causality_table(const VarSystemFit& fit) {
  const std::vector<std::string>& names = fit.var.variables;
  ResultTable table{"granger",
                    "Granger causality: do lags of the cause help to forecast the effect?",
                    {"cause", "effect", "f", "df", "df2", "p"},
                    {}};
  const auto add = [&](const std::string& cause, std::vector<int> causes, int effect) {
    const Diagnostic test = granger_causality(fit.var, causes, {effect});
    table.rows.push_back({cause, names[static_cast<std::size_t>(effect)], test.statistic, test.df,
                          test.df2, test.p_value});
  };
  const int k = fit.var.size();
  for (int effect = 0; effect < k; ++effect) {
    std::vector<int> others;
    for (int cause = 0; cause < k; ++cause) {
      if (cause == effect) continue;
      add(names[static_cast<std::size_t>(cause)], {cause}, effect);
      others.push_back(cause);
    }
    if (k > 2) add("all others", others, effect);
  }
  return table;
}

ResultTable residual_table(const VarSystemData& data, const VarSystemFit& fit) {
  ResultTable table{
      "residual_tests", "Residuals of the system", {"test", "lag", "statistic", "df", "p"}, {}};
  const auto add = [&](const std::string& name, const Diagnostic& test) {
    table.rows.push_back({name, test.lag > 0 ? static_cast<double>(test.lag) : kMissing,
                          test.statistic, test.df, test.p_value});
  };
  const int t = fit.var.observations(), k = fit.var.size(), q = fit.var.regressor_count();
  const int lag = std::min(std::max(10, data.season > 1 ? 2 * data.season : 0), t / 4);
  if (lag > fit.lags()) {
    add("no autocorrelation: portmanteau, adjusted", var_portmanteau(fit.var, lag, true));
  }
  for (int short_lag = 4; short_lag >= 1; --short_lag) {
    if (t <= q + k * short_lag + k) continue;
    add("no autocorrelation: Breusch-Godfrey", var_breusch_godfrey(fit.var, short_lag));
    break;
  }
  if (t > 2 * k) add("normality: Jarque-Bera", var_normality(fit.var).both);
  return table;
}

ResultTable johansen_table(const Johansen& test) {
  ResultTable table{"johansen",
                    fmt::format("Cointegration rank: likelihood-ratio tests on {} observations",
                                test.observations),
                    {"rank", "eigenvalue", "trace", "trace_p", "max_eigenvalue", "max_p"},
                    {}};
  for (Eigen::Index r = 0; r < test.trace.size(); ++r) {
    table.rows.push_back({static_cast<double>(r), test.eigenvalues(r), test.trace(r),
                          test.trace_p(r), test.max_eigenvalue(r), test.max_p(r)});
  }
  return table;
}

std::vector<ResultTable> relation_tables(const VecmFit& vecm,
                                         const std::vector<std::string>& names) {
  ResultTable beta{"cointegration", "Relations, stationary in deviations", {"term"}, {}};
  ResultTable alpha{"loadings", "Loadings: how a deviation moves each variable", {"variable"}, {}};
  for (int r = 1; r <= vecm.rank; ++r) {
    beta.columns.push_back(fmt::format("relation{}", r));
    alpha.columns.push_back(fmt::format("relation{}", r));
    alpha.columns.push_back(fmt::format("std_error{}", r));
  }
  for (Eigen::Index i = 0; i < vecm.beta.rows(); ++i) {
    std::vector<ResultTable::Cell> row = {vecm.johansen.names[static_cast<std::size_t>(i)]};
    for (Eigen::Index r = 0; r < vecm.rank; ++r) row.emplace_back(vecm.beta(i, r));
    beta.rows.push_back(std::move(row));
  }
  for (Eigen::Index i = 0; i < vecm.alpha.rows(); ++i) {
    std::vector<ResultTable::Cell> row = {names[static_cast<std::size_t>(i)]};
    for (Eigen::Index r = 0; r < vecm.rank; ++r) {
      row.emplace_back(vecm.alpha(i, r));
      row.emplace_back(vecm.alpha_errors(i, r));
    }
    alpha.rows.push_back(std::move(row));
  }
  return {beta, alpha};
}

// Responses of one variable: steps x shocks.
MatrixXd responses_of(const VectorAutoregression& var, const MatrixXd& sigma, int variable,
                      int horizon, bool generalised) {
  const VectorXd sd = sigma.diagonal().cwiseSqrt();
  const MatrixXd impact = generalised ? MatrixXd(sigma * sd.cwiseInverse().asDiagonal())
                                      : MatrixXd(sigma.llt().matrixL());
  const std::vector<MatrixXd> weights = moving_average(var, horizon);
  MatrixXd responses(horizon + 1, var.size());
  for (int s = 0; s <= horizon; ++s) {
    responses.row(s) = weights[static_cast<std::size_t>(s)].row(variable) * impact;
  }
  return responses;
}

struct Band {
  MatrixXd low, high;
};
Band response_band(const VarSystemSpec& spec, const VarSystemFit& fit) {
  const Eigen::Index cells = (spec.responses + 1) * fit.var.size();
  MatrixXd all(cells, spec.response_draws);
  VectorAutoregression drawn = fit.var;
  for (int r = 0; r < spec.response_draws; ++r) {
    const VarPosterior::Draw draw = fit.posterior.draw(kBandSeed, 0, r);
    drawn.coefficients = fit.posterior.coefficients(draw);
    const MatrixXd responses = responses_of(drawn, VarPosterior::covariance(draw), spec.position,
                                            spec.responses, spec.generalised);
    all.col(r) = Eigen::Map<const VectorXd>(responses.data(), cells);
  }
  Band band{MatrixXd(spec.responses + 1, fit.var.size()),
            MatrixXd(spec.responses + 1, fit.var.size())};
  std::vector<double> values(static_cast<std::size_t>(spec.response_draws));
  for (Eigen::Index c = 0; c < cells; ++c) {
    for (std::size_t r = 0; r < values.size(); ++r)
      values[r] = all(c, static_cast<Eigen::Index>(r));
    std::sort(values.begin(), values.end());
    band.low.data()[c] = sorted_quantile(values, 0.5 - spec.response_level / 2);
    band.high.data()[c] = sorted_quantile(values, 0.5 + spec.response_level / 2);
  }
  return band;
}

ResultTable response_table(const VarSystemSpec& spec, const VarSystemFit& fit) {
  const std::vector<std::string>& names = fit.var.variables;
  ResultTable table{"responses",
                    fmt::format("Responses of {} to {} shocks of one standard deviation, with {} % "
                                "bands",
                                names[static_cast<std::size_t>(spec.position)],
                                spec.generalised ? "generalised" : "orthogonal",
                                format_significant(100 * spec.response_level, 3)),
                    {"step"},
                    {}};
  for (const std::string& name : names) {
    table.columns.insert(table.columns.end(), {name, name + " low", name + " high"});
  }
  const MatrixXd at =
      responses_of(fit.var, fit.sigma, spec.position, spec.responses, spec.generalised);
  const Band band = response_band(spec, fit);
  for (Eigen::Index s = 0; s < at.rows(); ++s) {
    std::vector<ResultTable::Cell> row = {static_cast<double>(s)};
    for (Eigen::Index j = 0; j < at.cols(); ++j) {
      row.insert(row.end(), {at(s, j), band.low(s, j), band.high(s, j)});
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

ResultTable share_table(const VarSystemSpec& spec, const VarSystemFit& fit) {
  const std::vector<std::string>& names = fit.var.variables;
  ResultTable table{"variance_shares",
                    fmt::format("Shares of the orthogonal shocks in the forecast error variance of "
                                "{}",
                                names[static_cast<std::size_t>(spec.position)]),
                    {"step"},
                    {}};
  table.columns.insert(table.columns.end(), names.begin(), names.end());
  VectorAutoregression var = fit.var;
  var.given_sigma = fit.sigma;
  const std::vector<MatrixXd> shares = variance_decomposition(var, spec.responses - 1);
  for (std::size_t h = 0; h < shares.size(); ++h) {
    std::vector<ResultTable::Cell> row = {static_cast<double>(h + 1)};
    for (Eigen::Index j = 0; j < shares[h].cols(); ++j) {
      row.emplace_back(shares[h](spec.position, j));
    }
    table.rows.push_back(std::move(row));
  }
  return table;
}

}  // namespace

std::vector<ResultTable> system_tables(const VarSystemSpec& spec, const VarSystemData& data,
                                       const VarSystemFit& fit) {
  std::vector<ResultTable> tables;
  if (!fit.criteria.empty()) tables.push_back(lag_table(fit));
  if (fit.error_correction) {
    tables.push_back(johansen_table(fit.error_correction->johansen));
    if (fit.error_correction->rank > 0) {
      for (ResultTable& table : relation_tables(*fit.error_correction, spec.targets)) {
        tables.push_back(std::move(table));
      }
    }
  }
  tables.push_back(root_table(fit));
  tables.push_back(shock_table(fit));
  if (spec.estimator == VarSystemSpec::Estimator::ols) tables.push_back(causality_table(fit));
  if (spec.estimator != VarSystemSpec::Estimator::minnesota) {
    tables.push_back(residual_table(data, fit));
  }
  return tables;
}

std::vector<ResultTable> response_tables(const VarSystemSpec& spec, const VarSystemFit& fit) {
  if (spec.responses == 0) return {};
  return {response_table(spec, fit), share_table(spec, fit)};
}

}  // namespace amnok
