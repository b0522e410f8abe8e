// What an equation is estimated on, and what it is projected with.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "engine/base/matrix.h"
#include "engine/data/series.h"
#include "engine/model/target.h"
#include "engine/time/event.h"

namespace amnok {

struct Sample {
  PeriodRange range;
  int season = 1;  // observations a season
  Target target;
  VectorXd y;                                // transformed target, n; NaN missing
  VectorXd y_sd;                             // its measurement standard deviation; empty: exact
  std::vector<TemporalSum> sums;             // of the untransformed variable
  std::vector<std::string> regressor_names;  // as written: log(brent)
  MatrixXd regressors;                       // n x k; NaN missing
  std::map<std::string, EventActivity> events;

  int n() const { return static_cast<int>(y.size()); }
};

// A series without dates, regressors or events.
Sample plain_sample(const VectorXd& y, int season = 1, std::string name = "y");

// Its first rows; sums that reach beyond them are left out. Targets, names and events stay.
Sample first_rows(const Sample& sample, Eigen::Index rows);

// The inputs of a projection that are the same in all draws.
struct Future {
  PeriodRange range;
  MatrixXd regressors;  // H x k
  std::map<std::string, EventActivity> events;
};

// The inputs of a simulation. Each regressor is H x R, or H x 1 when all draws share it.
struct DrawnFuture {
  PeriodRange range;
  std::vector<DrawMatrix> regressors;
  DrawnEvents events;
};

}  // namespace amnok
