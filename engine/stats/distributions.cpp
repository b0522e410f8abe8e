#include "engine/stats/distributions.h"

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/gamma.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

namespace amnok {

namespace {

namespace bm = boost::math;
// Errors become NaN or infinity: a statistic that cannot be had is missing, not an exception.
using Policy = bm::policies::policy<bm::policies::domain_error<bm::policies::ignore_error>,
                                    bm::policies::overflow_error<bm::policies::ignore_error>,
                                    bm::policies::evaluation_error<bm::policies::ignore_error>>;
using Normal = bm::normal_distribution<double, Policy>;
using StudentT = bm::students_t_distribution<double, Policy>;
using ChiSquared = bm::chi_squared_distribution<double, Policy>;
using FisherF = bm::fisher_f_distribution<double, Policy>;
using Gamma = bm::gamma_distribution<double, Policy>;
using Beta = bm::beta_distribution<double, Policy>;
using Binomial = bm::binomial_distribution<double, Policy>;

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

}  // namespace

double normal_pdf(double x) {
  return bm::pdf(Normal(), x);
}
double normal_cdf(double x) {
  return bm::cdf(Normal(), x);
}
double normal_quantile(double p) {
  return bm::quantile(Normal(), p);
}
double normal_two_sided_p(double z) {
  return 2 * bm::cdf(bm::complement(Normal(), std::fabs(z)));
}

double student_t_cdf(double x, double df) {
  return df > 0 ? bm::cdf(StudentT(df), x) : kNaN;
}

double student_t_quantile(double p, double df) {
  return df > 0 ? bm::quantile(StudentT(df), p) : kNaN;
}

double student_t_two_sided_p(double t, double df) {
  return df > 0 ? 2 * bm::cdf(bm::complement(StudentT(df), std::fabs(t))) : kNaN;
}

double chi_squared_cdf(double x, double df) {
  return df > 0 ? bm::cdf(ChiSquared(df), std::fmax(x, 0)) : kNaN;
}

double chi_squared_sf(double x, double df) {
  return df > 0 ? bm::cdf(bm::complement(ChiSquared(df), std::fmax(x, 0))) : kNaN;
}

// In doubles throughout: simulations draw a variance with it for every draw, and Boost's detour over
// long doubles costs three times as much for one more digit.
double chi_squared_quantile(double p, double df) {
  using InDoubles = bm::policies::normalise<Policy, bm::policies::promote_double<false>>::type;
  return df > 0 ? bm::quantile(bm::chi_squared_distribution<double, InDoubles>(df), p) : kNaN;
}

double f_sf(double x, double df1, double df2) {
  return df1 > 0 && df2 > 0 ? bm::cdf(bm::complement(FisherF(df1, df2), std::fmax(x, 0))) : kNaN;
}

double f_quantile(double p, double df1, double df2) {
  return df1 > 0 && df2 > 0 ? bm::quantile(FisherF(df1, df2), p) : kNaN;
}

double gamma_quantile(double p, double shape, double scale) {
  return bm::quantile(Gamma(shape, scale), p);
}

double beta_quantile(double p, double a, double b) {
  return bm::quantile(Beta(a, b), p);
}

double binomial_cdf(int k, int n, double p) {
  if (k < 0) return 0;
  if (k >= n) return 1;
  return bm::cdf(Binomial(n, p), k);
}

}  // namespace amnok
