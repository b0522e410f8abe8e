// Does the effect of a break or an event last? Ways in which it may act are estimated jointly with
// autoregressive noise and weighed against each other.
//
//   y_t = x_t'b + sum_j c_j 1(t >= t_j) + omega v(t - s) + z_t,   phi(B) z_t = e_t
//
// x: regressors, with seasonal dummies when asked for; t_j: other breaks or events, controlled for
// as level shifts; v: one of the responses of response_shape.h, or none; s: the start, searched
// over `starts` when there are several. The order of phi, 0 to max_ar, is chosen once, by AICc with
// a pulse, a shift of the level and a shift of the slope at s in the mean.
//
// Weights, proportional to exp(-C_i / 2) (Burnham & Anderson 2002, Model Selection and Multimodel
// Inference, section 2.9):
//   C = AICc, BIC, which count b, c, omega, phi, sigma^2, a searched L or delta, and a start that
//   is searched;
//   C = -2 log m, m the likelihood at the estimated phi with b, c and log sigma integrated out
//   under flat priors, omega under N(0, (3 sd(z) / h)^2), h = 1, or 24 of a slope shift, averaged
//   over shapes and starts:
//     m = mean_v  |X~'X~|^(-1/2)  prod F^(-1/2)  (1 + kappa s)^(-1/2)
//                 (rss - kappa p^2 / (1 + kappa s))^(-(N - k) / 2)
//   with whitened columns, s and p the squares of v~ and its product with y~, both less their
//   projection on X~, rss of y~ on X~, kappa = 9 var(z) / (sigma^2 h^2).
// AICc and BIC charge every response the same for omega, however little of the sample sees it: of
// effects too small to tell, they make temporary ones look lasting (docs/permanence.md). The
// verdict rests on m; the other weights are reported beside it.
//
// Share left k periods after the start, with the response v and its coefficient omega:
//   R(k) = max(0, |omega v(k)| - taken back by later breaks until k) / max_{j <= k} |omega v(j)|
// Later shifts against the direction of the effect take back the youngest open shift in that
// direction first: a reopening undoes the closure before it, not the sanctions before that.
//
// P(permanent) is the probability, given an effect, that R(36) is at least 0.5: level shifts, slope
// shifts and ramps count unless they were taken back, decays as far as their half-life exceeds 36
// periods. Probabilities are over the alternatives by their weights, and within each over its
// grid of shapes (by m, all a priori alike; half-lives in logarithms), coefficients and
// sigma^2 (Student t) by seeded draws at the estimated phi. The interval of P(permanent) comes from
// the Bayesian bootstrap (Rubin 1981, Annals of Statistics 9, 130-134) of the one-step errors'
// log-densities: how far the weights hang on single observations.
//
// Where a response leaves nothing but rounding errors there is no noise to weigh by: the simplest
// such response has all the weight.
//
// Verdict: no effect where the weight of none exceeds 0.5; lasting where P(permanent) >= 0.8;
// temporary where it is at most 0.2; else undecided.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "models/structural_break/response_shape.h"

namespace amnok {

inline constexpr std::array<int, 3> kPermanenceLags = {12, 24, 36};  // periods after the start
inline constexpr double kTypicalEffect = 3;       // prior sd of an effect, in sds of the noise
inline constexpr double kShareOfPermanent = 0.5;  // left after the last of them

struct PermanenceProblem {
  VectorXd y;                 // n, NaN missing
  MatrixXd x;                 // n x k; rows with NaN are left out
  std::vector<int> controls;  // first periods of other breaks
  std::vector<int> starts;    // first periods that the effect may start in, the likeliest first
  int season = 1;             // above 1: seasonal dummies
};

enum class WeightCriterion { aicc, bic, bayes };

// The smaller the better.
struct Criteria {
  double aicc = 0, bic = 0, bayes = 0;

  double of(WeightCriterion criterion) const {
    return criterion == WeightCriterion::aicc  ? aicc
           : criterion == WeightCriterion::bic ? bic
                                               : bayes;
  }
};

struct PermanenceOptions {
  int max_ar = 3;
  WeightCriterion criterion = WeightCriterion::bayes;  // of the verdict; all are reported
  int draws = 400;                                     // an alternative
  int bootstrap = 500;
  double level = 0.9;  // of intervals
  std::uint64_t seed = 1;
};

struct ShapeAlternative {
  ResponseShape best;
  ArRegressionFit fit;                              // columns: x, seasonal dummies, controls, v
  double omega = 0, omega_low = 0, omega_high = 0;  // 95 %
  int parameters = 0;
  Criteria criteria, weights;
  double permanent = 0;  // P(permanent) if this is how the event acts
  std::vector<ResponseShape> shapes;
  VectorXd probability;  // of each
};

struct MixtureInterval {
  double mean = kMissing, low = kMissing, high = kMissing;  // high: infinite where it is never
};

enum class Verdict { no_effect, lasting, temporary, undecided, unknown };
std::string_view verdict_name(Verdict verdict);

struct Permanence {
  FitStatus status = FitStatus::not_run;
  std::string message;
  int ar_order = 0, nobs = 0;
  std::vector<ShapeAlternative> alternatives;  // those that could be fitted
  double weight_of_none = kMissing;
  double p_permanent = kMissing, p_low = kMissing, p_high = kMissing;
  Criteria p_by_criterion;  // P(permanent) by the weights of each
  std::array<MixtureInterval, kPermanenceLags.size()> share, effect;
  MixtureInterval half_life;  // mean: the median
  bool exact = false;         // a response leaves no noise: it is the only alternative
  double taken_back = 0;      // mean share of the effect that later breaks took back
  Verdict verdict = Verdict::unknown;
  std::vector<std::string> reasons;
};

Permanence permanence(const PermanenceProblem& problem, const PermanenceOptions& options = {});

// After how many more periods the weight of the right class (permanent or not, given an effect)
// exceeds 0.9 in at least 80 % of futures simulated from the averaged model; the first such horizon
// out of 1, 2, 3, 6, 9, 12, 18, 24, 30, 36, 48, 60. future_x: the regressors of the 60 periods
// after the sample. phi of each alternative stays as estimated,
// and the start is the likeliest one.
struct SettleOptions {
  int futures = 100;
  double weight = 0.9, share = 0.8;
};
struct SettleResult {
  int months = -1;            // -1: more than 60
  double share = kMissing;    // of futures settled then (or after 60)
  double error = kMissing;    // its Monte-Carlo standard error
  std::string words() const;  // "12 months" | "more than 60 months"
};
SettleResult periods_to_settle(const PermanenceProblem& problem, const Permanence& result,
                               const MatrixView& future_x, const PermanenceOptions& options = {},
                               const SettleOptions& settle = {});

}  // namespace amnok
