// How good forecasts are: scores of points, quantiles, intervals and distributions.
//
//   e_t = y_t - f_t        the error, in units of the target
//
// Pairs with a missing (NaN) part are left out; a score without a pair is NaN. Every score but the
// signed ones (ME, MPE, ACF1) is better when lower. Proper scores (CRPS, quantile, interval, log)
// cannot be gamed: telling the truth is best (Gneiting & Raftery 2007, JASA 102, 359-378).
#pragma once

#include <vector>

#include "engine/base/matrix.h"

namespace amnok {

// --- Points -------------------------------------------------------------------------------------

double mean_error(const VectorView& actual, const VectorView& forecast);
double mean_absolute_error(const VectorView& actual, const VectorView& forecast);
double root_mean_squared_error(const VectorView& actual, const VectorView& forecast);

// 100 e / y: infinite where an actual is zero.
double mean_percentage_error(const VectorView& actual, const VectorView& forecast);
double mean_absolute_percentage_error(const VectorView& actual, const VectorView& forecast);

// absolute  200 |e| / (|y| + |f|), in [0, 200] (Makridakis & Hibon 2000, Int. J. Forecasting 16,
//           451-476); a pair of two zeros counts as zero
// plain     200 |e| / (y + f), which may be negative (Armstrong 1985)
enum class SymmetricError { absolute, plain };
double symmetric_percentage_error(const VectorView& actual, const VectorView& forecast,
                                  SymmetricError form = SymmetricError::absolute);

// The error of repeating the last season in the training sample, mean |y_t - y_{t-m}| and mean
// (y_t - y_{t-m})^2: what MASE (Hyndman & Koehler 2006, Int. J. Forecasting 22, 679-688) and RMSSE
// (Makridakis, Spiliotis & Assimakopoulos 2022, Int. J. Forecasting 38, 1346-1364) divide by. NaN
// without a pair that is m apart.
double seasonal_absolute_scale(const VectorView& training, int season);
double seasonal_squared_scale(const VectorView& training, int season);

double mean_absolute_scaled_error(const VectorView& actual, const VectorView& forecast,
                                  const VectorView& training, int season);
double root_mean_squared_scaled_error(const VectorView& actual, const VectorView& forecast,
                                      const VectorView& training, int season);

// Theil's U2 (1966, Applied Economic Forecasting): relative errors over those of no change,
// sqrt(sum ((f_t - y_t) / y_{t-1})^2 / sum ((y_t - y_{t-1}) / y_{t-1})^2), t from the second pair.
double theil_u(const VectorView& actual, const VectorView& forecast);

// First autocorrelation of the errors.
double error_autocorrelation(const VectorView& actual, const VectorView& forecast);

struct PointScores {
  int count = 0;
  double me = kMissing, mae = kMissing, rmse = kMissing, mpe = kMissing, mape = kMissing,
         smape = kMissing, mase = kMissing, rmsse = kMissing, theil_u = kMissing, acf1 = kMissing;
};
// All of them; smape is the absolute form.
PointScores point_scores(const VectorView& actual, const VectorView& forecast,
                         const VectorView& training, int season);

// --- Quantiles and intervals --------------------------------------------------------------------

// Quantile (pinball) loss of the forecast q of the quantile p in (0, 1): (y - q)(p - 1{y < q}).
double pinball_loss(double actual, double quantile, double p);

// Interval score of the central (1 - alpha) interval [low, high] (Winkler 1972, JASA 67, 187-191):
//   (high - low) + 2/alpha (low - y) 1{y < low} + 2/alpha (y - high) 1{y > high}
double interval_score(double actual, double low, double high, double alpha);

double mean_pinball_loss(const VectorView& actual, const VectorView& quantile, double p);
double mean_interval_score(const VectorView& actual, const VectorView& low, const VectorView& high,
                           double alpha);
// The mean interval score over the seasonal absolute scale (M4: Makridakis et al. 2020, Int. J.
// Forecasting 36, 54-74).
double mean_scaled_interval_score(const VectorView& actual, const VectorView& low,
                                  const VectorView& high, double alpha, const VectorView& training,
                                  int season);

// How often intervals held, and a band for the true share.
struct Coverage {
  int inside = 0, count = 0;
  double share = kMissing;
  double low = kMissing, high = kMissing;
};
// wilson: Wilson (1927, JASA 22, 209-212); exact: Clopper & Pearson (1934, Biometrika 26, 404-413).
enum class BinomialBand { wilson, exact };
// The band for a share of `inside` out of `count` independent cases, at the given confidence.
Coverage coverage_of(int inside, int count, double confidence = 0.95,
                     BinomialBand band = BinomialBand::wilson);
// Ends belong to the interval.
Coverage interval_coverage(const VectorView& actual, const VectorView& low, const VectorView& high,
                           double confidence = 0.95, BinomialBand band = BinomialBand::wilson);

// --- Distributions ------------------------------------------------------------------------------

// Continuous ranked probability score, the integral of (F(x) - 1{x >= y})^2 dx; for a point |y - f|.
//   N(mu, sd^2):  sd (z (2 Phi(z) - 1) + 2 phi(z) - 1 / sqrt(pi)),   z = (y - mu) / sd
// sd = 0 is a point.
double crps_normal(double actual, double mean, double sd);

// Of a sample x_1 .. x_n:  mean |x_i - y| - c sum_{i,j} |x_i - x_j|
//   ecdf  c = 1 / (2 n^2)         of the empirical distribution
//   fair  c = 1 / (2 n (n - 1))   unbiased for the distribution that was drawn from (Ferro 2014,
//                                 Q. J. R. Meteorol. Soc. 140, 1917-1923); equal to the probability
//                                 weighted moment form of Zamo & Naveau (2018, Math. Geosci. 50,
//                                 209-234). n at least 2.
enum class SampleCrps { ecdf, fair };
double crps_sample(double actual, std::vector<double> draws, SampleCrps form = SampleCrps::fair);

// -log of the normal density.
double log_score_normal(double actual, double mean, double sd);

// Probability integral transforms: uniform on (0, 1) when forecasts are calibrated. The sample's is
// the share of draws below, ties counted half.
double pit_normal(double actual, double mean, double sd);
double pit_sample(double actual, const std::vector<double>& draws);

}  // namespace amnok
