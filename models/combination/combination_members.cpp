#include "models/combination/combination_members.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/stats/observed_length.h"

namespace amnok {

namespace {

constexpr int kOrigins = 4;
constexpr int kPlainWindow = 4;  // without a season
constexpr int kWindowsInSample = 10;

[[noreturn]] void refuse(const CombinationSpec& spec, const std::string& message,
                         const std::string& hint) {
  const std::string& path = spec.weighting_path;
  throw InputError({{Severity::error, spec.weighting_where,
                     path.empty() ? message : fmt::format("{}: {}", path, message), hint}});
}

// The fit of one member, or why there is none.
std::string try_member(const CombinationMember& member, const Sample& sample,
                       std::vector<FittedMember>& fits) {
  try {
    FittedModel fitted = fit_model(*member.model, member_sample(member, sample));
    if (!fitted.result.usable()) return fitted.result.message;
    fits.push_back({member, std::move(fitted), kMissing, kMissing});
    return "";
  } catch (const InputError& error) {
    return error.problems().front().message;
  }
}

// Which inputs of the equation act through which members.
void note_inputs(const CombinationSpec& spec, const Sample& sample, FittedMembers& fits) {
  const auto note = [&](bool CombinationMember::*uses, const std::string& what) {
    std::vector<std::string> without;
    for (const FittedMember& m : fits.members) {
      if (!(m.member.*uses)) without.push_back(m.member.name);
    }
    if (without.empty()) return;
    fits.notes.push_back(
        fmt::format("{} not used by {}: a scenario that changes them acts through "
                    "the other members alone",
                    what, join(without, ", ")));
  };
  if (sample.regressors.cols() > 0) note(&CombinationMember::uses_inputs, "regressors are");
  if (spec.has_events) note(&CombinationMember::uses_events, "dated events are");
  if (sample.sums.empty()) return;
  for (const FittedMember& m : fits.members) {
    if (m.member.uses_inputs) continue;
    fits.notes.push_back(
        fmt::format("to {}, periods that are published as a sum only are missing", m.member.name));
  }
}

// Errors of the forecasts from all origins, a window each; NaN where there is none. `reason`: why
// there are none at some origin.
VectorXd rolling_errors(const FittedMember& m, const Sample& whole, int window,
                        std::string& reason) {
  const Sample sample = member_sample(m.member, whole);
  const std::shared_ptr<const Model> chosen = m.fitted.model->chosen();
  const Model& model = chosen ? *chosen : *m.member.model;
  VectorXd errors = VectorXd::Constant(static_cast<Eigen::Index>(kOrigins) * window, kMissing);
  for (int origin = 0; origin < kOrigins; ++origin) {
    const Eigen::Index rows = sample.n() - static_cast<Eigen::Index>(kOrigins - origin) * window;
    const Sample known = first_rows(sample, rows);
    try {
      const FittedModel fitted = fit_model(model, known);
      if (!fitted.result.usable()) throw InputError(fitted.result.message);
      const Future future{{known.range.last() + 1, window},
                          sample.regressors.middleRows(rows, window),
                          sample.events};
      errors.segment(static_cast<Eigen::Index>(origin) * window, window) =
          sample.y.segment(rows, window) - fitted.model->forecast_mean(fitted.result, future);
    } catch (const InputError& error) {
      reason = fmt::format("{}: {}", format_period(known.range.last()),
                           error.problems().front().message);
    }
  }
  return errors;
}

// The same of every member, a column each; `scored` are those that have any.
MatrixXd member_errors(const std::vector<FittedMember>& members, const Sample& sample, int window,
                       std::vector<Eigen::Index>& scored, std::vector<std::string>& notes) {
  const auto count = static_cast<Eigen::Index>(members.size());
  MatrixXd errors(static_cast<Eigen::Index>(kOrigins) * window, count);
  for (Eigen::Index i = 0; i < count; ++i) {
    const FittedMember& m = members[static_cast<std::size_t>(i)];
    std::string reason;
    errors.col(i) = rolling_errors(m, sample, window, reason);
    if (errors.col(i).array().isFinite().any()) {
      scored.push_back(i);
    } else {
      notes.push_back(
          fmt::format("{} weighs nothing: it could not be backtested ({})", m.member.name, reason));
    }
  }
  return errors;
}

}  // namespace

Sample member_sample(const CombinationMember& member, const Sample& sample) {
  Sample own = sample;
  if (member.uses_inputs) return own;
  own.sums.clear();
  own.regressor_names.clear();
  own.regressors.resize(sample.n(), 0);
  return own;
}

Future member_future(const CombinationMember& member, const Future& future) {
  Future own = future;
  if (!member.uses_inputs) own.regressors.resize(future.range.count, 0);
  return own;
}

DrawnFuture member_future(const CombinationMember& member, const DrawnFuture& future) {
  DrawnFuture own{future.range, {}, future.events};
  if (member.uses_inputs) own.regressors = future.regressors;
  return own;
}

FittedMembers fit_members(const CombinationSpec& spec, const Sample& sample) {
  FittedMembers fits;
  for (const CombinationMember& member : spec.members) {
    const std::string reason = try_member(member, sample, fits.members);
    if (reason.empty()) continue;
    fits.left_out.emplace_back(member.name, reason);
    fits.notes.push_back(fmt::format("{} is left out: {}", member.name, reason));
  }
  const bool chosen = spec.chosen_weights.size() > 0;
  if (fits.members.empty() || (chosen && !fits.left_out.empty())) {
    std::vector<std::string> reasons;
    for (const auto& [name, reason] : fits.left_out) {
      reasons.push_back(fmt::format("{}: {}", name, reason));
    }
    throw InputError(fmt::format("{} of the combination can be fitted: {}",
                                 chosen ? "not every member" : "no member", join(reasons, "; ")));
  }
  note_inputs(spec, sample, fits);
  if (spec.combine == Combine::median) return fits;
  const auto count = static_cast<Eigen::Index>(fits.members.size());
  VectorXd weights = VectorXd::Constant(count, 1.0 / static_cast<double>(count));
  if (chosen) {
    weights = spec.chosen_weights;
  } else if (spec.weighting == MemberWeighting::aicc) {
    weights = aicc_weights(spec, fits.members);
  } else if (spec.weighting == MemberWeighting::backtest) {
    weights = backtest_weights(spec, sample, fits.members, fits.notes);
  }
  for (Eigen::Index i = 0; i < count; ++i) {
    fits.members[static_cast<std::size_t>(i)].weight = weights(i);
  }
  return fits;
}

VectorXd aicc_weights(const CombinationSpec& spec, const std::vector<FittedMember>& members) {
  const auto data_of = [](const FittedMember& m) {
    const FitResult& fit = m.fitted.result;
    return fmt::format("{} ({} observations)",
                       fit.likelihood_data.empty() ? "the target itself" : fit.likelihood_data,
                       fit.nobs);
  };
  const FittedMember& first = members.front();
  VectorXd weights(static_cast<Eigen::Index>(members.size()));
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (data_of(members[i]) != data_of(first)) {
      refuse(spec,
             fmt::format("AICc compares likelihoods of the same data only, but that of {} is of "
                         "{}, that of {} of {}",
                         first.member.name, data_of(first), members[i].member.name,
                         data_of(members[i])),
             "weights = \"backtest\" compares forecasts of any members");
    }
    const double aicc = members[i].fitted.result.aicc;
    if (!std::isfinite(aicc)) {
      refuse(spec,
             fmt::format("{} has no AICc: {} observations are too few for its {} parameters",
                         members[i].member.name, members[i].fitted.result.nobs,
                         members[i].fitted.result.parameters.size() + 1),
             "weights = \"equal\" needs none");
    }
    weights(static_cast<Eigen::Index>(i)) = aicc;
  }
  weights = (-(weights.array() - weights.minCoeff()) / 2).exp();
  return weights / weights.sum();
}

VectorXd backtest_weights(const CombinationSpec& spec, const Sample& all,
                          std::vector<FittedMember>& members, std::vector<std::string>& notes) {
  // Without the gap at its end, of which there is nothing to forecast.
  const Sample sample = all.sums.empty() ? first_rows(all, observed_length(all.y)) : all;
  const int window = std::clamp(sample.n() / kWindowsInSample, 1,
                                sample.season > 1 ? sample.season : kPlainWindow);
  const auto count = static_cast<Eigen::Index>(members.size());
  if (sample.n() <= kOrigins * window) {
    refuse(spec,
           fmt::format("the sample has {} periods, but a backtest needs more than {}", sample.n(),
                       kOrigins * window),
           "weights = \"equal\" needs none");
  }
  std::vector<Eigen::Index> scored;
  const MatrixXd errors = member_errors(members, sample, window, scored, notes);
  VectorXd squares = VectorXd::Zero(count);
  int periods = 0;  // that every scored member forecast
  for (Eigen::Index t = 0; t < errors.rows() && !scored.empty(); ++t) {
    const auto known = [&](Eigen::Index i) { return std::isfinite(errors(t, i)); };
    if (!std::all_of(scored.begin(), scored.end(), known)) continue;
    for (Eigen::Index i : scored) squares(i) += errors(t, i) * errors(t, i);
    ++periods;
  }
  if (scored.empty() || periods < kOrigins) {
    refuse(
        spec,
        fmt::format("{} of the last {} periods could be forecast by every member, but a backtest "
                    "needs at least {}",
                    periods, errors.rows(), kOrigins),
        "weights = \"equal\" needs none");
  }
  // A perfect forecast would weigh infinitely: errors count to six digits.
  const double least = std::max(1e-12 * squares.maxCoeff(), 1e-300);
  VectorXd weights = VectorXd::Zero(count);
  for (Eigen::Index i : scored) {
    members[static_cast<std::size_t>(i)].backtest_rmse = std::sqrt(squares(i) / periods);
    weights(i) = 1 / std::max(squares(i), least);
  }
  notes.push_back(fmt::format(
      "weights by the errors of {} forecasts, 1 to {} periods ahead from {} origins ending {}",
      periods, window, kOrigins, format_period(sample.range.last() - window)));
  return weights / weights.sum();
}

}  // namespace amnok
