#include "engine/model/sample.h"

#include <utility>

#include "engine/base/check.h"

namespace amnok {

Sample plain_sample(const VectorXd& y, int season, std::string name) {
  Sample sample;
  sample.range = {{Frequency::undated, 1}, y.size()};
  sample.season = season;
  sample.target = {std::move(name), {}};
  sample.y = y;
  sample.regressors.resize(y.size(), 0);
  return sample;
}

Sample first_rows(const Sample& sample, Eigen::Index rows) {
  AMNOK_CHECK(rows > 0 && rows <= sample.y.size(), "{} of {} rows", rows, sample.y.size());
  Sample part = sample;
  part.range.count = rows;
  part.y = sample.y.head(rows);
  if (sample.y_sd.size() > 0) part.y_sd = sample.y_sd.head(rows);
  part.regressors = sample.regressors.topRows(rows);
  std::erase_if(part.sums,
                [&](const TemporalSum& sum) { return sum.parts.back() > part.range.last(); });
  return part;
}

}  // namespace amnok
