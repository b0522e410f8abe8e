#include "engine/stats/distributions.h"

#include <catch2/catch.hpp>
#include <cmath>

namespace amnok {

// Values as printed in standard tables.
TEST_CASE("distributions: table values") {
  CHECK(normal_cdf(1.959963984540054) == Approx(0.975).epsilon(1e-12));
  CHECK(normal_quantile(0.995) == Approx(2.575829303548901).epsilon(1e-12));
  CHECK(student_t_quantile(0.975, 1) == Approx(12.706204736174705).epsilon(1e-12));
  CHECK(chi_squared_quantile(0.95, 3) == Approx(7.814727903251179).epsilon(1e-12));
  CHECK(f_quantile(0.95, 2, 10) == Approx(4.102821015).epsilon(1e-9));
  CHECK(normal_two_sided_p(-1.959963984540054) == Approx(0.05).epsilon(1e-12));
  CHECK(binomial_cdf(2, 10, 0.5) == Approx(0.0546875));
}

TEST_CASE("distributions: far tails do not cancel") {
  CHECK(chi_squared_sf(200, 2) == Approx(std::exp(-100.0)).epsilon(1e-10));
  CHECK(f_sf(1e6, 1, 30) > 0);
  CHECK(normal_two_sided_p(38) > 0);
}

TEST_CASE("distributions: without degrees of freedom there is no value, and no exception") {
  CHECK(std::isnan(student_t_quantile(0.975, 0)));
  CHECK(std::isnan(chi_squared_sf(3, -1)));
  CHECK(std::isnan(f_sf(3, 2, 0)));
  CHECK(chi_squared_sf(-3, 2) == 1);
}

}  // namespace amnok
