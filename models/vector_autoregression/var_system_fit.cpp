#include "models/vector_autoregression/var_system_fit.h"

#include <fmt/format.h>

#include <Eigen/Cholesky>
#include <algorithm>
#include <cmath>
#include <map>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

namespace {

using Estimator = VarSystemSpec::Estimator;
using LagRule = VarSystemSpec::LagRule;

bool is_complete(const VarSystemData& data, Eigen::Index row) {
  return data.y.row(row).allFinite();
}

// A variable without variance has no equation, and as a lag it is a constant.
void check_varies(const VarSystemData& data) {
  for (Eigen::Index j = 0; j < data.y.cols(); ++j) {
    std::vector<double> values;
    for (Eigen::Index row = data.presample; row < data.rows(); ++row) {
      if (std::isfinite(data.y(row, j))) values.push_back(data.y(row, j));
    }
    const std::string& name = data.variables[static_cast<std::size_t>(j)];
    if (values.empty()) throw InputError(fmt::format("{} has no value in the sample", name));
    if (*std::max_element(values.begin(), values.end()) >
        *std::min_element(values.begin(), values.end())) {
      continue;
    }
    throw InputError(
        fmt::format("the series is constant: {} is {} in all {} observations, but "
                    "must vary",
                    name, format_number(values[0]), values.size()));
  }
}

// Its terms; exogenous columns come with the lags, which say how many rows there are.
VarSpec terms_of(const VarSystemSpec& spec, const VarSystemData& data) {
  VarSpec terms;
  bool constant = spec.constant, trend = spec.trend;
  if (spec.estimator == Estimator::vecm) {
    constant = has_constant(spec.terms);
    trend = has_trend(spec.terms);
  }
  terms.terms = constant && trend ? VarTerms::constant_and_trend
                : constant        ? VarTerms::constant
                : trend           ? VarTerms::trend
                                  : VarTerms::none;
  if (spec.seasonal_dummies && data.season > 1) terms.season = data.season;
  terms.exogenous_names = data.exogenous_names;
  terms.skip_missing = true;
  return terms;
}

// Of a row of the data, from 0: by the calendar in months and quarters, else counted from the first
// period of the sample.
int season_of(const VarSystemData& data, int row) {
  const Period period = data.period(row);
  const bool named =
      period.frequency == Frequency::monthly || period.frequency == Frequency::quarterly;
  if (named) return season_index(period);
  const int before = (row - data.presample) % data.season;
  return before < 0 ? before + data.season : before;
}

VarSpec with_lags(VarSpec terms, int lags, const VarSystemData& data, int first_row) {
  terms.lags = lags;
  if (terms.season > 0) terms.season_start = season_of(data, first_row);
  if (data.exogenous.cols() > 0) {
    terms.exogenous = data.exogenous.bottomRows(data.rows() - first_row);
  }
  return terms;
}

MatrixXd rows_from(const VarSystemData& data, int first_row) {
  return data.y.bottomRows(data.rows() - first_row);
}

// As many lags as the observations can carry, up to max_lags; 0: not even one.
int feasible_lags(const VarSystemSpec& spec, const VarSystemData& data, const VarSpec& terms) {
  for (int lags = spec.max_lags; lags >= 1; --lags) {
    const int first = data.presample - lags;
    const VectorAutoregression var =
        prepare_var(rows_from(data, first), data.variables, with_lags(terms, lags, data, first));
    if (var.observations() >= var.regressor_count() + var.size()) return lags;
  }
  return 0;
}

int least(const std::vector<VarCriteria>& criteria, double VarCriteria::*criterion) {
  return std::min_element(criteria.begin(), criteria.end(),
                          [&](const auto& a, const auto& b) { return a.*criterion < b.*criterion; })
      ->lags;
}

// At least one lag: without lags there is no system.
int chosen_lags(const VarSystemSpec& spec, const VarSystemData& data, const VarSpec& terms,
                VarSystemFit& fit) {
  if (spec.lag_rule == LagRule::given) return spec.lags;
  const int most = feasible_lags(spec, data, terms);
  if (most == 0) {
    throw InputError(
        fmt::format("the {} complete rows of {} variables do not carry one lag by least squares, "
                    "on which criteria compare lags",
                    (data.y.array().isFinite().rowwise().all()).count(), data.size()),
        "give lags as a number, with estimator = \"minnesota\"; or shorten the list of targets");
  }
  if (most < spec.max_lags) {
    fit.notes.push_back(
        fmt::format("the observations carry at most {} lags: longer ones, up to "
                    "max_lags = {}, are not compared",
                    most, spec.max_lags));
  }
  const int first = data.presample - most;
  const VarLagChoice choice = choose_var_lags(rows_from(data, first), data.variables,
                                              with_lags(terms, most, data, first), most);
  fit.criteria.assign(choice.criteria.begin() + 1, choice.criteria.end());
  fit.compared_rows =
      prepare_var(rows_from(data, first), data.variables, with_lags(terms, most, data, first))
          .observations();
  return least(fit.criteria, spec.lag_rule == LagRule::bic  ? &VarCriteria::bic
                             : spec.lag_rule == LagRule::hq ? &VarCriteria::hq
                                                            : &VarCriteria::aic);
}

void fit_least_squares(const MatrixXd& y, const VarSystemData& data, const VarSpec& terms,
                       VarSystemFit& fit) {
  fit.var = fit_var(y, data.variables, terms);
  const int df = fit.var.df_residual(), k = fit.var.size();
  fit.sigma = fit.var.sigma_ml();
  fit.coefficient_scale = fit.var.sigma_adjusted();
  fit.covariance_kind = "classical, of the whole system";
  fit.inference_df = df;
  fit.posterior = VarPosterior(fit.var.coefficients, fit.var.xtx_inverse,
                               fit.sigma * fit.var.observations(), df + k - 1);
}

void fit_prior(const VarSystemSpec& spec, const MatrixXd& y, const VarSystemData& data,
               const VarSpec& terms, VarSystemFit& fit) {
  fit.prior =
      spec.choose_tightness ? choose_tightness(y, data.variables, terms, spec.prior) : spec.prior;
  const BayesianVar bayesian = fit_bayesian_var(y, data.variables, terms, fit.prior);
  fit.var = bayesian.mean;
  fit.sigma = bayesian.mean.sigma();
  fit.coefficient_scale = fit.sigma;
  fit.covariance_kind = "posterior, Minnesota prior";
  fit.posterior =
      VarPosterior(fit.var.coefficients, fit.var.xtx_inverse, bayesian.scale, bayesian.df);
  fit.notes.push_back(fmt::format(
      "Minnesota prior: tightness {}{}, decay {}, prior mean of an own first lag {}; log marginal "
      "likelihood {}",
      format_significant(fit.prior.tightness, 4),
      spec.choose_tightness ? " (largest marginal likelihood)" : "",
      format_significant(fit.prior.decay, 4), format_significant(fit.prior.own_lag, 4),
      format_significant(bayesian.log_marginal_likelihood, 7)));
}

// The rows of an error-correction model: from the first complete one to the last, without a gap.
struct Span {
  int first = 0, last = 0;
};
Span complete_span(const VarSystemData& data, int from) {
  Span span{from, data.rows() - 1};
  while (span.first < span.last && !is_complete(data, span.first)) ++span.first;
  while (span.last > span.first && !is_complete(data, span.last)) --span.last;
  std::string gaps;
  int count = 0;
  for (int row = span.first; row <= span.last; ++row) {
    if (is_complete(data, row)) continue;
    if (++count <= 3) gaps += (gaps.empty() ? "" : ", ") + format_period(data.period(row));
  }
  if (count > 0) {
    throw InputError(
        fmt::format("{} periods between {} and {} lack a value ({}{}), but an "
                    "error-correction model needs all",
                    count, format_period(data.period(span.first)),
                    format_period(data.period(span.last)), gaps, count > 3 ? ", ..." : ""),
        "give a `sample` without gaps, or use estimator = \"ols\" or \"minnesota\", "
        "which leave rows out");
  }
  return span;
}

void fit_error_correction(const VarSystemSpec& spec, const VarSystemData& data,
                          const VarSpec& terms, VarSystemFit& fit) {
  if (data.exogenous.cols() > 0) {
    throw InputError(fmt::format("regressors has {} expressions, but must be left out of an "
                                 "error-correction model",
                                 data.exogenous.cols()),
                     "use estimator = \"ols\" or \"minnesota\"");
  }
  const Span span = complete_span(data, fit.first_row);
  fit.first_row = span.first;
  const MatrixXd y = data.y.middleRows(span.first, span.last - span.first + 1);
  JohansenSpec johansen_spec;
  johansen_spec.lags = terms.lags;
  johansen_spec.terms = spec.terms;
  johansen_spec.season = terms.season;
  if (terms.season > 0) johansen_spec.season_start = season_of(data, span.first);
  const int rank =
      spec.rank ? *spec.rank : johansen(y, data.variables, johansen_spec).rank(spec.rank_level);
  fit.error_correction = fit_vecm(y, data.variables, johansen_spec, rank);
  const VecmFit& vecm = *fit.error_correction;
  fit.var = vecm.levels;
  const Eigen::Index t = fit.var.observations(), k = fit.var.size(),
                     each = rank + vecm.terms.cols() + k * (terms.lags - 1);
  fit.sigma = fit.var.given_sigma;
  const auto df = static_cast<double>(t - each);
  fit.coefficient_scale = fit.sigma * static_cast<double>(t) / df;
  fit.covariance_kind = "given the cointegrating relations";
  fit.inference_df = df;
  fit.posterior = VarPosterior(fit.var.coefficients, fit.var.xtx_inverse,
                               fit.sigma * static_cast<double>(t), df + static_cast<double>(k) - 1);
  fit.notes.push_back(fmt::format(
      "error correction of rank {}{}: {} common trend{}; coefficients are those of the "
      "levels",
      rank,
      spec.rank
          ? ""
          : fmt::format(" by the trace test at {} %", format_significant(100 * spec.rank_level, 3)),
      k - rank, k - rank == 1 ? "" : "s"));
}

void note_rows(const VarSystemData& data, VarSystemFit& fit) {
  const int rows = data.rows() - fit.first_row - fit.lags(), used = fit.var.observations();
  if (used == rows) return;
  fit.notes.push_back(fmt::format(
      "{} of {} periods enter the estimates: those with a value of every variable{}, and of every "
      "variable in the {} before",
      used, rows, data.exogenous.cols() > 0 ? " and regressor" : "",
      fit.lags() == 1 ? "period" : fmt::format("{} periods", fit.lags())));
}

void note_stability(const VarSystemSpec& spec, VarSystemFit& fit) {
  const VectorXd moduli = companion_moduli(fit.var);
  if (moduli.size() == 0) return;
  const bool cointegrated = spec.estimator == Estimator::vecm;
  if (moduli(0) < 1 || (cointegrated && moduli(0) < 1 + 1e-6)) return;
  fit.notes.push_back(fmt::format(
      "the system is not stable: its largest root has modulus {}, and projections run away by that "
      "factor a period in the end; estimator = \"vecm\", a Minnesota prior or targets in other "
      "forms may help",
      format_significant(moduli(0), 5)));
}

// Terms of every row from `first_row` on, exogenous columns included.
MatrixXd terms_of_rows(const VarSystemFit& fit, const VarSystemData& data) {
  VectorAutoregression numbering;  // counts rows from the first one
  numbering.spec = fit.var.spec;
  numbering.y.resize(0, fit.var.size());
  const int rows = data.rows() - fit.first_row;
  return var_future_terms(numbering, rows, data.exogenous.bottomRows(rows));
}

// The least-squares problem whose unknowns are the missing values: rows are whitened shocks
// W u_t, W'W = S^-1.
class GapProblem {
 public:
  GapProblem(const VarSystemFit& fit, const VarSystemData& data)
      : fit_(fit), data_(data), terms_(terms_of_rows(fit, data)) {
    const Eigen::Index k = fit.var.size();
    const MatrixXd root = fit.sigma.llt().matrixL();
    MatrixXd whiten = root.triangularView<Eigen::Lower>().solve(MatrixXd::Identity(k, k));
    effects_.push_back(whiten);
    for (int lag = 1; lag <= fit.lags(); ++lag)
      effects_.push_back(-whiten * fit.var.lag_matrix(lag));
    find_gaps();
    for (Eigen::Index t = fit.lags(); t < terms_.rows() && !gaps_.empty(); ++t) add_row(t);
  }

  MatrixXd filled() const {
    MatrixXd y = data_.y;
    if (rows_.empty()) return y;
    LinearLeastSquares problem{MatrixXd(static_cast<Eigen::Index>(rows_.size()), count()),
                               VectorXd(static_cast<Eigen::Index>(rows_.size()))};
    for (std::size_t i = 0; i < rows_.size(); ++i) {
      problem.x.row(static_cast<Eigen::Index>(i)) = rows_[i].slopes;
      problem.y(static_cast<Eigen::Index>(i)) = -rows_[i].known;
    }
    const VectorXd values = solve(problem).coefficients;
    for (const auto& [cell, index] : gaps_) y(cell.first, cell.second) = values(index);
    return y;
  }

 private:
  struct Row {
    Eigen::RowVectorXd slopes;
    double known = 0;
  };

  Eigen::Index count() const { return static_cast<Eigen::Index>(gaps_.size()); }

  // Those after their variable's first observation and with terms of their own period: each has a
  // shock of its own, so that the problem has full rank.
  void find_gaps() {
    for (Eigen::Index j = 0; j < data_.y.cols(); ++j) {
      bool seen = false;
      for (Eigen::Index row = 0; row < data_.rows(); ++row) {
        const bool observed = std::isfinite(data_.y(row, j));
        seen = seen || observed;
        const Eigen::Index t = row - fit_.first_row;
        if (observed || !seen || t < fit_.lags() || !terms_.row(t).allFinite()) continue;
        gaps_.emplace(std::pair{row, j}, count());
      }
    }
  }

  void add_row(Eigen::Index t) {
    if (!terms_.row(t).allFinite()) return;
    VectorXd known =
        -effects_[0] * (terms_.row(t) * fit_.var.coefficients.topRows(terms_.cols())).transpose();
    MatrixXd slopes = MatrixXd::Zero(known.size(), count());
    bool touches = false;
    for (std::size_t lag = 0; lag < effects_.size(); ++lag) {
      const Eigen::Index row = fit_.first_row + t - static_cast<Eigen::Index>(lag);
      for (Eigen::Index j = 0; j < data_.y.cols(); ++j) {
        const auto gap = gaps_.find({row, j});
        if (gap != gaps_.end()) {
          slopes.col(gap->second) += effects_[lag].col(j);
          touches = true;
        } else if (std::isfinite(data_.y(row, j))) {
          known += effects_[lag].col(j) * data_.y(row, j);
        } else {
          return;  // something that cannot be filled enters
        }
      }
    }
    if (!touches) return;
    for (Eigen::Index i = 0; i < known.size(); ++i) rows_.push_back({slopes.row(i), known(i)});
  }

  const VarSystemFit& fit_;
  const VarSystemData& data_;
  MatrixXd terms_;
  std::vector<MatrixXd> effects_;  // of y_t, y_{t-1}, ... in the whitened shocks of t
  std::map<std::pair<Eigen::Index, Eigen::Index>, Eigen::Index> gaps_;  // row of y, variable
  std::vector<Row> rows_;
};

}  // namespace

VarSystemFit fit_system_of(const VarSystemSpec& spec, const VarSystemData& data) {
  check_varies(data);
  VarSystemFit fit;
  const VarSpec terms = terms_of(spec, data);
  const int lags = chosen_lags(spec, data, terms, fit);
  fit.first_row = data.presample - lags;
  const VarSpec own = with_lags(terms, lags, data, fit.first_row);
  const MatrixXd y = rows_from(data, fit.first_row);
  if (spec.estimator == Estimator::ols) fit_least_squares(y, data, own, fit);
  if (spec.estimator == Estimator::minnesota) fit_prior(spec, y, data, own, fit);
  if (spec.estimator == Estimator::vecm) fit_error_correction(spec, data, own, fit);
  note_rows(data, fit);
  note_stability(spec, fit);
  return fit;
}

MatrixXd completed_system(const VarSystemFit& fit, const VarSystemData& data) {
  return GapProblem(fit, data).filled();
}

}  // namespace amnok
