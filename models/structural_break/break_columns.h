// The columns of structural_break's regression, and which of their coefficients change: a constant, a
// trend 1, 2, .. over the sample, seasonal dummies, regressors.
//
// Dummies are those of all seasons but the last, less 1 / seasons, so that the intercept is the mean
// of a year. Without names in `breaking` every coefficient changes but theirs.
#pragma once

#include <string>
#include <vector>

#include "engine/model/sample.h"
#include "models/structural_break/structural_break.h"

namespace amnok {

class BreakColumns {
 public:
  // InputError: an unknown name in `breaking`; dummies of data that are not monthly or quarterly.
  BreakColumns(const StructuralBreakSpec& spec, const Sample& sample);

  const std::vector<std::string>& names() const { return names_; }
  std::vector<std::string> names_of(const std::vector<int>& columns) const;
  // For a reader: seasonal dummies are one.
  std::vector<std::string> terms(const std::vector<std::string>& names) const;
  const std::vector<int>& changing() const { return changing_; }
  const std::vector<int>& common() const { return common_; }
  bool seasonal() const { return seasons_ > 0; }

  // What period t of the sample (0-based, also beyond it) has before its regressors.
  Eigen::RowVectorXd known_row(std::int64_t t) const;
  Eigen::RowVectorXd row(std::int64_t t, const Eigen::RowVectorXd& regressors) const;
  MatrixXd rows(const Sample& sample) const;

 private:
  bool is_season(const std::string& name) const;
  void choose_changing(const std::vector<std::string>& breaking);

  Period first_;
  bool trend_ = false;
  int seasons_ = 0;  // of a year, when there are dummies
  std::vector<std::string> names_;
  std::vector<int> changing_, common_;
};

}  // namespace amnok
