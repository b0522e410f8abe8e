#include "engine/scenario/annual.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

#include <algorithm>
#include <cmath>

#include "engine/data/evaluate.h"
#include "engine/scenario/mixture.h"

namespace amnok {

namespace {

constexpr double kRounded = 0.005;  // a measurement error above this share is told

// A year's periods before the horizon.
struct PastPart {
  double total = 0;
  double variance = 0;  // of measurement
  AnnualCoverage coverage;
};

const IdentitySpec* find_identity(const Study& study, std::string_view name) {
  const auto at = std::find_if(study.identities.begin(), study.identities.end(),
                               [&](const IdentitySpec& identity) { return identity.name == name; });
  return at == study.identities.end() ? nullptr : &*at;
}

double measurement_variance(const Series& series, Period period) {
  if (series.measurement_sd.size() == 0 || !series.range().contains(period)) return 0;
  const double sd = series.measurement_sd(series.range().index_of(period));
  return std::isfinite(sd) ? sd * sd : 0;
}

// Totals and means of one variable over the part of a year that lies before `end`.
class Past {
 public:
  Past(const Study& study, const Frame& observed, const Frame& history)
      : study_(study), observed_(observed), history_(history) {}

  PastPart sum(const std::string& variable, const PeriodRange& year, Period end) const {
    const IdentitySpec* identity = find_identity(study_, variable);
    // One that does not say its kind is a flow because it is linear in flows.
    if (identity != nullptr && identity->kind == SeriesKind::unknown &&
        identity->expression.max_lag() == 0) {
      return identity_sum(identity->expression, year, end);
    }
    return recorded_sum(variable, year, end);
  }

  // The mean is taken over periods with a figure; filled ones only where `fill`.
  PastPart mean(const std::string& variable, const PeriodRange& year, Period end, bool fill) const {
    PastPart part;
    for (std::int64_t i = 0; i < year.count && year[i] < end; ++i) {
      add_period(part, variable, year[i], fill);
    }
    return part;
  }

  void add_period(PastPart& part, const std::string& variable, Period period, bool fill) const {
    const Series& recorded = observed_.get(variable);
    if (const double value = recorded.at(period); std::isfinite(value)) {
      part.total += value;
      part.variance += measurement_variance(recorded, period);
      ++part.coverage.known;
      return;
    }
    const Series* filled = history_.find(variable);
    const double value = filled != nullptr && fill ? filled->at(period) : kMissing;
    if (std::isfinite(value)) {
      part.total += value;
      ++part.coverage.estimated;
    } else {
      ++part.coverage.missing;
    }
  }

 private:
  PastPart recorded_sum(const std::string& variable, const PeriodRange& year, Period end) const {
    PastPart part;
    std::vector<Period> open;  // without a figure of their own
    const Series& recorded = observed_.get(variable);
    for (std::int64_t i = 0; i < year.count && year[i] < end; ++i) {
      if (std::isfinite(recorded.at(year[i]))) {
        add_period(part, variable, year[i], true);
      } else {
        open.push_back(year[i]);
      }
    }
    for (const TemporalSum& sum : recorded.sums) {
      const auto is_open = [&](Period p) {
        return std::find(open.begin(), open.end(), p) != open.end();
      };
      if (sum.parts.empty() || !std::all_of(sum.parts.begin(), sum.parts.end(), is_open)) continue;
      part.total += sum.value;
      part.variance += sum.sd * sum.sd;
      part.coverage.summed += static_cast<int>(sum.parts.size());
      for (Period p : sum.parts) open.erase(std::find(open.begin(), open.end(), p));
    }
    for (Period p : open) add_period(part, variable, p, true);
    return part;
  }

  // As good as its worst part.
  PastPart identity_sum(const Expression& expression, const PeriodRange& year, Period end) const {
    PastPart whole;
    std::vector<PastPart> parts;
    for (const std::string& variable : expression.variables()) {
      parts.push_back(sum(variable, year, end));
      const AnnualCoverage& c = parts.back().coverage;
      whole.coverage.missing = std::max(whole.coverage.missing, c.missing);
      whole.coverage.estimated = std::max(whole.coverage.estimated, c.estimated);
      whole.coverage.summed = std::max(whole.coverage.summed, c.summed);
      whole.variance += parts.back().variance;
    }
    whole.total = amnok::evaluate<double>(expression, expression.root(), 0, [&](int variable, int) {
      return parts[static_cast<std::size_t>(variable)].total;
    });
    const auto before = static_cast<int>(std::clamp<std::int64_t>(end - year.first, 0, year.count));
    AnnualCoverage& c = whole.coverage;
    c.estimated = std::min(c.estimated, before - c.missing);
    c.summed = std::min(c.summed, before - c.missing - c.estimated);
    c.known = before - c.missing - c.estimated - c.summed;
    return whole;
  }

  const Study& study_;
  const Frame& observed_;
  const Frame& history_;
};

// The year's value from a total; NaN where nothing is known.
double past_value(const PastPart& part, AnnualRule rule) {
  const AnnualCoverage& c = part.coverage;
  const int count = c.known + c.summed + c.estimated;
  if (count == 0) return kMissing;
  return rule == AnnualRule::mean ? part.total / count : part.total;
}

PastPart past_of(const Past& past, const std::string& variable, AnnualRule rule,
                 const PeriodRange& year, Period end) {
  PastPart part;
  if (rule == AnnualRule::sum) {
    part = past.sum(variable, year, end);
  } else if (rule == AnnualRule::mean) {
    part = past.mean(variable, year, end, false);
    // A year without one report is known from the equation alone.
    if (part.coverage.known == 0) part = past.mean(variable, year, end, true);
  } else {
    past.add_period(part, variable, year.last(), true);
  }
  part.coverage.periods = static_cast<int>(rule == AnnualRule::last ? 1 : year.count);
  return part;
}

bool is_rounded(const PastPart& part) {
  return part.coverage.known + part.coverage.summed > 0 &&
         std::sqrt(part.variance) > kRounded * std::fabs(part.total);
}

AnnualYear past_year(const Past& past, const std::string& variable, AnnualRule rule, int number,
                     const PeriodRange& year) {
  const PastPart part = past_of(past, variable, rule, year, year.last() + 1);
  AnnualYear result;
  result.year = number;
  result.coverage = part.coverage;
  result.coverage.rounded = is_rounded(part);
  result.value = past_value(part, rule);
  return result;
}

// The draws of a scenario's year; `coverage` says what they are made of.
Eigen::RowVectorXd year_draws(const Past& past, const Ensemble& ensemble,
                              const std::string& scenario, const std::string& variable,
                              AnnualRule rule, const PeriodRange& year, AnnualCoverage& coverage) {
  const PeriodRange& horizon = ensemble.horizon;
  const DrawMatrix& paths = ensemble.at(scenario, variable);
  const Period first = std::max(year.first, horizon.first);
  const Period last = std::min(year.last(), horizon.last());
  if (rule == AnnualRule::last) {
    coverage = {1, 0, 0, 0, 1, 0, false};
    return paths.row(static_cast<Eigen::Index>(horizon.index_of(last)));
  }
  const auto row = static_cast<Eigen::Index>(horizon.index_of(first));
  const auto count = static_cast<Eigen::Index>(last - first + 1);
  const PastPart part = rule == AnnualRule::sum ? past.sum(variable, year, horizon.first)
                                                : past.mean(variable, year, horizon.first, true);
  coverage = part.coverage;
  coverage.periods = static_cast<int>(year.count);
  coverage.projected = static_cast<int>(count);
  coverage.missing += static_cast<int>(year.last() - last);
  coverage.rounded = is_rounded(part);
  Eigen::RowVectorXd draws = paths.row(row);
  for (Eigen::Index i = 1; i < count; ++i) draws += paths.row(row + i);
  draws.array() += part.total;
  if (rule == AnnualRule::mean) {
    draws /= static_cast<double>(coverage.known + coverage.estimated + coverage.projected);
  }
  return draws;
}

AnnualYear projected_year(const Past& past, const Ensemble& ensemble, const AnnualPath& path,
                          int number, const PeriodRange& year, const VectorXd& mixture) {
  AnnualYear result;
  result.year = number;
  const auto draws_of = [&](const std::string& scenario) {
    return year_draws(past, ensemble, scenario, path.variable, path.rule, year, result.coverage);
  };
  if (path.scenario == kMixture) {
    const auto count = static_cast<Eigen::Index>(ensemble.draws);
    Eigen::RowVectorXd pooled(mixture.size());
    Eigen::Index at = 0;
    for (const std::string& scenario : ensemble.scenarios) {
      pooled.segment(at, count) = draws_of(scenario);
      at += count;
    }
    result.distribution = summarise(pooled, mixture, ensemble.scheme());
  } else {
    result.distribution =
        summarise(draws_of(path.scenario), ensemble.weights_of(path.scenario), ensemble.scheme());
  }
  const PastPart came = past_of(past, path.variable, path.rule, year, year.last() + 1);
  if (came.coverage.known + came.coverage.summed == came.coverage.periods) {
    result.realised = past_value(came, path.rule);
  }
  return result;
}

}  // namespace

std::string_view annual_rule_name(AnnualRule rule) {
  switch (rule) {
    case AnnualRule::sum:
      return "sum";
    case AnnualRule::mean:
      return "mean";
    case AnnualRule::last:
      break;
  }
  return "last";
}

AnnualRule annual_rule(const Study& study, std::string_view variable) {
  if (study.is_flow(variable)) return AnnualRule::sum;
  if (const IdentitySpec* identity = find_identity(study, variable)) {
    const Expression& expression = identity->expression;
    const Expression::Node& root = expression.nodes()[static_cast<std::size_t>(expression.root())];
    if (root.op == Op::sum) return AnnualRule::last;
  }
  return AnnualRule::mean;
}

PeriodRange periods_of_year(int year, Frequency frequency) {
  const auto first_of = [&](int y) {
    Period period = period_of(Date{y, 1, 1}, frequency);
    return year_of(period) < y ? period + 1 : period;  // a week belongs to its Monday's year
  };
  return range_between(first_of(year), first_of(year + 1) - 1);
}

std::vector<AnnualPath> recorded_years(const Study& study, const Frame& observed,
                                       const std::vector<std::string>& variables, Period end) {
  std::vector<AnnualPath> result;
  if (end.frequency == Frequency::undated) return result;
  const Frame nothing_filled;
  const Past past(study, observed, nothing_filled);
  for (const std::string& variable : variables) {
    const AnnualRule rule = annual_rule(study, variable);
    AnnualPath path{"", variable, rule, {}};
    for (int y = year_of(observed.range().first); y < year_of(end); ++y) {
      const PeriodRange year = periods_of_year(y, end.frequency);
      path.years.push_back(past_year(past, variable, rule, y, year));
    }
    result.push_back(std::move(path));
  }
  return result;
}

std::vector<AnnualPath> annual_paths(const Study& study, const Frame& observed,
                                     const Frame& history, const Ensemble& ensemble,
                                     const std::vector<std::string>& variables, int threads) {
  std::vector<AnnualPath> result;
  const Frequency frequency = ensemble.horizon.first.frequency;
  if (frequency == Frequency::undated || ensemble.horizon.count == 0) return result;
  const int begin = year_of(observed.range().first), first = year_of(ensemble.horizon.first),
            end = year_of(ensemble.horizon.last());
  const Past past(study, observed, history);
  const VectorXd mixture = mixture_weights(study, ensemble);
  for (const std::string& variable : variables) {
    const AnnualRule rule = annual_rule(study, variable);
    AnnualPath before{"", variable, rule, {}};
    for (int y = begin; y < first; ++y) {
      before.years.push_back(past_year(past, variable, rule, y, periods_of_year(y, frequency)));
    }
    result.push_back(std::move(before));
    std::vector<std::string> names = ensemble.scenarios;
    if (mixture.size() > 0) names.push_back(kMixture);
    for (const std::string& scenario : names) {
      result.push_back({scenario, variable, rule,
                        std::vector<AnnualYear>(static_cast<std::size_t>(end - first + 1))});
    }
  }
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism,
                                  thread_count(threads));
  tbb::parallel_for(std::size_t{0}, result.size(), [&](std::size_t i) {
    AnnualPath& path = result[i];
    if (path.scenario.empty()) return;
    for (int y = first; y <= end; ++y) {
      path.years[static_cast<std::size_t>(y - first)] =
          projected_year(past, ensemble, path, y, periods_of_year(y, frequency), mixture);
    }
  });
  return result;
}

}  // namespace amnok
