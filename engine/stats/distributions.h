// Distribution functions, by Boost.Math. sf is the upper tail, 1 - cdf without cancellation.
#pragma once

namespace amnok {

double normal_pdf(double x);
double normal_cdf(double x);
double normal_quantile(double p);
double normal_two_sided_p(double z);

double student_t_cdf(double x, double df);
double student_t_quantile(double p, double df);
double student_t_two_sided_p(double t, double df);

double chi_squared_cdf(double x, double df);
double chi_squared_sf(double x, double df);
double chi_squared_quantile(double p, double df);

double f_sf(double x, double df1, double df2);
double f_quantile(double p, double df1, double df2);

double gamma_quantile(double p, double shape, double scale);
double beta_quantile(double p, double a, double b);
double binomial_cdf(int k, int n, double p);

}  // namespace amnok
