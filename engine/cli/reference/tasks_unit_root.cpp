// Unit-root and stationarity tests, numbers of differences, and tests of autocorrelation, normality
// and conditional variance of one series. The names of the expected quantities say which.
#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "engine/base/text.h"
#include "engine/cli/reference/tasks.h"
#include "engine/regression/seasonal_unit_root_tests.h"
#include "engine/regression/unit_root_tests.h"
#include "engine/solver/linear_least_squares.h"
#include "engine/stats/residual_tests.h"
#include "engine/stats/seasonality.h"

namespace amnok {

namespace {

// A quantity's name in its parts: adf_drift_lag12_tau is {adf, drift, lag12, tau}.
class Name {
 public:
  explicit Name(const std::string& text) {
    for (std::string_view part : split(text, '_')) parts_.emplace_back(part);
  }
  // A part, "" beyond the last.
  const std::string& operator[](std::size_t i) const {
    static const std::string none;
    return i < parts_.size() ? parts_[i] : none;
  }
  // The number that follows a prefix in a part: lag12 has 12; -1: there is none.
  int number(std::size_t i, std::string_view prefix) const {
    const std::string& part = (*this)[i];
    if (!starts_with(part, prefix)) return -1;
    const auto value = parse_integer(std::string_view(part).substr(prefix.size()));
    return value ? static_cast<int>(*value) : -1;
  }

 private:
  std::vector<std::string> parts_;
};

// The series, and what the case says about it elsewhere than in the names.
struct Series {
  VectorXd y;
  int period = 1;
  int most_lags = 0;  // of an ADF lag chosen by a criterion
};

Quantity unknown() {
  return Quantity(std::vector<double>{});
}

bool is_known(const Quantity& quantity) {
  return quantity.kind != Quantity::Kind::numbers || !quantity.numbers.empty();
}

// Observations a year, from the first two dates (year-month-day); 1: not seasonal.
int period_of_dates(const DataTable& data) {
  if (!data.has("date") || data.rows() < 2) return 1;
  const std::vector<std::string> dates = data.texts("date");
  const auto month = [](const std::string& date) {
    const auto parts = split(date, '-');
    const auto year = parse_integer(parts[0]);
    const auto number = parts.size() > 1 ? parse_integer(parts[1]) : std::nullopt;
    return year && number ? 12 * *year + *number : 0LL;
  };
  const long long step = month(dates[1]) - month(dates[0]);
  return step > 0 && step < 12 && 12 % step == 0 ? static_cast<int>(12 / step) : 1;
}

// "lag chosen by BIC among 1..12" has 12; else the lag of another ADF quantity.
int most_lags_of(const ReferenceCase& c) {
  const std::string words = c.text("adf"), before = "among 1..";
  if (const auto at = words.find(before); at != std::string::npos) {
    const auto first = at + before.size();
    const auto last = words.find_first_not_of("0123456789", first);
    const auto number = parse_integer(std::string_view(words).substr(first, last - first));
    if (number) return static_cast<int>(*number);
  }
  int most = 0;
  for (const Expectation& expected : c.expected) {
    most = std::max(most, Name(expected.name).number(2, "lag"));
  }
  return most;
}

Deterministics terms_of(const std::string& word) {
  if (word == "none") return Deterministics::none;
  return word == "trend" || word == "tau" ? Deterministics::trend : Deterministics::constant;
}

Quantity adf(const Name& name, const Series& series) {
  const Deterministics terms = terms_of(name[1]);
  DickeyFuller test;
  if (const int lag = name.number(2, "lag"); lag >= 0) {
    test = dickey_fuller(series.y, terms, lag);
  } else if (name[2] == "bic" || name[2] == "aic") {
    const LagCriterion criterion = name[2] == "bic" ? LagCriterion::bic : LagCriterion::aic;
    test = dickey_fuller(series.y, terms, series.most_lags, criterion);
  } else {
    return unknown();
  }
  const std::string& what = name[3];
  if (what == "lags") return test.lag;
  if (what == "tau") return test.tau;
  if (what == "phi1") return test.phi1;
  if (what == "phi2") return test.phi2;
  if (what == "phi3") return test.phi3;
  return unknown();
}

Quantity kpss_statistic(const Name& name, const Series& series) {
  const int lag = name.number(2, "l");
  return lag < 0 ? unknown() : kpss(series.y, terms_of(name[1]), lag).statistic;
}

Quantity pp(const Name& name, const Series& series) {
  const int lag = name.number(3, "l");
  if (lag < 0) return unknown();
  const PhillipsPerron test = phillips_perron(series.y, terms_of(name[2]), lag);
  return name[1] == "ztau" ? test.z_tau : name[1] == "zalpha" ? test.z_alpha : unknown();
}

Quantity dfgls(const Name& name, const Series& series) {
  const int lag = name.number(2, "lag");
  return lag < 0 ? unknown() : dickey_fuller_gls(series.y, terms_of(name[1]), lag).statistic;
}

Quantity ers(const Name& name, const Series& series) {
  const int lag = name.number(3, "lag");
  if (lag < 0 || name[1] != "pt") return unknown();
  return point_optimal(series.y, terms_of(name[2]), lag).statistic;
}

Quantity za(const Name& name, const Series& series) {
  const int lag = name.number(2, "lag");
  if (lag < 0) return unknown();
  const BreakIn model = name[1] == "intercept" ? BreakIn::intercept
                        : name[1] == "trend"   ? BreakIn::trend
                                               : BreakIn::both;
  const ZivotAndrews test = zivot_andrews(series.y, model, lag);
  if (name[3] == "t") return test.t;
  return name[3] == "break" ? Quantity(test.last_observation_before) : unknown();
}

Quantity ndiffs(const Name& name, const Series& series) {
  const std::string& test = name[1];
  if (test == "kpss") return number_of_differences(series.y, DifferenceTest::kpss);
  if (test == "adf") return number_of_differences(series.y, DifferenceTest::adf);
  return test == "pp" ? number_of_differences(series.y, DifferenceTest::pp) : unknown();
}

Quantity nsdiffs(const Name& name, const Series& series) {
  if (series.period < 2) return unknown();
  if (name[1] == "seas") return seasonal_differences_by_strength(series.y, series.period);
  if (name[1] == "ocsb") {
    return number_of_seasonal_differences(series.y, series.period, SeasonalDifferenceTest::ocsb);
  }
  // The table of the software that made the values, though it is far from the distribution.
  if (name[1] == "hegy") {
    return number_of_seasonal_differences(series.y, series.period, SeasonalDifferenceTest::hegy,
                                          HegyTable::response_surface);
  }
  return unknown();
}

VectorXd level_or_difference(const std::string& word, const VectorXd& y) {
  if (word != "diff") return y;
  return y.tail(y.size() - 1) - y.head(y.size() - 1);
}

Quantity statistic_or_p(const Diagnostic& test, const std::string& what) {
  return what == "p" ? test.p_value : what.empty() ? test.statistic : unknown();
}

Quantity ljungbox(const Name& name, const Series& series) {
  const int lag = name.number(2, "q");
  if (lag < 1) return unknown();
  return statistic_or_p(ljung_box(level_or_difference(name[1], series.y), lag, 0), name[3]);
}

Quantity boxpierce(const Name& name, const Series& series) {
  const int lag = name.number(2, "q");
  if (lag < 1) return unknown();
  return statistic_or_p(box_pierce(level_or_difference(name[1], series.y), lag, 0), name[3]);
}

Quantity jb(const Name& name, const Series& series) {
  return statistic_or_p(jarque_bera(level_or_difference(name[1], series.y)), name[2]);
}

// Residuals of y_t on a constant and y_{t-1}.
Quantity archlm(const Name& name, const Series& series) {
  const int lag = name.number(0, "archlm");
  if (lag < 1 || name[1] != "ar1resid") return unknown();
  const Eigen::Index n = series.y.size() - 1;
  MatrixXd x(n, 2);
  x << VectorXd::Ones(n), series.y.head(n);
  const VectorXd residuals = solve(LinearLeastSquares{x, series.y.tail(n)}).residuals;
  return statistic_or_p(arch_lm(residuals, lag), name[2]);
}

Quantity correlations(const Name& name, const Series& series) {
  const int first = name.number(1, ""), last = name.number(2, "");
  if (first < 1 || last < first) return unknown();
  const VectorXd all = name[0] == "acf" ? autocorrelations(series.y, last)
                                        : partial_autocorrelations(series.y, last);
  return VectorXd(all.tail(last - first + 1));
}

using Task = std::function<Quantity(const Name&, const Series&)>;

// The first part of a name, without digits at its end.
const std::map<std::string, Task>& tasks() {
  static const std::map<std::string, Task> all = {{"adf", adf},
                                                  {"kpss", kpss_statistic},
                                                  {"pp", pp},
                                                  {"dfgls", dfgls},
                                                  {"ers", ers},
                                                  {"za", za},
                                                  {"ndiffs", ndiffs},
                                                  {"nsdiffs", nsdiffs},
                                                  {"ljungbox", ljungbox},
                                                  {"boxpierce", boxpierce},
                                                  {"jb", jb},
                                                  {"archlm", archlm},
                                                  {"acf", correlations},
                                                  {"pacf", correlations}};
  return all;
}

Series read_series(const ReferenceCase& c) {
  Series series;
  const DataTable& data = c.data.at(0);
  const VectorXd values = data.column(c.column.empty() ? "value" : c.column);
  series.y.resize(values.size());
  Eigen::Index n = 0;
  for (double v : values) {
    if (!std::isnan(v)) series.y(n++) = v;
  }
  series.y.conservativeResize(n);
  series.period = c.integer("period", period_of_dates(data));
  series.most_lags = most_lags_of(c);
  return series;
}

}  // namespace

Quantities run_unit_root_suite(const ReferenceCase& c) {
  const Series series = read_series(c);
  Quantities q;
  for (const Expectation& expected : c.expected) {
    const Name name(expected.name);
    std::string head = name[0];
    head.erase(head.find_last_not_of("0123456789") + 1);
    const auto task = tasks().find(head);
    if (task == tasks().end()) continue;
    const Quantity value = task->second(name, series);
    if (is_known(value)) q[expected.name] = value;
  }
  return q;
}

}  // namespace amnok
