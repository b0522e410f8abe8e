#include "engine/regression/synthetic_control.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/input_error.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/solver/nelder_mead.h"
#include "engine/solver/simplex_least_squares.h"

namespace amnok {

namespace {

void check_data(const SyntheticControlData& data) {
  const Eigen::Index periods = data.outcome.size(), donors = data.donor_outcomes.cols();
  AMNOK_CHECK(data.donor_outcomes.rows() == periods, "{} periods, {} of donors", periods,
              data.donor_outcomes.rows());
  AMNOK_CHECK(data.predictors.size() == data.donor_predictors.rows(), "{} predictors, {} of donors",
              data.predictors.size(), data.donor_predictors.rows());
  AMNOK_CHECK(static_cast<Eigen::Index>(data.donors.size()) == donors, "{} names of {} donors",
              data.donors.size(), donors);
  ProblemList problems;
  if (donors < 1) problems.error({}, "the number of donors is 0, but must be at least 1");
  if (data.treated_from < 1 || data.treated_from >= periods) {
    problems.error({}, fmt::format("the event is in period {} of {}, but must leave periods before "
                                   "and after",
                                   data.treated_from + 1, periods));
  }
  if (data.fitting.empty()) problems.error({}, "there are no fitting periods");
  for (int t : data.fitting) {
    if (t < 0 || t >= periods) {
      problems.error({},
                     fmt::format("fitting period {} is outside the {} periods", t + 1, periods));
    }
  }
  if (!data.outcome.allFinite() || !data.donor_outcomes.allFinite()) {
    problems.error({}, "an outcome is missing, but all units must be observed in all periods",
                   "leave out donors or periods with gaps");
  }
  if (!data.predictors.allFinite() || !data.donor_predictors.allFinite()) {
    problems.error({}, "a predictor is missing, but all units must have all of them");
  }
  problems.throw_if_errors();
}

// Predictors over their standard deviations (n - 1), the treated unit first.
MatrixXd scaled_predictors(const SyntheticControlData& data) {
  MatrixXd x(data.predictors.size(), data.donor_predictors.cols() + 1);
  x << data.predictors, data.donor_predictors;
  ProblemList problems;
  for (Eigen::Index m = 0; m < x.rows(); ++m) {
    const double mean = x.row(m).mean();
    const double sd =
        std::sqrt((x.row(m).array() - mean).square().sum() / static_cast<double>(x.cols() - 1));
    if (!(sd > 0)) {
      problems.error({},
                     fmt::format("predictor {} is {} for all units, but must vary", m + 1, mean));
      continue;
    }
    x.row(m) /= sd;
  }
  problems.throw_if_errors();
  return x;
}

// The inner problem and what it says of the fitting periods.
class Nested {
 public:
  explicit Nested(const SyntheticControlData& data)
      : x_(scaled_predictors(data)),
        z_(data.donor_outcomes(data.fitting, Eigen::all)),
        z1_(data.outcome(data.fitting)) {}

  VectorXd weights(const VectorXd& v) {
    ++evaluations_;
    const VectorXd root = v.cwiseMax(0).cwiseSqrt();
    return simplex_least_squares(root.asDiagonal() * x_.rightCols(x_.cols() - 1),
                                 root.cwiseProduct(x_.col(0)))
        .weights;
  }
  double mspe(const VectorXd& w) const {
    return (z1_ - z_ * w).squaredNorm() / static_cast<double>(z1_.size());
  }

  // V from the search, see the header.
  VectorXd search() {
    const Eigen::Index k = x_.rows();
    std::vector<VectorXd> starts = {VectorXd::Constant(k, 1.0 / static_cast<double>(k)),
                                    regression_weights(), best_single()};
    const std::function<double(const VectorXd&)> objective = [&](const VectorXd& u) {
      return mspe(weights(weights_at(u)));
    };
    VectorXd best = starts.front();
    double lowest = INFINITY;
    for (const VectorXd& start : starts) {
      VectorXd u = start.cwiseMax(1e-6).array().log();
      NelderMeadOptions options;
      options.step = 1.5;
      options.max_evaluations = 300 * static_cast<int>(k);
      // The simplex collapses at kinks; a fresh one goes on from there.
      for (int restart = 0; restart < 4; ++restart) {
        const NelderMeadResult found = nelder_mead(objective, u, options);
        const bool better = found.value < lowest * (1 - 1e-6);
        if (found.value < lowest) {
          lowest = found.value;
          best = weights_at(found.x);
        }
        u = found.x;
        if (!better && restart > 0) break;
      }
    }
    return best;
  }

  int evaluations() const { return evaluations_; }

 private:
  static VectorXd weights_at(const VectorXd& u) {
    const VectorXd v = (u.array() - u.maxCoeff()).exp();
    return v / v.sum();
  }

  // Squared coefficients of the outcomes on all predictors over all units, summed over periods.
  VectorXd regression_weights() const {
    const Eigen::Index units = x_.cols();
    LinearLeastSquares problem{MatrixXd(units, x_.rows() + 1), VectorXd(units)};
    problem.x << VectorXd::Ones(units), x_.transpose();
    VectorXd sum = VectorXd::Zero(x_.rows());
    for (Eigen::Index t = 0; t < z1_.size(); ++t) {
      problem.y << z1_(t), z_.row(t).transpose();
      sum += solve(problem).coefficients.tail(x_.rows()).cwiseAbs2();
    }
    if (!(sum.sum() > 0))
      return VectorXd::Constant(x_.rows(), 1.0 / static_cast<double>(x_.rows()));
    return sum / sum.sum();
  }

  // Nearly all weight on the predictor that does best alone.
  VectorXd best_single() {
    const Eigen::Index k = x_.rows();
    VectorXd best;
    double lowest = INFINITY;
    for (Eigen::Index m = 0; m < k; ++m) {
      VectorXd v = VectorXd::Constant(k, 0.1 / static_cast<double>(k));
      v(m) += 0.9;
      const double value = mspe(weights(v));
      if (value < lowest) {
        lowest = value;
        best = v;
      }
    }
    return best;
  }

  MatrixXd x_;  // K x (1 + J)
  MatrixXd z_;
  VectorXd z1_;
  int evaluations_ = 0;
};

double root_mean_square(const VectorXd& x) {
  return std::sqrt(x.squaredNorm() / static_cast<double>(x.size()));
}

SyntheticControl with_weights(const SyntheticControlData& data, const VectorXd& weights) {
  SyntheticControl fit;
  fit.weights = weights;
  fit.gaps = data.outcome - data.donor_outcomes * weights;
  const VectorXd fitted_gaps = fit.gaps(data.fitting);
  fit.mspe = fitted_gaps.squaredNorm() / static_cast<double>(fitted_gaps.size());
  fit.pre_rmspe = root_mean_square(fit.gaps.head(data.treated_from));
  fit.post_rmspe = root_mean_square(fit.gaps.tail(fit.gaps.size() - data.treated_from));
  return fit;
}

SyntheticControlData without_donor(const SyntheticControlData& data, Eigen::Index out) {
  SyntheticControlData rest = data;
  std::vector<Eigen::Index> kept;
  for (Eigen::Index j = 0; j < data.donor_outcomes.cols(); ++j) {
    if (j != out) kept.push_back(j);
  }
  rest.donor_outcomes = data.donor_outcomes(Eigen::all, kept);
  rest.donor_predictors = data.donor_predictors(Eigen::all, kept);
  rest.donors.erase(rest.donors.begin() + out);
  return rest;
}

}  // namespace

SyntheticControl synthetic_control_of_outcomes(const SyntheticControlData& data) {
  check_data(data);
  SyntheticControl fit =
      with_weights(data, simplex_least_squares(data.donor_outcomes(data.fitting, Eigen::all),
                                               data.outcome(data.fitting))
                             .weights);
  fit.evaluations = 1;
  return fit;
}

SyntheticControl synthetic_control(const SyntheticControlData& data,
                                   const std::optional<VectorXd>& predictor_weights) {
  if (data.predictors.size() == 0) return synthetic_control_of_outcomes(data);
  check_data(data);
  Nested nested(data);
  if (predictor_weights &&
      (predictor_weights->size() != data.predictors.size() ||
       !(predictor_weights->minCoeff() >= 0) || !(predictor_weights->sum() > 0))) {
    throw InputError(fmt::format(
        "there are {} predictor weights, but must be {}, none negative and not all zero",
        predictor_weights->size(), data.predictors.size()));
  }
  const VectorXd v = predictor_weights ? *predictor_weights : nested.search();
  SyntheticControl fit = with_weights(data, nested.weights(v));
  fit.predictor_weights = v;
  fit.evaluations = nested.evaluations();
  return fit;
}

PlaceboUnits placebo_units(const SyntheticControlData& data,
                           const std::optional<VectorXd>& predictor_weights,
                           double largest_pre_ratio) {
  const auto unit_of = [](const std::string& name, const SyntheticControl& fit) {
    return PlaceboUnit{name, fit.pre_rmspe, fit.post_rmspe, fit.gaps};
  };
  PlaceboUnits result;
  result.treated = unit_of("treated", synthetic_control(data, predictor_weights));
  int reached = 1;
  for (Eigen::Index j = 0; data.donor_outcomes.cols() > 1 && j < data.donor_outcomes.cols(); ++j) {
    SyntheticControlData as_treated = without_donor(data, j);
    as_treated.outcome = data.donor_outcomes.col(j);
    as_treated.predictors = data.donor_predictors.col(j);
    const PlaceboUnit unit = unit_of(data.donors[static_cast<std::size_t>(j)],
                                     synthetic_control(as_treated, predictor_weights));
    if (unit.pre_rmspe > largest_pre_ratio * result.treated.pre_rmspe) continue;
    if (unit.ratio() >= result.treated.ratio()) ++reached;
    result.placebos.push_back(unit);
  }
  result.p_value = reached / (1.0 + static_cast<double>(result.placebos.size()));
  return result;
}

std::vector<LeftOutDonor> leave_one_donor_out(const SyntheticControlData& data,
                                              const std::optional<VectorXd>& predictor_weights) {
  const SyntheticControl whole = synthetic_control(data, predictor_weights);
  std::vector<LeftOutDonor> result;
  for (Eigen::Index j = 0; j < whole.weights.size() && whole.weights.size() > 1; ++j) {
    if (whole.weights(j) <= 0) continue;
    result.push_back({data.donors[static_cast<std::size_t>(j)],
                      synthetic_control(without_donor(data, j), predictor_weights)});
  }
  return result;
}

}  // namespace amnok
