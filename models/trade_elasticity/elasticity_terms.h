// The deterministic columns of an equation: constant, trend (1 in the first period of the sample)
// and dummies of all seasons but the last.
#pragma once

#include <string>
#include <vector>

#include "engine/model/sample.h"
#include "engine/solver/linear_least_squares.h"

namespace amnok {

struct DeterministicTerms {
  bool constant = true, trend = false, seasonal_dummies = false;
  Period first;    // of the sample
  int season = 1;  // observations a season

  std::vector<std::string> names() const;
  int count() const { return static_cast<int>(names().size()); }
  VectorXd at(std::int64_t t) const;  // t periods after the first of the sample
};

// "log(rice) = 8.1 - 0.31 log(imports) + e"; a coefficient named intercept stands alone.
std::string algebra(const std::string& left, const std::vector<std::string>& names,
                    const VectorXd& coefficients);

// The names of linearly dependent columns, each with those before it that it is made of.
std::string collinear_columns(const MatrixView& x, const std::vector<std::string>& names,
                              const std::vector<int>& aliased);

// Refuses a regression whose columns are linear combinations of each other, exactly or but for the
// rounding of the data: variance inflation above 1e12, where a millionth of a column is its own.
void require_distinct(const MatrixView& x, const std::vector<std::string>& names,
                      const LinearFit& fit);

}  // namespace amnok
