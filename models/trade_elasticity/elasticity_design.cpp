#include "models/trade_elasticity/elasticity_design.h"

#include <fmt/format.h>

#include "engine/base/input_error.h"

namespace amnok {

ElasticityDesign::ElasticityDesign(const ElasticitySpec& spec, const Sample& sample)
    : terms_{spec.constant, spec.trend, spec.seasonal_dummies, sample.range.first, sample.season},
      regimes_(spec.regimes),
      n_(sample.n()),
      regressors_(sample.regressors.cols() - spec.carried_columns()),
      names_(terms_.names()) {
  const auto first = sample.regressor_names.begin(), last = first + regressors_;
  if (!regimes_.empty()) {
    if (sample.events.find(regimes_) == sample.events.end()) {
      throw InputError(
          fmt::format("regimes is \"{}\", but must be an event of the calendar", regimes_));
    }
    names_.push_back(regimes_);
    for (auto name = first; name != last; ++name) names_.push_back(*name + " * " + regimes_);
  }
  names_.insert(names_.end(), first, last);
}

double ElasticityDesign::activity(std::int64_t t,
                                  const std::map<std::string, EventActivity>& events) const {
  const auto event = events.find(regimes_);
  return event == events.end() ? 0 : event->second.at(terms_.first + t);
}

Eigen::RowVectorXd ElasticityDesign::drawn_activity(std::int64_t t, const DrawnEvents& events,
                                                    Eigen::Index count) const {
  Eigen::RowVectorXd active = Eigen::RowVectorXd::Zero(count);
  const auto event = events.find(regimes_);
  if (event == events.end()) return active;
  for (Eigen::Index r = 0; r < count; ++r) {
    active(r) = event->second.of(static_cast<std::size_t>(r)).at(terms_.first + t);
  }
  return active;
}

Eigen::RowVectorXd ElasticityDesign::row(std::int64_t t, const Eigen::RowVectorXd& regressors,
                                         const std::map<std::string, EventActivity>& events) const {
  Eigen::RowVectorXd x(columns());
  const VectorXd fixed = terms_.at(t);
  x.head(fixed.size()) = fixed.transpose();
  x.tail(regressors_) = regressors.head(regressors_);
  if (!regimes_.empty()) {
    const double active = activity(t, events);
    x(fixed.size()) = active;
    x.segment(fixed.size() + 1, regressors_) = active * regressors.head(regressors_);
  }
  return x;
}

Eigen::RowVectorXd ElasticityDesign::predicted(const DrawMatrix& coefficients,
                                               const DrawnFuture& future, int h) const {
  const auto count = static_cast<Eigen::Index>(terms_.count());
  Eigen::RowVectorXd sum = terms_.at(n_ + h).transpose() * coefficients.topRows(count);
  const bool regimes = !regimes_.empty();
  const Eigen::RowVectorXd active =
      regimes ? drawn_activity(n_ + h, future.events, coefficients.cols()) : Eigen::RowVectorXd();
  if (regimes) sum += active.cwiseProduct(coefficients.row(count));
  for (Eigen::Index j = 0; j < regressors_; ++j) {
    const DrawMatrix& x = future.regressors[static_cast<std::size_t>(j)];
    Eigen::RowVectorXd slope = coefficients.row(first_regressor() + j);
    if (regimes) slope += active.cwiseProduct(coefficients.row(count + 1 + j));
    if (x.cols() == 1) {
      sum += x(h, 0) * slope;
    } else {
      sum += x.row(h).cwiseProduct(slope);
    }
  }
  return sum;
}

}  // namespace amnok
