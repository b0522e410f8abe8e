#include "models/trade_elasticity/elasticity_dynamic.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "engine/base/text.h"
#include "engine/stats/random_stream.h"
#include "models/trade_elasticity/cointegration_report.h"
#include "models/trade_elasticity/dynamic_tables.h"
#include "models/trade_elasticity/elasticity_report.h"
#include "models/trade_elasticity/elasticity_terms.h"
#include "models/trade_elasticity/trade_elasticity.h"

namespace amnok {

namespace {

constexpr std::uint32_t kPastShocks = 64;  // first index of the shocks after the last observation

// The last p values of the target, the oldest first, p x R.
struct LaggedTarget : PastState {
  DrawMatrix lags;
};

class DynamicElasticity : public BoundModel {
 public:
  DynamicElasticity(const ElasticitySpec& spec, const Sample& sample)
      : spec_(spec), sample_(sample) {
    if (sample.regressors.cols() == 0) {
      throw InputError("an ARDL has no regressors, but must have at least one",
                       "without regressors an arima model says the same");
    }
    seasons_ = {false, false, spec.seasonal_dummies, sample.range.first, sample.season};
    fill_data();
    choose_lags();
    estimate();
    fill_history();
    fill_rows();
  }

  ParameterVector start() const override {
    ParameterVector parameters;
    for (const std::string& name : names_) parameters.add(name, 0);
    return parameters;
  }
  Problem problem() const override { return LinearLeastSquares{x_, y_}; }

  std::shared_ptr<const Model> chosen() const override {
    ElasticitySpec settled = spec_;
    settled.y_lags = order_.p;
    settled.x_lags = order_.q;
    return make_trade_elasticity(settled);
  }

  FitResult describe(const Solution& solution) const override {
    FitResult result = at_coefficients(std::get<LinearFit>(solution).coefficients);
    result.covariance = to_levels_ * ardl().covariance * to_levels_.transpose();
    result.covariance_kind = ardl().covariance_name;
    result.inference_df = equivalent_df(reference_);
    result.tables.push_back(
        elasticity_table(names_, result.parameters.values(), result.covariance, reference_));
    if (selection_) result.tables.push_back(lag_table(*selection_, spec_.criterion));
    result.tables.push_back(long_run_table(ardl()));
    result.tables.push_back(adjustment_table(ardl()));
    result.tables.push_back(bounds_table(ardl()));
    if (spec_.asymmetric) result.tables.push_back(symmetry_table(nardl_));
    result.tables.push_back(multiplier_table(nardl_, spec_.multiplier_horizon));
    const ReportedRegression reported = reported_regression();
    result.tables.push_back(referee_table(referee_questions(reported, sample_.season, true)));
    result.tables.push_back(influence_table(reported));
    const std::string decides = influence_note(reported, ardl().level);
    if (!decides.empty()) result.notes.push_back(decides);
    add_notes(result);
    if (spec_.cointegration) add_cointegration(result);
    return result;
  }

  FitResult evaluate(const ParameterVector& parameters) const override {
    FitResult result = at_coefficients(parameters.values());
    result.status = FitStatus::converged;
    return result;
  }

  std::vector<Diagnostic> diagnose(const FitResult&) const override {
    std::vector<Diagnostic> tests;
    for (RefereeQuestion& q : referee_questions(reported_regression(), sample_.season, true)) {
      tests.push_back(std::move(q.test));
    }
    return tests;
  }

  Forecast forecast(const FitResult& fit, const Future& future) const override {
    const auto horizon = static_cast<int>(future.range.count);
    const VectorXd b = fit.parameters.values();
    ParameterDraws draws{b, VectorXd::Zero(1)};
    DrawnFuture drawn{future.range, {}, {}};
    for (Eigen::Index j = 0; j < future.regressors.cols(); ++j) {
      drawn.regressors.push_back(future.regressors.col(j));
    }
    DrawMatrix path(horizon, 1);
    const auto past = past_state(fit, draws, 0, 0, -1);
    simulate(draws, *past, drawn, DrawMatrix::Zero(horizon, 1), 0, horizon, path);
    return {future.range, path.col(0), fit.sigma2 * summed_squares(b, horizon)};
  }

  VectorXd completed(const FitResult& fit) const override {
    return completed_at(fit.parameters.values());
  }

  std::shared_ptr<const PastState> past_state(const FitResult& fit, const ParameterDraws& draws,
                                              std::uint64_t seed, std::uint32_t equation,
                                              int first) const override {
    const int p = order_.p, ahead = unobserved();
    const Eigen::Index count = draws.sigma.size();
    const VectorXd filled = completed(fit);
    // p values up to the last observation, then those that follow from them.
    DrawMatrix y(p + ahead, count);
    for (int i = 0; i < p; ++i) y.row(i).setConstant(filled(last_observed_ - p + 1 + i));
    DrawMatrix shocks = DrawMatrix::Zero(ahead, count);
    if (first >= 0 && ahead > 0) {
      std::vector<double> normals(static_cast<std::size_t>(ahead));
      for (Eigen::Index r = 0; r < count; ++r) {
        fill_normals({seed, Purpose::state, equation},
                     static_cast<std::uint32_t>(first + static_cast<int>(r)), normals, kPastShocks);
        for (int i = 0; i < ahead; ++i) shocks(i, r) = normals[static_cast<std::size_t>(i)];
      }
    }
    for (int i = 0; i < ahead; ++i) {
      const int t = last_observed_ + 1 + i;
      Eigen::RowVectorXd value = shocks.row(i).cwiseProduct(draws.sigma.transpose());
      value += terms_at(t).transpose() * draws.parameters.topRows(terms_count_);
      for (int l = 1; l <= p; ++l) {
        value += draws.parameters.row(terms_count_ + l - 1).cwiseProduct(y.row(p + i - l));
      }
      value += lagged_regressors(t).transpose() *
               draws.parameters.bottomRows(draws.parameters.rows() - terms_count_ - p);
      y.row(p + i) = value;
    }
    auto past = std::make_shared<LaggedTarget>();
    past->lags = y.bottomRows(p);
    return past;
  }

  void simulate(const ParameterDraws& draws, const PastState& past, const DrawnFuture& future,
                const DrawMatrix& shocks, int from, int to, DrawMatrix& paths) const override {
    const DrawMatrix& lags = static_cast<const LaggedTarget&>(past).lags;
    const std::vector<DrawMatrix> x = future_regressors(future, to);
    const DrawMatrix b = draws.parameters;
    const int p = order_.p, n = sample_.n();
    for (int h = from; h < to; ++h) {
      Eigen::RowVectorXd value = shocks.row(h).cwiseProduct(draws.sigma.transpose());
      value += terms_at(n + h).transpose() * b.topRows(terms_count_);
      for (int l = 1; l <= p; ++l) {
        const auto& source = h >= l ? paths : lags;
        value += b.row(terms_count_ + l - 1).cwiseProduct(source.row(h >= l ? h - l : p + h - l));
      }
      Eigen::Index at = terms_count_ + p;
      for (std::size_t j = 0; j < x.size(); ++j) {
        for (int l = 0; l <= ardl().order.q[j]; ++l, ++at) {
          if (h < l) {
            value += history_(n + h - l, static_cast<Eigen::Index>(j)) * b.row(at);
          } else if (x[j].cols() == 1) {
            value += x[j](h - l, 0) * b.row(at);
          } else {
            value += x[j].row(h - l).cwiseProduct(b.row(at));
          }
        }
      }
      paths.row(h) = value;
    }
  }

 private:
  const ArdlFit& ardl() const { return nardl_.ardl; }
  // Periods of the sample after the last observation of the target.
  int unobserved() const { return sample_.n() - 1 - last_observed_; }

  void fill_data() {
    data_.y_name = sample_.target.transform.text(sample_.target.variable);
    data_.y = sample_.y;
    data_.x_names = sample_.regressor_names;
    data_.x = sample_.regressors;
    data_.fixed_names = seasons_.names();
    data_.fixed.resize(sample_.n(), seasons_.count());
    for (int t = 0; t < sample_.n(); ++t) data_.fixed.row(t) = seasons_.at(t).transpose();
    data_.gaps = true;
    for (Eigen::Index j = 0; spec_.asymmetric && j < data_.x.cols(); ++j) {
      const auto missing = data_.x.col(j).array().isNaN().count();
      if (missing == 0) continue;
      throw InputError(
          fmt::format("{} has {} missing values in {}, but must have none to be split into rises "
                      "and falls",
                      data_.x_names[static_cast<std::size_t>(j)], missing,
                      format_range(sample_.range)),
          "shorten the sample");
    }
  }

  void choose_lags() {
    const auto k = data_.x_names.size();
    std::vector<int> q = spec_.x_lags;
    if (q.size() == 1) q.assign(k, q.front());
    if (!q.empty() && q.size() != k) {
      throw InputError(
          fmt::format("regressor_lags has {} entries, but must have one or {}, one for "
                      "each regressor",
                      q.size(), k));
    }
    order_.p = spec_.y_lags.value_or(spec_.max_lag);
    order_.q = q.empty() ? std::vector<int>(k, spec_.max_lag) : q;
    if (spec_.y_lags && !q.empty()) return;
    ArdlSearch search;
    search.max_p = order_.p;
    search.max_q = order_.q;
    search.criterion = spec_.criterion;
    selection_ = select_ardl(data_, spec_.terms, search);
    // What was given stays: the best of the orders that have it.
    for (const ArdlCandidate& candidate : selection_->candidates) {
      if (spec_.y_lags && candidate.order.p != *spec_.y_lags) continue;
      if (!q.empty() && candidate.order.q != q) continue;
      order_ = candidate.order;
      return;
    }
  }

  void estimate() {
    if (spec_.asymmetric) {
      NardlSpec nardl;
      nardl.order = order_;
      for (int j = 0; j < static_cast<int>(order_.q.size()); ++j) nardl.asymmetric.push_back(j);
      nardl.terms = spec_.terms;
      nardl_ = fit_nardl(data_, nardl);
    } else {
      nardl_.ardl = fit_ardl(data_, order_, spec_.terms);
    }
    require_distinct(ardl().design, ardl().names, ardl().fit);
    RobustOptions options;
    options.kind = spec_.errors.value_or(RobustKind::classical);
    const auto rows = static_cast<int>(ardl().design.rows());
    if (spec_.lags) options.lags = std::min(*spec_.lags, rows - 1);
    options.cosines = spec_.cosines;
    options.prewhiten = spec_.prewhiten && rows > 3 * ardl().design.cols();
    const RobustCovariance robust = robust_covariance(ardl().design, ardl().fit, options);
    nardl_.ardl.covariance = robust.covariance;
    nardl_.ardl.covariance_name = robust.name;
    reference_ = robust.reference;
    // Normal only in the limit: Student's t is never narrower.
    if (reference_.kind == ReferenceDistribution::Kind::normal) {
      reference_.kind = ReferenceDistribution::Kind::student_t;
      reference_.df = ardl().fit.df_residual();
    }
  }

  // The regressors of the ARDL over the sample; a missing value keeps the last one.
  void fill_history() {
    MatrixXd x = data_.x;
    for (Eigen::Index j = 0; j < x.cols(); ++j) {
      for (Eigen::Index t = 1; t < x.rows(); ++t) {
        if (!std::isnan(x(t, j))) continue;
        x(t, j) = x(t - 1, j);
        ++carried_;
      }
    }
    last_values_ = x.row(x.rows() - 1);
    history_ = x;
    if (spec_.asymmetric) {
      history_.resize(x.rows(), 2 * x.cols());
      for (std::size_t j = 0; j < nardl_.split.size(); ++j) {
        const PartialSums sums = partial_sums(x.col(static_cast<Eigen::Index>(j)));
        history_.col(nardl_.split[j].positive) = sums.positive;
        history_.col(nardl_.split[j].negative) = sums.negative;
      }
    }
    last_observed_ = sample_.n() - 1;
    while (std::isnan(sample_.y(last_observed_))) --last_observed_;
  }

  // Names, rows and the map from error-correction coefficients to those in levels.
  void fill_rows() {
    const ArdlLevels levels = ardl_levels(ardl());
    if (ardl().constant >= 0) names_.emplace_back("intercept");
    if (ardl().trend >= 0) names_.emplace_back("trend");
    names_.insert(names_.end(), data_.fixed_names.begin(), data_.fixed_names.end());
    terms_count_ = static_cast<Eigen::Index>(names_.size());
    names_.insert(names_.end(), levels.names.begin(), levels.names.end());
    const auto k = static_cast<Eigen::Index>(names_.size());
    to_levels_ = MatrixXd::Zero(k, k);
    Eigen::Index row = 0;
    if (ardl().constant >= 0) to_levels_(row++, ardl().constant) = 1;
    if (ardl().trend >= 0) to_levels_(row++, ardl().trend) = 1;
    const Eigen::Index fixed = data_.fixed.cols();
    for (Eigen::Index j = 0; j < fixed; ++j) to_levels_(row++, k - fixed + j) = 1;
    to_levels_.bottomRows(k - terms_count_) = levels.jacobian;
    x_.resize(ardl().design.rows(), k);
    y_.resize(ardl().design.rows());
    for (Eigen::Index i = 0; i < x_.rows(); ++i) {
      const int t = ardl().rows[static_cast<std::size_t>(i)];
      y_(i) = sample_.y(t);
      x_.row(i) = row_at(t, sample_.y).transpose();
    }
  }

  VectorXd terms_at(std::int64_t t) const {
    VectorXd terms(terms_count_);
    Eigen::Index j = 0;
    if (ardl().constant >= 0) terms(j++) = 1;
    if (ardl().trend >= 0) terms(j++) = static_cast<double>(t + 1);
    terms.tail(terms_count_ - j) = seasons_.at(t);
    return terms;
  }

  VectorXd lagged_regressors(int t) const {
    const std::vector<int>& q = ardl().order.q;
    std::vector<double> values;
    for (std::size_t j = 0; j < q.size(); ++j) {
      for (int l = 0; l <= q[j]; ++l) {
        values.push_back(t >= l ? history_(t - l, static_cast<Eigen::Index>(j)) : kMissing);
      }
    }
    return Eigen::Map<const VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
  }

  VectorXd row_at(int t, const VectorXd& y) const {
    VectorXd row(static_cast<Eigen::Index>(names_.size()));
    row.head(terms_count_) = terms_at(t);
    for (int l = 1; l <= order_.p; ++l) {
      row(terms_count_ + l - 1) = t >= l ? y(t - l) : kMissing;
    }
    const VectorXd x = lagged_regressors(t);
    row.tail(x.size()) = x;
    return row;
  }

  // Gaps follow from what stands before them; NaN as long as not all lags are there.
  VectorXd completed_at(const VectorXd& b) const {
    VectorXd y = sample_.y;
    for (int t = 0; t < sample_.n(); ++t) {
      if (std::isnan(y(t))) y(t) = row_at(t, y).dot(b);
    }
    return y;
  }

  // The regressors of the ARDL over the first `rows` periods ahead, each H x R or H x 1.
  std::vector<DrawMatrix> future_regressors(const DrawnFuture& future, int rows) const {
    if (!spec_.asymmetric) return future.regressors;
    std::vector<DrawMatrix> x(2 * nardl_.split.size());
    const Eigen::Index last = sample_.n() - 1;
    for (std::size_t j = 0; j < nardl_.split.size(); ++j) {
      const DrawMatrix& whole = future.regressors[j];
      const int up = nardl_.split[j].positive, down = nardl_.split[j].negative;
      DrawMatrix rises(rows, whole.cols()), falls(rows, whole.cols());
      Eigen::RowVectorXd risen = Eigen::RowVectorXd::Constant(whole.cols(), history_(last, up));
      Eigen::RowVectorXd fallen = Eigen::RowVectorXd::Constant(whole.cols(), history_(last, down));
      Eigen::RowVectorXd before =
          Eigen::RowVectorXd::Constant(whole.cols(), last_values_(static_cast<Eigen::Index>(j)));
      for (int h = 0; h < rows; ++h) {
        const Eigen::RowVectorXd change = whole.row(h) - before;
        rises.row(h) = risen += change.cwiseMax(0);
        falls.row(h) = fallen += change.cwiseMin(0);
        before = whole.row(h);
      }
      x[static_cast<std::size_t>(up)] = rises;
      x[static_cast<std::size_t>(down)] = falls;
    }
    return x;
  }

  // Variances of the forecast over sigma2: sums of squared responses to a shock, counted from the
  // last observation.
  VectorXd summed_squares(const VectorXd& b, int horizon) const {
    const int all = unobserved() + horizon;
    VectorXd response = VectorXd::Zero(all), summed(horizon);
    double sum = 0;
    for (int i = 0; i < all; ++i) {
      response(i) = i == 0 ? 1 : 0;
      for (int l = 1; l <= std::min(order_.p, i); ++l) {
        response(i) += b(terms_count_ + l - 1) * response(i - l);
      }
      sum += response(i) * response(i);
      if (i >= unobserved()) summed(i - unobserved()) = sum;
    }
    return summed;
  }

  FitResult at_coefficients(const VectorXd& b) const {
    FitResult result;
    result.plugin = "trade_elasticity";
    result.sample = sample_.range;
    const auto n = static_cast<int>(x_.rows()), k = static_cast<int>(x_.cols());
    const VectorXd residuals = y_ - x_ * b;
    result.nobs = n;
    for (double v : sample_.y) result.missing += std::isnan(v) ? 1 : 0;
    result.dropped = sample_.n() - result.missing - n;
    for (int j = 0; j < k; ++j) result.parameters.add(names_[static_cast<std::size_t>(j)], b(j));
    result.rss = residuals.squaredNorm();
    result.sigma2 = result.rss / n;
    result.sigma2_df = result.rss / (n - k);
    result.log_likelihood = -0.5 * n * (std::log(2 * std::numbers::pi * result.sigma2) + 1);
    set_information_criteria(result, k + 1);
    const double total = (y_.array() - y_.mean()).square().sum();
    result.r2 = total > 0 ? 1 - result.rss / total : kMissing;
    result.residuals = VectorXd::Constant(sample_.n(), kMissing);
    result.fitted = result.residuals;
    for (int i = 0; i < n; ++i) {
      const int t = ardl().rows[static_cast<std::size_t>(i)];
      result.residuals(t) = residuals(i);
      result.fitted(t) = sample_.y(t) - residuals(i);
    }
    result.equation = algebra(data_.y_name, names_, b);
    return result;
  }

  ReportedRegression reported_regression() const {
    ReportedRegression reported{ardl().design, ardl().target, ardl().names, {}, ardl().fit, {}};
    for (int t : ardl().rows) reported.periods.push_back(sample_.range[t]);
    return reported;
  }

  void add_notes(FitResult& result) const {
    result.notes.push_back(ardl().order.name() + (selection_ ? ", chosen" : ", given") +
                           "; in error-correction form: " + error_correction_algebra(ardl()));
    const Adjustment speed = adjustment(ardl());
    result.notes.push_back(speed.words);
    // Coefficients are drawn as their t-ratios are distributed.
    const double never = 0.5 * reference_.two_sided_p(speed.t);
    if (speed.speed < 0 && never > 0.0005) {
      result.notes.push_back(fmt::format(
          "{:.1f} % of the draws of coefficients have no way back to the long run: such paths run "
          "away and pull the mean of a projection with them; read its median",
          100 * never));
    }
    if (spec_.errors && *spec_.errors != RobustKind::classical) {
      result.notes.push_back(
          "bounds tests use the robust covariance; their tables are those of "
          "independent errors of one variance");
    }
    if (result.dropped > order_.longest()) {
      result.notes.push_back(fmt::format(
          "{} observations of {} are left out because a lag of the target or of a regressor is "
          "missing",
          result.dropped, sample_.n() - result.missing));
    }
    if (carried_ > 0) {
      result.notes.push_back(fmt::format(
          "{} missing values of regressors keep the last one where gaps of the target are filled "
          "and where a projection starts; none enters the estimate",
          carried_));
    }
  }

  void add_cointegration(FitResult& result) const {
    CointegrationInput input;
    input.target = data_.y_name;
    input.y = data_.y;
    input.names = data_.x_names;
    input.x = data_.x;
    input.range = sample_.range;
    input.seasons = data_.fixed;
    input.terms = spec_.terms;
    input.max_lag = spec_.max_lag;
    input.estimator = order_.name();
    for (const LongRunCoefficient& c : long_run(ardl())) {
      if (std::find(input.names.begin(), input.names.end(), c.name) == input.names.end()) continue;
      const bool interval = c.fieller.shape == RatioSet::Shape::interval;
      input.own.push_back(
          {c.name, c.value(), c.standard_error(), interval ? c.fieller.lower : kMissing,
           interval ? c.fieller.upper : kMissing,
           interval ? "Fieller's interval" : "Fieller's set: " + c.fieller.words()});
    }
    const CointegrationReport report = cointegration_report(input);
    result.tables.insert(result.tables.end(), report.tables.begin(), report.tables.end());
    result.notes.insert(result.notes.end(), report.notes.begin(), report.notes.end());
  }

  ElasticitySpec spec_;
  Sample sample_;
  DeterministicTerms seasons_;
  ArdlData data_;
  ArdlOrder order_;  // as asked: one q for each regressor, before it is split
  std::optional<ArdlSelection> selection_;
  NardlFit nardl_;  // without a split: an ARDL
  ReferenceDistribution reference_;
  MatrixXd history_;                // n x (regressors of the ARDL)
  Eigen::RowVectorXd last_values_;  // of the regressors as given
  int carried_ = 0;
  int last_observed_ = 0;
  std::vector<std::string> names_;
  Eigen::Index terms_count_ = 0;
  MatrixXd to_levels_;  // d (coefficients in levels) / d (those of the error-correction form)
  MatrixXd x_;
  VectorXd y_;
};

}  // namespace

std::unique_ptr<BoundModel> bind_dynamic_elasticity(const ElasticitySpec& spec,
                                                    const Sample& sample) {
  return std::make_unique<DynamicElasticity>(spec, sample);
}

}  // namespace amnok
