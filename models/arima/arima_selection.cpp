#include "models/arima/arima_selection.h"

#include <fmt/format.h>

#include <Eigen/Eigenvalues>
#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <tuple>

#include "engine/base/text.h"
#include "engine/model/forecast_mixture.h"
#include "engine/regression/unit_root_tests.h"
#include "engine/stats/lag_polynomial.h"
#include "engine/stats/seasonality.h"
#include "models/arima/arima_start.h"

namespace amnok {

namespace {

// Of the relative offset: -2 log L is then within n times its square of the optimum.
constexpr double kSearchTolerance = 1e-3;
constexpr int kSearchIterations = 30;
constexpr double kNearUnitRoot = 1.01;  // candidates with a root inside it do not count
// Behind the best candidate so far: beyond the first no more digits than the table shows, beyond
// the second (a weight of exp(-4) of it, forecast_mixture.h) none.
constexpr double kFarBehind = 2, kHopeless = 16;
constexpr int kMostModels = 94;  // of a stepwise search
constexpr double kSignificance = 0.05;

using Criterion = OrderSearch::Criterion;

double criterion_of(Criterion criterion, double log_likelihood, int parameters, int n) {
  const double k = parameters;
  switch (criterion) {
    case Criterion::aic:
      return -2 * log_likelihood + 2 * k;
    case Criterion::bic:
      return -2 * log_likelihood + k * std::log(n);
    case Criterion::aicc:
      break;
  }
  return n - k - 1 > 0 ? -2 * log_likelihood + 2 * k * n / (n - k - 1) : INFINITY;
}

// The smallest modulus of the roots of an ARMA part, from its ordinary and seasonal factors.
double smallest_root(const ArimaOrder& o, const VectorXd& theta) {
  double smallest = INFINITY;
  const auto factor = [&](int first, int count, double sign, double power) {
    std::vector<double> c;
    for (int i = 0; i < count; ++i) c.push_back(sign * theta(first + i));
    while (!c.empty() && std::fabs(c.back()) < 1e-8) c.pop_back();
    if (c.empty()) return;
    const double root = c.size() == 1 ? 1 / std::fabs(c[0]) : root_moduli(c).front();
    smallest = std::min(smallest, std::pow(root, power));
  };
  const double season = 1.0 / std::max(o.period, 1);
  factor(0, o.p, 1, 1);
  factor(o.p, o.q, -1, 1);
  factor(o.p + o.q, o.seasonal_p, 1, season);
  factor(o.p + o.q + o.seasonal_p, o.seasonal_q, -1, season);
  return smallest;
}

// Parameters that the data do not tell apart: the scaled J'J is singular.
bool is_flat(MatrixXd gram) {
  if (gram.cols() < 2) return false;
  const VectorXd scale = gram.diagonal().cwiseSqrt().cwiseMax(1e-300).cwiseInverse();
  gram = scale.asDiagonal() * gram * scale.asDiagonal();
  return Eigen::SelfAdjointEigenSolver<MatrixXd>(gram, Eigen::EigenvaluesOnly).eigenvalues()(0) <
         1e-9;
}

class OrderSearcher {
 public:
  OrderSearcher(ArimaSpec spec, const Sample& sample)
      : spec_(std::move(spec)), search_(*spec_.search), sample_(sample) {
    spec_.search.reset();
    // Conditional likelihoods of different orders are of different observations.
    spec_.method = ArimaMethod::exact;
  }

  std::vector<OrderCandidate>& tried() { return tried_; }

  // The position in tried().
  std::size_t fit(int p, int d, int q, int sp, int sd, int sq, bool constant,
                  const OrderCandidate* parent = nullptr) {
    const auto key = std::tuple(p, d, q, sp, sd, sq, constant);
    const auto known = known_.find(key);
    if (known != known_.end()) return known->second;
    OrderCandidate candidate;
    candidate.order = {p, d, q, sp, sd, sq, spec_.order.period};
    candidate.constant = constant ? ArimaConstant::yes : ArimaConstant::no;
    const OrderCandidate* same = find_relative(candidate.order);
    evaluate(candidate, same != nullptr ? same : parent);
    best_ = std::min(best_, candidate.criterion);
    tried_.push_back(std::move(candidate));
    return known_[key] = tried_.size() - 1;
  }
  // Candidates of a related search, from whose optima those of the same order start.
  void set_relatives(const std::vector<OrderCandidate>& relatives) { relatives_ = relatives; }

  bool has_tried(int p, int d, int q, int sp, int sd, int sq, bool constant) const {
    return known_.contains(std::tuple(p, d, q, sp, sd, sq, constant));
  }

  // Fills in likelihood and criterion. The search starts also from the optimum of `parent`.
  void evaluate(OrderCandidate& candidate, const OrderCandidate* parent) const {
    candidate.criterion = INFINITY;
    ArimaSpec spec = spec_;
    spec.order = candidate.order;
    spec.constant = candidate.constant;
    PreparedData prepared;
    try {
      prepared =
          prepare_data(spec, sample_, sample_.sums.empty() ? VectorXd() : first_path(sample_));
    } catch (const InputError&) {
      candidate.why = kTooFewObservations;
      return;
    }
    const ArimaLikelihood likelihood(std::move(prepared.data));
    const std::vector<VectorXd> starts = promising_starts(
        likelihood,
        parent == nullptr ? VectorXd() : carried_over(parent->order, parent->u, candidate.order));
    if (likelihood.data().noisy()) {
      fit_noisy(likelihood, starts, candidate);
    } else {
      fit_exact(likelihood, starts, candidate);
    }
  }

 private:
  const OrderCandidate* find_relative(const ArimaOrder& order) const {
    for (const OrderCandidate& c : relatives_) {
      if (c.order == order && c.u.size() > 0) return &c;
    }
    return nullptr;
  }

  // The sum of squares (ArimaLikelihood::residuals) of a candidate whose criterion is that far
  // behind the best so far: -2 log L = n (log(2 pi rss / n) + 1).
  double rss_behind(const ArimaLikelihood& likelihood, double behind) const {
    const int n = likelihood.residual_count();
    const double penalty = criterion_of(search_.criterion, 0, parameter_count(likelihood), n);
    return n / (2 * std::numbers::pi) * std::exp((best_ + behind - penalty) / n - 1);
  }

  static int parameter_count(const ArimaLikelihood& likelihood) {
    const int noise = likelihood.data().noisy() ? 0 : 1;
    return likelihood.parameters().size() + likelihood.regression_count() + noise;
  }

  void fit_exact(const ArimaLikelihood& likelihood, const std::vector<VectorXd>& starts,
                 OrderCandidate& candidate) const {
    NonlinearLeastSquares problem;
    problem.residual_count = likelihood.residual_count();
    problem.starts = starts;
    problem.effort = NonlinearLeastSquares::Effort::scan;
    problem.offset_tolerance = kSearchTolerance;
    problem.max_iterations = kSearchIterations;
    problem.cheap_jacobian = likelihood.data().complete();
    problem.uninteresting_rss = rss_behind(likelihood, kFarBehind);
    problem.hopeless_rss = rss_behind(likelihood, kHopeless);
    problem.evaluate = [&](const VectorXd& u, VectorXd& r, MatrixXd* jacobian) {
      return likelihood.residuals(u, r, jacobian);
    };
    if (likelihood.has_products()) {
      problem.products = [&](const VectorXd& u, ResidualProducts& products) {
        return likelihood.residual_products(u, products);
      };
    }
    const NonlinearFit fit = solve(problem);
    finish(likelihood, fit.status, fit.x, fit.gram, candidate);
  }

  void fit_noisy(const ArimaLikelihood& likelihood, const std::vector<VectorXd>& starts,
                 OrderCandidate& candidate) const {
    LogLikelihood problem;
    problem.starts = starts;
    problem.observations = likelihood.residual_count();
    problem.evaluate = [&](const VectorXd& u) {
      const ArimaEvaluation e = likelihood.evaluate(likelihood.parameters().to_natural(u));
      return e.ok ? e.log_likelihood : kMissing;
    };
    const LikelihoodFit fit = solve(problem);
    finish(likelihood, fit.status, fit.x, {}, candidate);
  }

  void finish(const ArimaLikelihood& likelihood, FitStatus status, const VectorXd& u,
              const MatrixXd& gram, OrderCandidate& candidate) const {
    if (status == FitStatus::failed) {
      candidate.why = "the likelihood is not defined";
      return;
    }
    const VectorXd theta = likelihood.parameters().to_natural(u);
    const ArimaEvaluation e = likelihood.evaluate(theta);
    if (!e.ok) {
      candidate.why = "the likelihood is not defined";
      return;
    }
    candidate.u = u;
    candidate.log_likelihood = e.log_likelihood;
    const double root = smallest_root(candidate.order, theta);
    if (root < kNearUnitRoot) {
      candidate.why = fmt::format("a root of modulus {:.4f}, near the unit circle", root);
      return;
    }
    if (is_flat(gram)) {
      candidate.why = "factors that cancel: the likelihood is flat";
      return;
    }
    const int parameters = parameter_count(likelihood);
    candidate.criterion = criterion_of(search_.criterion, e.log_likelihood, parameters, e.nobs);
    if (std::isinf(candidate.criterion)) candidate.why = kTooFewObservations;
    if (candidate.constant == ArimaConstant::yes && e.beta.size() > 0) {
      // After a seasonal difference the drift of a period counts once a period of the season.
      const double scale = candidate.order.seasonal_d > 0 ? candidate.order.period : 1;
      const double variance = scale * scale * e.beta_covariance(0, 0);
      candidate.restricted_criterion = criterion_of(
          search_.criterion, e.log_likelihood + 0.5 * std::log(2 * std::numbers::pi * variance),
          parameters - 1, e.nobs - 1);
    }
  }

  ArimaSpec spec_;
  OrderSearch search_;
  const Sample& sample_;
  double best_ = INFINITY;  // criterion so far
  std::vector<OrderCandidate> tried_, relatives_;
  std::map<std::tuple<int, int, int, int, int, int, bool>, std::size_t> known_;
};

// Limits that the length of the sample sets.
OrderSearch limited(OrderSearch search, int n, int period) {
  search.max_p = std::min(search.max_p, n / 3);
  search.max_q = std::min(search.max_q, n / 3);
  if (period > 1) {
    search.max_seasonal_p = std::min(search.max_seasonal_p, n / 3 / period);
    search.max_seasonal_q = std::min(search.max_seasonal_q, n / 3 / period);
    if (search.max_seasonal_p > 0) search.max_p = std::min(search.max_p, period - 1);
    if (search.max_seasonal_q > 0) search.max_q = std::min(search.max_q, period - 1);
  } else {
    search.max_seasonal_p = search.max_seasonal_q = 0;
  }
  return search;
}

constexpr Eigen::Index kExactly = 5;  // equal differences

struct Differences {
  int d = 0, seasonal_d = 0;
  bool constant = false;  // what is left does not vary
  bool exact = false;     // and that is no matter of few observations
};

// y with gaps filled, less its least-squares fit on everything that explains it.
VectorXd unexplained(const ArimaSpec& spec, const Sample& sample) {
  const VectorXd y = sample.sums.empty() ? interpolate(sample.y) : first_path(sample);
  ArimaSpec plain = spec;
  plain.order = {0, 0, 0, 0, 0, 0, spec.order.period};
  plain.constant = ArimaConstant::yes;
  plain.search.reset();
  if (sample.regressors.cols() == 0 && spec.inputs.empty() && spec.interventions.empty()) return y;
  Sample filled = sample;
  filled.y = y;
  filled.sums.clear();
  filled.y_sd.resize(0);
  const ArimaLikelihood likelihood(prepare_data(plain, filled, {}).data);
  const VectorXd theta = VectorXd::Constant(likelihood.parameters().size(), 0.5);
  return solve(LinearLeastSquares{likelihood.regression_matrix(theta), y}).residuals;
}

Differences choose_differences(const OrderSearch& search, const VectorXd& y, int period) {
  Differences result;
  result.seasonal_d = search.seasonal_d.value_or(0);
  if (!search.seasonal_d && search.max_seasonal_d > 0 && period > 1 && y.size() > 2 * period) {
    result.seasonal_d = seasonal_differences_by_strength(y, period);
  }
  VectorXd rest = y;
  if (result.seasonal_d > 0) rest = difference(y, 0, result.seasonal_d, period);
  if (result.seasonal_d > 0 && !search.seasonal_d && nearly_constant(rest)) {
    result.constant = true;
    result.exact = rest.size() >= 2 * period;
    return result;
  }
  result.d = search.d
                 ? *search.d
                 : number_of_differences(rest, DifferenceTest::kpss, kSignificance, search.max_d);
  if (result.d > 0) rest = difference(rest, result.d, 0, 1);
  result.constant = rest.size() < 2 || nearly_constant(rest);
  result.exact = result.constant && rest.size() >= kExactly;
  return result;
}

struct Neighbour {
  int p, q, seasonal_p, seasonal_q;
};
// In the order in which they are tried.
constexpr Neighbour kNeighbours[] = {{0, 0, -1, 0},  {0, 0, 0, -1}, {0, 0, 1, 0},  {0, 0, 0, 1},
                                     {0, 0, -1, -1}, {0, 0, -1, 1}, {0, 0, 1, -1}, {0, 0, 1, 1},
                                     {-1, 0, 0, 0},  {0, -1, 0, 0}, {1, 0, 0, 0},  {0, 1, 0, 0},
                                     {-1, -1, 0, 0}, {-1, 1, 0, 0}, {1, -1, 0, 0}, {1, 1, 0, 0}};

std::size_t stepwise(OrderSearcher& searcher, const OrderSearch& s, const Differences& diff,
                     bool constant_allowed, bool no_constant_allowed) {
  const int d = diff.d, sd = diff.seasonal_d;
  const auto better = [&](std::size_t a, std::size_t b) {
    return searcher.tried()[a].criterion < searcher.tried()[b].criterion;
  };
  const bool constant = constant_allowed;
  std::size_t best =
      searcher.fit(std::min(2, s.max_p), d, std::min(2, s.max_q), std::min(1, s.max_seasonal_p), sd,
                   std::min(1, s.max_seasonal_q), constant);
  const auto start = [&](int p, int q, int sp, int sq, bool with_constant) {
    const std::size_t tried = searcher.fit(p, d, q, sp, sd, sq, with_constant);
    if (better(tried, best)) best = tried;
  };
  start(0, 0, 0, 0, constant);
  if (s.max_p > 0 || s.max_seasonal_p > 0) {
    start(std::min(1, s.max_p), 0, std::min(1, s.max_seasonal_p), 0, constant);
  }
  if (s.max_q > 0 || s.max_seasonal_q > 0) {
    start(0, std::min(1, s.max_q), 0, std::min(1, s.max_seasonal_q), constant);
  }
  if (constant && no_constant_allowed) start(0, 0, 0, 0, false);

  for (bool moved = true; moved && std::ssize(searcher.tried()) < kMostModels;) {
    moved = false;
    const ArimaOrder at = searcher.tried()[best].order;
    const bool with = searcher.tried()[best].constant == ArimaConstant::yes;
    for (const Neighbour& step : kNeighbours) {
      const int p = at.p + step.p, q = at.q + step.q;
      const int sp = at.seasonal_p + step.seasonal_p, sq = at.seasonal_q + step.seasonal_q;
      const bool inside = p >= 0 && p <= s.max_p && q >= 0 && q <= s.max_q && sp >= 0 &&
                          sp <= s.max_seasonal_p && sq >= 0 && sq <= s.max_seasonal_q;
      if (!inside || searcher.has_tried(p, d, q, sp, sd, sq, with)) continue;
      const OrderCandidate parent = searcher.tried()[best];
      const std::size_t tried = searcher.fit(p, d, q, sp, sd, sq, with, &parent);
      moved = better(tried, best);
      if (moved) {
        best = tried;
        break;
      }
    }
    if (moved || !constant_allowed || !no_constant_allowed) continue;
    if (searcher.has_tried(at.p, d, at.q, at.seasonal_p, sd, at.seasonal_q, !with)) continue;
    const OrderCandidate parent = searcher.tried()[best];
    const std::size_t tried =
        searcher.fit(at.p, d, at.q, at.seasonal_p, sd, at.seasonal_q, !with, &parent);
    moved = better(tried, best);
    if (moved) best = tried;
  }
  return best;
}

std::size_t exhaustive(OrderSearcher& searcher, const OrderSearch& s, const Differences& diff,
                       bool constant_allowed, bool no_constant_allowed) {
  std::size_t best = searcher.fit(0, diff.d, 0, 0, diff.seasonal_d, 0, constant_allowed);
  for (int p = 0; p <= s.max_p; ++p) {
    for (int q = 0; q <= s.max_q; ++q) {
      for (int sp = 0; sp <= s.max_seasonal_p; ++sp) {
        for (int sq = 0; sq <= s.max_seasonal_q; ++sq) {
          if (p + q + sp + sq > s.max_order) continue;
          for (bool constant : {false, true}) {
            if (!(constant ? constant_allowed : no_constant_allowed)) continue;
            const std::size_t tried = searcher.fit(p, diff.d, q, sp, diff.seasonal_d, sq, constant);
            if (searcher.tried()[tried].criterion < searcher.tried()[best].criterion) best = tried;
          }
        }
      }
    }
  }
  return best;
}

}  // namespace

OrderChoice choose_order(const ArimaSpec& spec, const Sample& sample,
                         const std::vector<OrderCandidate>& relatives) {
  const VectorXd y = unexplained(spec, sample);
  const int period = spec.order.period;
  const auto observed = static_cast<int>(sample.n() - sample.y.array().isNaN().count()) +
                        static_cast<int>(sample.sums.size());
  OrderChoice choice;
  if (nearly_constant(y)) {
    throw InputError(
        fmt::format("{} is constant ({:g}), but must vary", sample.target.variable, y(0)));
  }
  OrderSearch search = limited(*spec.search, observed, period);
  const Differences diff = choose_differences(search, y, period);
  if (diff.exact) {
    throw InputError(
        fmt::format("{} has no noise: {} does not vary, so that nothing is left to estimate",
                    sample.target.variable,
                    diff.seasonal_d > 0 ? "its change from season to season" : "its change"),
        "it goes on as it did: give it a path, or an identity of its lag");
  }
  if (diff.constant) {
    choice.notes.push_back("the differenced series does not vary: no ARMA terms");
    search.max_p = search.max_q = search.max_seasonal_p = search.max_seasonal_q = 0;
  }
  OrderSearcher searcher(spec, sample);
  searcher.set_relatives(relatives);
  const bool may = diff.d + diff.seasonal_d <= 1;
  const bool with = may && spec.constant != ArimaConstant::no;
  const bool without = !may || spec.constant != ArimaConstant::yes;
  const std::size_t best = search.method == OrderSearch::Method::stepwise
                               ? stepwise(searcher, search, diff, with, without)
                               : exhaustive(searcher, search, diff, with, without);
  choice.best = searcher.tried()[best];
  choice.candidates = std::move(searcher.tried());
  if (std::isfinite(choice.best.criterion)) return choice;
  // The ladder for short samples: a random walk, then a mean.
  const bool walk = observed >= 4 && diff.d > 0;
  choice.best.order = {0, walk ? 1 : 0, 0, 0, 0, 0, period};
  choice.best.constant = walk ? ArimaConstant::no : ArimaConstant::yes;
  choice.best.u.resize(0);
  choice.notes.push_back(fmt::format("{} observations are too few to compare orders: {}", observed,
                                     walk ? "a random walk" : "a constant mean"));
  return choice;
}

OrderCandidate evaluated_candidate(const ArimaSpec& spec, const Sample& sample,
                                   const ArimaOrder& order, ArimaConstant constant,
                                   const OrderCandidate* parent) {
  OrderCandidate candidate;
  candidate.order = order;
  candidate.constant = constant;
  OrderSearcher(spec, sample).evaluate(candidate, parent);
  return candidate;
}

FittedModel fitted_candidate(const ArimaSpec& spec, const OrderCandidate& candidate,
                             const Sample& sample) {
  ArimaSpec chosen = spec;
  chosen.search.reset();
  chosen.order = candidate.order;
  chosen.constant = candidate.constant;
  auto bound = std::make_shared<BoundArima>(chosen, sample);
  NonlinearFit fit;
  fit.x = candidate.u;
  FittedModel fitted{bound, bound->describe(fit)};
  if (fitted.result.status == FitStatus::not_run) fitted.result.status = FitStatus::converged;
  return fitted;
}

namespace {

// Position in choice.candidates and weight of the orders that count, the chosen one first.
std::vector<std::pair<std::size_t, double>> order_weights(const OrderChoice& choice) {
  std::vector<double> criteria;
  for (const OrderCandidate& c : choice.candidates) criteria.push_back(c.criterion);
  return heaviest(criterion_weights(criteria));
}

std::vector<WeightedModel> weighted_orders(const ArimaSpec& given, const OrderChoice& choice) {
  std::vector<WeightedModel> models;
  for (const auto& [i, weight] : order_weights(choice)) {
    ArimaSpec spec = given;
    spec.search.reset();
    spec.order = choice.candidates[i].order;
    spec.constant = choice.candidates[i].constant;
    models.push_back({weight, make_arima(spec)});
  }
  return models;
}

std::string drawn_orders_note(const OrderChoice& choice) {
  std::vector<std::string> words;
  for (const auto& [i, weight] : order_weights(choice)) {
    const OrderCandidate& c = choice.candidates[i];
    words.push_back(fmt::format("{}{} {:.2f}", order_text(c.order),
                                c.constant == ArimaConstant::yes ? " with a constant" : "",
                                weight));
  }
  return "projections draw the order, by weight: " + join(words, ", ") +
         "; coefficients are those of the first";
}

}  // namespace

std::unique_ptr<BoundModel> bind_automatic(const ArimaSpec& spec, const Sample& sample) {
  ArimaSpec given = spec;
  if (given.order.period == 0) given.order.period = sample.season;
  OrderChoice choice = choose_order(given, sample);
  ArimaSpec chosen = given;
  chosen.search.reset();
  chosen.order = choice.best.order;
  chosen.constant = choice.best.constant;
  auto bound = std::make_unique<BoundArima>(chosen, sample);
  ResultTable table{"candidates",
                    "Orders compared",
                    {"order", "constant", "log_likelihood", "criterion", "note"},
                    {}};
  for (const OrderCandidate& c : choice.candidates) {
    table.rows.push_back({order_text(c.order), c.constant == ArimaConstant::yes ? "yes" : "no",
                          c.log_likelihood, std::isfinite(c.criterion) ? c.criterion : kMissing,
                          c.why});
  }
  std::vector<WeightedModel> alternatives;
  if (spec.search->draw) {
    alternatives = weighted_orders(given, choice);
    choice.notes.push_back(drawn_orders_note(choice));
  }
  bound->set_choice({table}, choice.notes, choice.best.u);
  bound->set_alternatives(std::move(alternatives));
  return bound;
}

}  // namespace amnok
