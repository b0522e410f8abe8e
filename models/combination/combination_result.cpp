// What a combination says of itself: parameters, combined residuals, the table of members.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "models/combination/bound_combination.h"

namespace amnok {

namespace {

const char* weighting_words(MemberWeighting weighting) {
  switch (weighting) {
    case MemberWeighting::equal:
      break;
    case MemberWeighting::aicc:
      return "weights by AICc";
    case MemberWeighting::backtest:
      return "weights by backtest";
  }
  return "equal weights";
}

// Of "log(x) = ARIMA(0,1,1)"; the left side is the combination's.
std::string right_side(const std::string& equation) {
  const auto at = equation.find(" = ");
  return at == std::string::npos ? equation : equation.substr(at + 3);
}

// A member's block of parameters under its own name.
void add_named(const ParameterVector& from, const std::string& member, ParameterVector& to) {
  for (const ParameterVector::Block& block : from.blocks()) {
    std::vector<std::string> names;
    std::vector<double> values;
    for (int i = block.first; i < block.first + block.count; ++i) {
      names.push_back(member + "." + from.names()[static_cast<std::size_t>(i)]);
      values.push_back(from.values()(i));
    }
    if (block.count == 1) {
      to.add(names[0], values[0], block.constraint, block.lower, block.upper);
    } else {
      to.add_block(names, values, block.constraint);
    }
  }
}

// A table or note of a member, told apart from those of the others.
void add_details(const FittedMember& m, FitResult& result) {
  for (ResultTable table : m.fitted.result.tables) {
    table.name = m.member.name + "_" + table.name;
    table.title = m.member.name + ": " + table.title;
    result.tables.push_back(std::move(table));
  }
  for (const std::string& note : m.fitted.result.notes) {
    result.notes.push_back(m.member.name + ": " + note);
  }
}

}  // namespace

FitResult BoundCombination::make_result() const {
  FitResult result;
  result.plugin = "combination";
  result.equation = equation_text();
  result.sample = sample_.range;
  result.message =
      fmt::format("{} of {} members fitted, {}", count(), count() + fits_.left_out.size(),
                  spec_.combine == Combine::median ? "median" : weighting_words(spec_.weighting));
  add_parameters(result);
  add_residuals(result);
  result.tables.push_back(member_table());
  result.notes = fits_.notes;
  for (const FittedMember& m : fits_.members) add_details(m, result);
  return result;
}

void BoundCombination::add_parameters(FitResult& result) const {
  Eigen::Index size = 0;
  for (const FittedMember& m : fits_.members) {
    size += m.fitted.result.parameters.size();
    add_named(m.fitted.result.parameters, m.member.name, result.parameters);
  }
  result.covariance = MatrixXd::Zero(size, size);
  std::vector<std::string> kinds;
  for (std::size_t i = 0; i < count(); ++i) {
    const FitResult& fit = member(i).fitted.result;
    const int k = fit.parameters.size();
    if (fit.covariance.rows() != k || k == 0) continue;
    result.covariance.block(offsets_[i], offsets_[i], k, k) = fit.covariance;
    kinds.push_back(fmt::format("{} ({})", fit.covariance_kind, member(i).member.name));
  }
  result.covariance_kind = join(kinds, ", ");
}

void BoundCombination::add_residuals(FitResult& result) const {
  result.residuals = VectorXd::Constant(sample_.n(), kMissing);
  result.fitted = result.residuals;
  result.rss = 0;
  VectorXd values(static_cast<Eigen::Index>(count()));
  for (Eigen::Index t = 0; t < sample_.n(); ++t) {
    bool known = true;
    for (std::size_t i = 0; i < count(); ++i) {
      const FitResult& fit = member(i).fitted.result;
      const double value = t < fit.fitted.size() ? fit.fitted(t) : kMissing;
      values(static_cast<Eigen::Index>(i)) = value;
      known = known && (std::isfinite(value) || member(i).weight == 0);
    }
    if (std::isnan(sample_.y(t))) ++result.missing;
    if (!known) continue;
    result.fitted(t) = combined(values);
    result.residuals(t) = sample_.y(t) - result.fitted(t);
    if (std::isnan(result.residuals(t))) continue;
    result.rss += result.residuals(t) * result.residuals(t);
    ++result.nobs;
  }
  const double n = result.nobs;
  result.sigma2 = result.rss > 0 ? result.rss / n : mean_sigma_ * mean_sigma_;
  // Of the combined errors, to compare with other equations; it maximises nothing, so that there
  // are no information criteria.
  result.log_likelihood = -0.5 * n * (1 + std::log(2 * std::numbers::pi * result.sigma2));
  result.likelihood_data = "combined one-step errors";
}

ResultTable BoundCombination::member_table() const {
  const Transform& transform = sample_.target.transform;
  ResultTable table{"members",
                    fmt::format("Members (forecast: median of {} in {})", sample_.target.variable,
                                format_period(sample_.range.last() + 1)),
                    {"member", "status", "weight", "aicc", "backtest_rmse", "forecast", "equation"},
                    {}};
  VectorXd ahead(static_cast<Eigen::Index>(count()));
  for (std::size_t i = 0; i < count(); ++i) {
    const FittedMember& m = member(i);
    const FitResult& fit = m.fitted.result;
    const bool inputs = m.member.uses_inputs && sample_.regressors.cols() > 0;
    const Future next{{sample_.range.last() + 1, 1}, MatrixXd(1, 0), sample_.events};
    // With regressors, a forecast needs a scenario.
    const double z = inputs ? kMissing : m.fitted.model->forecast_mean(fit, next)(0);
    ahead(static_cast<Eigen::Index>(i)) = z;
    table.rows.push_back({m.member.name, std::string(status_name(fit.status)), m.weight, fit.aicc,
                          m.backtest_rmse, transform.inverse(z), right_side(fit.equation)});
  }
  for (const auto& [name, reason] : fits_.left_out) {
    table.rows.push_back({name, std::string("left out"),
                          spec_.combine == Combine::mean ? 0.0 : kMissing, kMissing, kMissing,
                          kMissing, std::string()});
  }
  const double all = ahead.allFinite() ? transform.inverse(combined(ahead)) : kMissing;
  table.rows.push_back({std::string("combination"), std::string(), kMissing, kMissing, kMissing,
                        all, std::string()});
  return table;
}

std::string BoundCombination::equation_text() const {
  std::vector<std::string> parts;
  for (const FittedMember& m : fits_.members) {
    parts.push_back(spec_.combine == Combine::median
                        ? m.member.name
                        : fmt::format("{} {}", format_significant(m.weight, 3), m.member.name));
  }
  const std::string left = sample_.target.transform.text(sample_.target.variable);
  return spec_.combine == Combine::median ? fmt::format("{} = median({})", left, join(parts, ", "))
                                          : fmt::format("{} = {}", left, join(parts, " + "));
}

}  // namespace amnok
