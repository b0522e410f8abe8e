#include "models/structural_break/structural_break.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/check.h"
#include "engine/base/text.h"
#include "engine/model/regime_dates.h"
#include "engine/solver/covariance.h"
#include "engine/stats/random_stream.h"
#include "engine/stats/residual_tests.h"
#include "models/structural_break/break_columns.h"
#include "models/structural_break/break_report.h"
#include "models/structural_break/date_sets.h"
#include "models/structural_break/monitoring_report.h"
#include "models/structural_break/partial_break_tests.h"

namespace amnok {

namespace {

constexpr int kFewPerCoefficient = 15;  // observations below which break dates mean little
constexpr int kFewForRobust = 20;  // in a segment, below which robust covariances are too small

struct NoPast : PastState {};

class BoundStructuralBreak : public BoundModel, public RegimeFinder {
 public:
  BoundStructuralBreak(const StructuralBreakSpec& spec, const Sample& sample)
      : spec_(spec), sample_(sample), columns_(spec, sample) {
    const MatrixXd x = columns_.rows(sample);
    for (int t = 0; t < sample.n(); ++t) {
      if (!std::isnan(sample.y(t)) && x.row(t).allFinite()) rows_.push_back(t);
    }
    search_.x = x(rows_, Eigen::all);
    search_.y = sample.y(rows_);
    const int n = static_cast<int>(rows_.size());
    check_size(sample.target.variable, search_.y);
    for (std::size_t j = 0; j < columns_.names().size(); ++j) {
      check_size(columns_.names()[j], search_.x.col(static_cast<Eigen::Index>(j)));
    }
    search_.min_segment =
        std::max({static_cast<int>(std::floor(spec_.trim * n)),
                  static_cast<int>(columns_.changing().size()) + 1, spec_.min_segment});
    search_.max_breaks = std::max(spec_.max_breaks, spec_.fixed_breaks);
    if (n < 2 * search_.min_segment) {
      throw InputError(
          fmt::format("{} has {} complete observations, but structural_break with segments of at "
                      "least {} needs {}",
                      sample.target.variable, n, search_.min_segment, 2 * search_.min_segment));
    }
    const LinearFit whole = solve(LinearLeastSquares{search_.x, search_.y});
    if (!whole.aliased.empty()) {
      throw InputError(
          fmt::format("perfectly collinear: {} is a linear combination of the regressors before it",
                      columns_.names()[static_cast<std::size_t>(whole.aliased[0])]),
          "leave one of them out");
    }
    prepare_partial();
    prepare_tests();
    check_events(spec_.context, sample_);
  }

  ParameterVector start() const override {
    ParameterVector parameters;
    for (const std::string& name : columns_.names()) parameters.add(name, 0);
    return parameters;
  }

  // With coefficients that stay, dates given their least-squares values without a break: the first
  // step of the search, which describe() goes on with.
  Problem problem() const override { return tests_.partial ? regression_at({}) : search_; }

  FitResult describe(const Solution& solution) const override {
    const PartitionFit fit =
        tests_.partial ? solve(*tests_.partial) : std::get<PartitionFit>(solution);
    const BreakAnalysis analysis =
        tests_.partial ? analyse_breaks(*tests_.partial, fit) : analyse_breaks(search_, fit);
    const BreakChoices choices = break_choices(search_, analysis, tests_, date_of());
    const int wanted = chosen_number(analysis, choices);
    const int room = static_cast<int>(analysis.partitions.size()) - 1, m = std::min(wanted, room);
    const std::vector<int>& last = analysis.partitions[static_cast<std::size_t>(m)].last;
    FitResult result = describe_segments(last);
    result.tables.push_back(one_break_table(search_, tests_, date_of()));
    const bool exact = result.rss <= kRounding * search_.y.squaredNorm();
    if (spec_.automatic_bootstrap && m > 0 && !exact) {
      add_persistence_rows(search_, tests_, rows_, sample_.n(), result.tables.back());
    }
    result.tables.push_back(multiple_break_table(search_, fit, tests_));
    add_choice(analysis, result);
    result.tables.push_back(choices.table);
    add_breaks(last, result);
    if (!spec_.monitor.empty()) {
      const int history = observations_before("monitor", spec_.monitor);
      const int least = static_cast<int>(search_.x.cols()) + 2;
      if (history < least) {
        throw InputError(
            fmt::format("monitor is {}, which has {} observation{} before it, but "
                        "must have at least {}",
                        spec_.monitor, history, history == 1 ? "" : "s", least));
      }
      for (ResultTable& table : monitoring_tables(search_, history, tests_, date_of())) {
        result.tables.push_back(std::move(table));
      }
    }
    if (spec_.cusum_path) {
      result.tables.push_back(cusum_path_table(search_, tests_, date_of()));
    }
    if (spec_.f_path) result.tables.push_back(f_path_table(search_, tests_, date_of()));
    add_further_tests(last, result);
    if (!choices.disagreement.empty()) result.notes.push_back(choices.disagreement);
    if (wanted > room) {
      result.notes.push_back(
          fmt::format("{} breaks were asked for, but {} observations in segments of at least {} "
                      "leave room for {}: lower trim or min_segment",
                      wanted, search_.y.size(), search_.min_segment, room));
    }
    const auto q = static_cast<int>(columns_.changing().size());
    if (search_.y.size() < kFewPerCoefficient * q) {
      result.notes.push_back(
          fmt::format("{} observations for {} coefficient{} a segment: the number and dates of "
                      "breaks mean little",
                      search_.y.size(), q, q == 1 ? "" : "s"));
    }
    if (spec_.errors != Errors::classical && search_.min_segment < kFewForRobust * q) {
      result.notes.push_back(
          fmt::format("segments of {} observations for {} coefficient{}: tests with robust errors "
                      "reject too often",
                      search_.min_segment, q, q == 1 ? "" : "s"));
    }
    if (m == 0) {
      result.notes.push_back(search_.max_breaks == 0 ? "no break was looked for (max_breaks = 0)"
                                                     : "no break");
    }
    add_trend_note(analysis, m, result);
    add_break_context(broken_at(last), sample_, spec_.context, result);
    return result;
  }

  FitResult evaluate(const ParameterVector&) const override { return describe_segments({}); }

  // From the table of breaks that describe() made.
  RegimeStarts estimated_starts(const FitResult& fit) const override {
    RegimeStarts starts;
    for (int last : last_of(fit)) starts.push_back(period(last) + 1);
    return starts;
  }

  // Persistent errors, criteria that find fewer breaks, and dates that the shortest segment may have
  // kept back.
  std::string doubts(const FitResult& fit) const override {
    const std::vector<int> last = last_of(fit);
    std::vector<std::string> all;
    for (const ResultTable& table : fit.tables) {
      if (table.name == "break_tests" && !table.rows.empty()) {
        const auto& row = table.rows.back();
        const bool open = std::get<std::string>(row[4]).rfind("does not reject", 0) == 0;
        if (std::get<std::string>(row[0]) == kPersistentErrors && open) {
          all.push_back(fmt::format("{} could look like this (p {:.3f})", kPersistentErrors,
                                    std::get<double>(row[3])));
        }
      }
      if (table.name != "breaks_by_criterion") continue;
      for (const auto& row : table.rows) {
        const std::string& criterion = std::get<std::string>(row[0]);
        if (std::get<double>(row[1]) >= static_cast<double>(last.size())) continue;
        if (criterion != "BIC" && criterion.rfind("sequential", 0) != 0) continue;
        all.push_back(fmt::format("{} finds {}", criterion, std::get<double>(row[1])));
      }
    }
    const int n = static_cast<int>(search_.y.size());
    for (int index : last) {
      if (index + 1 != search_.min_segment && n - index - 1 != search_.min_segment) continue;
      all.push_back(
          fmt::format("the break after {} lies as near the end of the sample as segments of "
                      "{} observations allow (trim, min_segment)",
                      format_period(period(index)), search_.min_segment));
    }
    return join(all, "; ");
  }

  std::vector<RegimeStarts> draw_starts(const FitResult& fit, std::uint64_t seed,
                                        int draws) const override {
    const std::vector<int> last = last_of(fit);
    std::vector<RegimeStarts> result(static_cast<std::size_t>(draws));
    if (last.empty()) return result;
    const PartitionSearch regression = regression_at(last);
    SegmentErrors errors;
    errors.errors = spec_.errors;
    const Eigen::MatrixXi drawn =
        draw_break_dates(regression.x, regression.y, last, regression.min_segment, errors,
                         {seed, Purpose::break_date, 0}, draws);
    for (int r = 0; r < draws; ++r) {
      for (int index : drawn.col(r)) {
        result[static_cast<std::size_t>(r)].push_back(period(index) + 1);
      }
    }
    return result;
  }

  Forecast forecast(const FitResult& fit, const Future& future) const override {
    Forecast forecast{future.range, VectorXd(future.range.count),
                      VectorXd::Constant(future.range.count, fit.sigma2)};
    for (std::int64_t h = 0; h < future.range.count; ++h) {
      forecast.mean(h) =
          columns_.row(sample_.n() + h, future.regressors.row(h)).dot(fit.parameters.values());
    }
    return forecast;
  }

  std::vector<Diagnostic> diagnose(const FitResult& fit) const override {
    const int lag = std::min(sample_.season > 1 ? sample_.season : 8, fit.nobs / 5);
    if (lag < 1) return {};
    Diagnostic test = ljung_box(fit.residuals, lag, 0);
    test.words = test.p_value < 0.05
                     ? "residuals are autocorrelated: break dates and their sets are less certain "
                       "than they look"
                     : "no sign of autocorrelation";
    return {test};
  }

  VectorXd completed(const FitResult& fit) const override {
    VectorXd filled = sample_.y;
    for (int t = 0; t < sample_.n(); ++t) {
      if (std::isnan(filled(t))) {
        filled(t) = columns_.row(t, sample_.regressors.row(t)).dot(fit.parameters.values());
      }
    }
    return filled;
  }

  std::shared_ptr<const PastState> past_state(const FitResult&, const ParameterDraws&,
                                              std::uint64_t, std::uint32_t, int) const override {
    return std::make_shared<NoPast>();
  }

  void simulate(const ParameterDraws& draws, const PastState&, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override {
    for (int h = from; h < to; ++h) {
      paths.row(h) = shocks.row(h).cwiseProduct(draws.sigma.transpose());
      const Eigen::RowVectorXd known = columns_.known_row(sample_.n() + h);
      Eigen::Index p = 0;
      for (const double value : known) paths.row(h) += value * draws.parameters.row(p++);
      for (const DrawMatrix& x : future.regressors) {
        if (x.cols() == 1) {
          paths.row(h) += x(h, 0) * draws.parameters.row(p++);
        } else {
          paths.row(h) += x.row(h).cwiseProduct(draws.parameters.row(p++));
        }
      }
    }
  }

 private:
  static void check_size(const std::string& name, const VectorXd& values) {
    if (std::isfinite(values.squaredNorm())) return;
    throw InputError(fmt::format("{} reaches {:g}, but its squares must be numbers", name,
                                 values.cwiseAbs().maxCoeff()),
                     "scale it");
  }

  void prepare_partial() {
    if (columns_.common().empty()) return;
    tests_.partial = PartialBreakSearch{search_.x(Eigen::all, columns_.common()),
                                        search_.x(Eigen::all, columns_.changing()), search_.y,
                                        search_.min_segment, search_.max_breaks};
  }

  // The regression whose coefficients all change, given what stays: y less the common part at these
  // dates. What dates rest on does not feel that the common coefficients are estimates, for they
  // converge faster than dates matter.
  PartitionSearch regression_at(const std::vector<int>& last) const {
    if (!tests_.partial) return search_;
    const PartialBreakSearch& partial = *tests_.partial;
    const VectorXd b = fit_partial_breaks(partial, last, {}).common;
    return {partial.changing, partial.y - partial.common * b, partial.min_segment,
            partial.max_breaks};
  }

  DateOf date_of() const {
    return [this](int index) { return format_period(period(index)); };
  }

  // The trimming that published critical values go by: `trim`, or what longer segments make of it.
  void prepare_tests() {
    const int n = static_cast<int>(search_.y.size());
    tests_.errors = spec_.errors;
    tests_.segments_alike = spec_.segments_alike;
    tests_.level = spec_.level;
    tests_.sieve = {Bootstrap::sieve, spec_.replications, spec_.bootstrap_seed, 0};
    if (const auto scheme = bootstrap_scheme(spec_)) {
      tests_.bootstrap =
          BreakBootstrapOptions{*scheme, spec_.replications, spec_.bootstrap_seed, 0};
    }
    const bool by_trim = search_.min_segment == static_cast<int>(std::floor(spec_.trim * n));
    tests_.trimming = by_trim ? spec_.trim : static_cast<double>(search_.min_segment) / n;
    if (!spec_.known_date.empty())
      tests_.known_split = observations_before("chow", spec_.known_date);
    if (spec_.criterion != StructuralBreakSpec::Criterion::sequential) return;
    const CriticalValue critical =
        bai_perron_critical_value(BaiPerronStatistic::sequential, tests_.trimming, spec_.level,
                                  static_cast<int>(columns_.changing().size()), 0);
    if (!critical.words.empty()) {
      throw InputError(fmt::format("breaks is \"sequential\", but {}", critical.words),
                       "choose another trim, or breaks = \"bic\"");
    }
  }

  int observations_before(const char* option, const std::string& text) const {
    const auto known = parse_period(text, sample_.range.first.frequency);
    const int n = static_cast<int>(rows_.size());
    int before = 0;
    while (known && before < n && period(before) < *known) ++before;
    if (!known || before == 0 || before == n) {
      throw InputError(fmt::format("{} is {}, but must be a period after {} and up to {}", option,
                                   text, format_period(period(0)), format_period(period(n - 1))));
    }
    return before;
  }

  int chosen_number(const BreakAnalysis& analysis, const BreakChoices& choices) const {
    switch (spec_.criterion) {
      case StructuralBreakSpec::Criterion::bic:
        return analysis.breaks_by_bic;
      case StructuralBreakSpec::Criterion::lwz:
        return analysis.breaks_by_lwz;
      case StructuralBreakSpec::Criterion::kt:
        return analysis.breaks_by_kt;
      case StructuralBreakSpec::Criterion::sequential:
        return static_cast<int>(choices.sequential.last.size());
      case StructuralBreakSpec::Criterion::fixed:
        break;
    }
    return spec_.fixed_breaks;
  }

  // Indices of last observations before breaks, as `fit` reports them.
  std::vector<int> last_of(const FitResult& fit) const {
    std::vector<int> last;
    for (const ResultTable& table : fit.tables) {
      if (table.name != "breaks") continue;
      for (const auto& row : table.rows) {
        const auto before = parse_period(std::get<std::string>(row[0]), period(0).frequency);
        int index = 0;
        while (period(index) < *before) ++index;
        last.push_back(index);
      }
    }
    return last;
  }

  Period period(int index) const { return sample_.range[rows_[static_cast<std::size_t>(index)]]; }

  // The residuals of all segments; coefficients and covariance of the last.
  struct SegmentsFit {
    VectorXd residuals, coefficients;
    MatrixXd covariance;
    std::string covariance_kind;
    int df = 0;
  };

  SegmentsFit fit_pure(const std::vector<int>& last) const {
    SegmentsFit fit;
    fit.residuals.resize(search_.y.size());
    LinearFit segment;
    for (const SegmentRows& part : segment_rows(last, static_cast<int>(search_.y.size()))) {
      segment = solve(LinearLeastSquares{search_.x.middleRows(part.begin, part.rows),
                                         search_.y.segment(part.begin, part.rows)});
      fit.residuals.segment(part.begin, part.rows) = segment.residuals;
      fit.df = part.rows - segment.rank;
    }
    fit.coefficients = segment.coefficients;
    fit.covariance = segment.rss / std::max(fit.df, 1) * segment.xtx_inverse;
    fit.covariance_kind = "classical, last segment";
    return fit;
  }

  // One error variance, because the common coefficients rest on all segments.
  SegmentsFit fit_partial(const std::vector<int>& last) const {
    SegmentErrors one_variance;
    one_variance.segment_variances = false;
    const PartialBreakFit partial = fit_partial_breaks(*tests_.partial, last, one_variance);
    const auto k = static_cast<Eigen::Index>(columns_.names().size());
    const auto p = static_cast<Eigen::Index>(columns_.common().size());
    const auto q = static_cast<Eigen::Index>(columns_.changing().size());
    const Eigen::Index n = search_.y.size(), all = partial.covariance.cols();
    std::vector<Eigen::Index> place(static_cast<std::size_t>(k));  // in the joint covariance
    SegmentsFit fit;
    fit.coefficients.resize(k);
    for (Eigen::Index j = 0; j < p; ++j) {
      const int column = columns_.common()[static_cast<std::size_t>(j)];
      fit.coefficients(column) = partial.common(j);
      place[static_cast<std::size_t>(column)] = j;
    }
    for (Eigen::Index j = 0; j < q; ++j) {
      const int column = columns_.changing()[static_cast<std::size_t>(j)];
      fit.coefficients(column) = partial.coefficients(partial.coefficients.rows() - 1, j);
      place[static_cast<std::size_t>(column)] = all - q + j;
    }
    fit.residuals = partial.residuals;
    fit.df = static_cast<int>(n - all);
    fit.covariance =
        static_cast<double>(n) / std::max(fit.df, 1) * partial.covariance(place, place);
    fit.covariance_kind = "classical, all segments";
    return fit;
  }

  // The coefficients that a projection uses are the last segment's.
  FitResult describe_segments(const std::vector<int>& last) const {
    FitResult result;
    result.plugin = "structural_break";
    result.sample = sample_.range;
    result.nobs = static_cast<int>(rows_.size());
    for (double v : sample_.y) result.missing += std::isnan(v) ? 1 : 0;
    result.dropped = sample_.n() - result.missing - result.nobs;
    const std::string staying =
        columns_.common().empty()
            ? ""
            : fmt::format(" (those of {} stay)",
                          join(columns_.terms(columns_.names_of(columns_.common())), ", "));
    result.equation = fmt::format("{} = {}, coefficients change at {} date{}{}",
                                  sample_.target.transform.text(sample_.target.variable),
                                  join(columns_.terms(columns_.names()), " + "), last.size(),
                                  last.size() == 1 ? "" : "s", staying);
    result.residuals = VectorXd::Constant(sample_.n(), kMissing);
    result.fitted = result.standardised = result.residuals;
    const int n = result.nobs, k = static_cast<int>(columns_.names().size());
    const SegmentsFit fit = tests_.partial ? fit_partial(last) : fit_pure(last);
    const std::vector<SegmentRows> parts = segment_rows(last, n);
    for (const SegmentRows& part : parts) {
      const auto e = fit.residuals.segment(part.begin, part.rows);
      const double spread = std::sqrt(e.squaredNorm() / part.rows);  // each segment has its own
      for (int t = 0; t < part.rows; ++t) {
        const int at = rows_[static_cast<std::size_t>(part.begin + t)];
        result.residuals(at) = e(t);
        result.standardised(at) = e(t) / spread;
        result.fitted(at) = sample_.y(at) - e(t);
      }
    }
    for (int j = 0; j < k; ++j) {
      result.parameters.add(columns_.names()[static_cast<std::size_t>(j)], fit.coefficients(j));
    }
    const double rss = fit.residuals.squaredNorm();
    const int final_rows = parts.back().rows;
    const double final_rss = fit.residuals.tail(final_rows).squaredNorm();
    const double s2 = final_rss / std::max(final_rows - k, 1);
    result.covariance = fit.covariance;
    result.covariance_kind = fit.covariance_kind;
    result.inference_df = fit.df;
    result.rss = rss;
    result.sigma2 = final_rss / final_rows;
    result.sigma2_df = s2;
    result.log_likelihood = -0.5 * n * (std::log(2 * std::numbers::pi * rss / n) + 1);
    const int m = static_cast<int>(last.size());
    set_information_criteria(result, static_cast<int>(columns_.common().size()) +
                                         (m + 1) * static_cast<int>(columns_.changing().size()) +
                                         m + 1);
    const double total = (search_.y.array() - search_.y.mean()).square().sum();
    result.r2 = total > 0 ? 1 - rss / total : kMissing;
    return result;
  }

  BrokenRegression broken_at(const std::vector<int>& last) const {
    const PartitionSearch regression = regression_at(last);
    BrokenRegression broken{search_.x, search_.y, regression.x, regression.y,        rows_,
                            last,      {},        {},           search_.min_segment, spec_.trend};
    broken.errors.errors = spec_.errors;
    if (!last.empty()) {
      broken.sets = likelihood_ratio_sets(regression.x, regression.y, last, regression.min_segment,
                                          {0.95, broken.errors});
    }
    return broken;
  }

  // Of neighbouring periods with an observation of the target.
  SegmentRows longest_run() const {
    SegmentRows best, now;
    for (int t = 0; t < sample_.n(); ++t) {
      if (std::isnan(sample_.y(t))) {
        now = {t + 1, 0};
      } else if (++now.rows > best.rows) {
        best = now;
      }
    }
    return best;
  }

  void add_further_tests(const std::vector<int>& last, FitResult& result) const {
    if (!spec_.further.any()) return;
    FurtherTestInput input;
    input.residuals = result.residuals(rows_);
    input.residual_date = date_of();
    input.exact = input.residuals.squaredNorm() <= kRounding * search_.y.squaredNorm();
    const auto [begin, rows] = longest_run();
    input.y = sample_.y.segment(begin, rows);
    input.date = [this, begin = begin](int index) {
      return format_period(sample_.range[begin + index]);
    };
    if (input.exact) {
      input.obstacle = "the regression fits exactly";
    } else if (columns_.seasonal()) {
      input.obstacle = "it is of a series alone, but the equation has seasonal dummies";
    } else if (!sample_.regressor_names.empty()) {
      input.obstacle = fmt::format("it is of a series alone, but the equation has regressors: {}",
                                   join(sample_.regressor_names, ", "));
    }
    if (rows < static_cast<int>(rows_.size())) {
      input.part =
          fmt::format("{}..{}, the longest run without a gap", input.date(0), input.date(rows - 1));
    }
    input.trend = spec_.trend;
    input.breaks = static_cast<int>(last.size());
    input.errors = spec_.errors;
    input.level = spec_.level;
    input.trim = spec_.trim;
    input.seed = spec_.bootstrap_seed;
    for (ResultTable& table : further_test_tables(spec_.further, input)) {
      result.tables.push_back(std::move(table));
    }
  }

  // A line that is taken for a level has breaks everywhere.
  void add_trend_note(const BreakAnalysis& analysis, int m, FitResult& result) const {
    if (spec_.trend || m == 0) return;
    const Eigen::Index n = search_.y.size(), k = search_.x.cols();
    PartitionSearch line = search_;
    line.max_breaks = 0;
    line.x.conservativeResize(Eigen::NoChange, k + 1);
    for (Eigen::Index i = 0; i < n; ++i) {
      line.x(i, k) = rows_[static_cast<std::size_t>(i)] + 1.0;
    }
    const double bic = analyse_breaks(line, solve(line)).bic[0];
    const double broken = analysis.bic[static_cast<std::size_t>(m)];
    if (!(bic < broken)) return;
    result.notes.push_back(
        fmt::format("a straight line without a break has a lower BIC ({:.1f}) than {} break{} of "
                    "the level ({:.1f}): take trend = true",
                    bic, m, m == 1 ? "" : "s", broken));
  }

  void add_choice(const BreakAnalysis& analysis, FitResult& result) const {
    ResultTable table{
        "number_of_breaks", "How many breaks", {"breaks", "rss", "bic", "lwz", "kt", "dates"}, {}};
    for (std::size_t m = 0; m < analysis.partitions.size(); ++m) {
      std::vector<std::string> dates;
      for (int last : analysis.partitions[m].last) dates.push_back(format_period(period(last)));
      table.rows.push_back({static_cast<double>(m), analysis.partitions[m].rss, analysis.bic[m],
                            analysis.lwz[m], analysis.kt[m], join(dates, " ")});
    }
    result.tables.push_back(std::move(table));
  }

  void add_breaks(const std::vector<int>& last, FitResult& result) const {
    if (last.empty()) return;
    BreakIntervalOptions options;
    options.errors.errors = spec_.errors;
    const PartitionSearch regression = regression_at(last);
    const auto intervals = bai_intervals(regression.x, regression.y, last, options);
    const std::vector<DateSet> sets =
        likelihood_ratio_sets(regression.x, regression.y, last, regression.min_segment, options);
    const MatrixXd coefficients = segment_coefficients(regression.x, regression.y, last);
    ResultTable table{"breaks",
                      "Breaks",
                      {"last_period_before", "first_period_after", "ci95_low", "ci95_high"},
                      {}};
    for (const std::string& name : columns_.names_of(columns_.changing())) {
      table.columns.push_back(name + "_before");
      table.columns.push_back(name + "_after");
    }
    table.columns.emplace_back("set95");
    const int n = static_cast<int>(rows_.size());
    for (std::size_t i = 0; i < last.size(); ++i) {
      const auto bound = [&](int index) {
        return format_period(period(std::clamp(index, 0, n - 1)));
      };
      std::vector<ResultTable::Cell> cells = {format_period(period(last[i])),
                                              format_period(period(last[i] + 1)),
                                              intervals[i].exists ? bound(intervals[i].lower) : "",
                                              intervals[i].exists ? bound(intervals[i].upper) : ""};
      for (Eigen::Index j = 0; j < coefficients.cols(); ++j) {
        cells.emplace_back(coefficients(static_cast<Eigen::Index>(i), j));
        cells.emplace_back(coefficients(static_cast<Eigen::Index>(i) + 1, j));
      }
      cells.emplace_back(set_text(sets[i]));
      table.rows.push_back(std::move(cells));
    }
    result.tables.push_back(std::move(table));
  }

  // "2014-01..2014-03, 2014-07": last periods before the break, by likelihood ratios.
  std::string set_text(const DateSet& set) const {
    std::vector<std::string> runs;
    for (const DateRun& run : set.runs) {
      const std::string begin = format_period(period(run.begin));
      runs.push_back(run.begin == run.end
                         ? begin
                         : fmt::format("{}..{}", begin, format_period(period(run.end))));
    }
    return join(runs, ", ");
  }

  StructuralBreakSpec spec_;
  Sample sample_;
  BreakColumns columns_;
  std::vector<int> rows_;  // sample index of each complete observation
  PartitionSearch search_;
  BreakReportOptions tests_;
};

class StructuralBreakModel : public Model {
 public:
  explicit StructuralBreakModel(StructuralBreakSpec spec) : spec_(spec) {}
  std::unique_ptr<BoundModel> bind(const Sample& sample) const override {
    return std::make_unique<BoundStructuralBreak>(spec_, sample);
  }

 private:
  StructuralBreakSpec spec_;
};

}  // namespace

MatrixXd segment_coefficients(const MatrixView& x, const VectorView& y,
                              const std::vector<int>& last) {
  MatrixXd result(static_cast<Eigen::Index>(last.size()) + 1, x.cols());
  int begin = 0;
  for (std::size_t i = 0; i <= last.size(); ++i) {
    const int end = i < last.size() ? last[i] + 1 : static_cast<int>(y.size());
    const LinearFit fit =
        solve(LinearLeastSquares{x.middleRows(begin, end - begin), y.segment(begin, end - begin)});
    result.row(static_cast<Eigen::Index>(i)) = fit.coefficients.transpose();
    begin = end;
  }
  return result;
}

std::optional<Bootstrap> bootstrap_scheme(const StructuralBreakSpec& spec) {
  if (!spec.automatic_bootstrap) return spec.bootstrap;
  switch (spec.errors) {
    case Errors::classical:
      return {};
    case Errors::hc:
      return Bootstrap::rademacher;
    case Errors::hac:
      return Bootstrap::sieve;
  }
  return {};
}

std::unique_ptr<Model> make_structural_break(StructuralBreakSpec spec) {
  return std::make_unique<StructuralBreakModel>(spec);
}

}  // namespace amnok
