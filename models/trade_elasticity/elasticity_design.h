// The columns of an equation without lags, in the sample and beyond it:
//
//   d_t'c + a_t (g + x_t'h) + x_t'b
//
// d: deterministic terms; a: the activity of a dated event (regimes), or nothing; x: regressors.
#pragma once

#include <string>
#include <vector>

#include "engine/model/sample.h"
#include "models/trade_elasticity/elasticity_spec.h"
#include "models/trade_elasticity/elasticity_terms.h"

namespace amnok {

class ElasticityDesign {
 public:
  // Throws InputError where the event of regimes is not in the calendar. The sample's further
  // columns (instruments, other units) are not the equation's.
  ElasticityDesign(const ElasticitySpec& spec, const Sample& sample);

  const std::vector<std::string>& names() const { return names_; }
  Eigen::Index columns() const { return static_cast<Eigen::Index>(names_.size()); }
  Eigen::Index regressors() const { return regressors_; }
  Eigen::Index first_regressor() const { return columns() - regressors_; }
  const DeterministicTerms& terms() const { return terms_; }

  // The columns t periods after the first of the sample, given its regressors (further ones are
  // ignored).
  Eigen::RowVectorXd row(std::int64_t t, const Eigen::RowVectorXd& regressors,
                         const std::map<std::string, EventActivity>& events) const;

  // Row times coefficients, 1 x R, h periods after the sample's last.
  Eigen::RowVectorXd predicted(const DrawMatrix& coefficients, const DrawnFuture& future,
                               int h) const;

 private:
  double activity(std::int64_t t, const std::map<std::string, EventActivity>& events) const;
  Eigen::RowVectorXd drawn_activity(std::int64_t t, const DrawnEvents& events,
                                    Eigen::Index count) const;

  DeterministicTerms terms_;
  std::string regimes_;
  std::int64_t n_ = 0;  // periods of the sample
  Eigen::Index regressors_ = 0;
  std::vector<std::string> names_;
};

}  // namespace amnok
