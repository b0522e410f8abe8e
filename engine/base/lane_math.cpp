#include "engine/base/lane_math.h"

#include <cmath>
#include <cstdint>
#include <cstring>

#include "engine/base/wide.h"

namespace amnok {

namespace {

constexpr int kLanes = 8;
typedef double Values __attribute__((vector_size(kLanes * 8)));
typedef std::int64_t Bits __attribute__((vector_size(kLanes * 8)));

// Added to a number below 2^51, it leaves the nearest integer in the lowest bits.
constexpr double kRounding = 6755399441055744.0;  // 1.5 2^52
constexpr std::int64_t kRoundingBits = 0x4338000000000000;
constexpr std::int64_t kExponentOfOne = 0x3ff0000000000000;
// log 2 in two parts, the first of 33 bits, so that its multiples are exact.
constexpr double kLog2High = 6.93147180369123816490e-01, kLog2Low = 1.90821492927058770002e-10;

// Casts between the two keep the bits. Functions change their argument in place: returning such wide
// values would depend on the vector registers of the machine.

// exp x = 2^k exp r, k = round(x / log 2), |r| <= log(2) / 2, by Taylor's series; |x| < 700.
inline void exp_lanes(Values& x) {
  const Values shifted = x * 1.4426950408889634 + kRounding;
  const Values k = shifted - kRounding;
  const Values r = (x - k * kLog2High) - k * kLog2Low;
  constexpr double kInverseFactorial[] = {
      1.0 / 2,     1.0 / 6,      1.0 / 24,      1.0 / 120,      1.0 / 720,       1.0 / 5040,
      1.0 / 40320, 1.0 / 362880, 1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
  Values sum = {};
  sum += kInverseFactorial[11];
  for (int i = 10; i >= 0; --i) sum = sum * r + kInverseFactorial[i];
  const Bits power = ((Bits)shifted << 52) + kExponentOfOne;
  x = (1.0 + (r + r * r * sum)) * (Values)power;
}

// log x = e log 2 + 2 atanh s, x = 2^e m, s = (m - 1) / (m + 1), m in (1 / sqrt 2, sqrt 2); x positive
// and not subnormal.
inline void log_lanes(Values& x) {
  const Bits bits = (Bits)x;
  Bits exponent = (bits >> 52) - 1023, mantissa = (bits & 0x000fffffffffffff) | kExponentOfOne;
  const Bits large = (Bits)((Values)mantissa > 1.4142135623730951);  // -1 where it is
  exponent -= large;
  mantissa += large << 52;
  const Bits rounded = exponent + kRoundingBits;
  const Values e = (Values)rounded - kRounding, m = (Values)mantissa;
  const Values s = (m - 1.0) / (m + 1.0), z = s * s;
  Values sum = {};
  for (int k = 11; k >= 1; --k) sum = (sum + 1.0 / (2 * k + 1)) * z;
  const Values twice = s + s;
  x = e * kLog2High + (twice + (twice * sum + e * kLog2Low));
}

// sin and cos of pi a = pi t + k pi / 2, k = round(2 a), |t| <= 1 / 4, by Taylor's series; |a| <= 1.
inline void turn(const Values& a, Values& sine, Values& cosine) {
  const Values shifted = 2.0 * a + kRounding;
  const Bits k = (Bits)shifted - kRoundingBits;
  const Values z = (a - 0.5 * (shifted - kRounding)) * 3.14159265358979323846, z2 = z * z;
  sine = cosine = z - z;
  for (int n = 8; n >= 1; --n) {
    sine = (sine + 1.0) * (z2 * (-1.0 / (2 * n * (2 * n + 1))));
    cosine = (cosine + 1.0) * (z2 * (-1.0 / (2 * n * (2 * n - 1))));
  }
  sine = z + z * sine;
  cosine = 1.0 + cosine;
  // A quarter turn swaps them, and half a turn changes their signs.
  const Bits odd = -(k & 1), s = (Bits)sine, c = (Bits)cosine;
  const Bits turned_sine = ((odd & c) | (~odd & s)) ^ ((k & 2) << 62);
  const Bits turned_cosine = ((odd & s) | (~odd & c)) ^ (((k + 1) & 2) << 62);
  sine = (Values)turned_sine;
  cosine = (Values)turned_cosine;
}

// The function of eight lanes; of those that do not lie between `low` and `high` by itself, so that no
// value depends on its neighbours.
template <class Function, class One>
inline void apply_to_eight(double* x, double low, double high, const Function& function,
                           const One& one) {
  Values values;
  std::memcpy(&values, x, sizeof(values));
  const Bits inside = (Bits)(values > low) & (Bits)(values < high);  // -1 where it is
  std::int64_t count = 0;
  for (int i = 0; i < kLanes; ++i) count -= inside[i];
  function(values);
  for (int i = 0; count < kLanes && i < kLanes; ++i) {
    if (inside[i] == 0) values[i] = one(x[i]);
  }
  std::memcpy(x, &values, sizeof(values));
}

template <class Function, class One>
inline void apply(double* x, std::ptrdiff_t n, double low, double high, const Function& function,
                  const One& one) {
  std::ptrdiff_t t = 0;
  for (; t + kLanes <= n; t += kLanes) apply_to_eight(x + t, low, high, function, one);
  if (t == n) return;
  double rest[kLanes] = {1, 1, 1, 1, 1, 1, 1, 1};
  const std::size_t bytes = static_cast<std::size_t>(n - t) * sizeof(double);
  std::memcpy(rest, x + t, bytes);
  apply_to_eight(rest, low, high, function, one);
  std::memcpy(x + t, rest, bytes);
}

}  // namespace

AMNOK_WIDE void lane_exp(double* x, std::ptrdiff_t n) {
  apply(
      x, n, -700, 700, [](Values& v) { exp_lanes(v); }, [](double v) { return std::exp(v); });
}

AMNOK_WIDE void lane_log(double* x, std::ptrdiff_t n) {
  apply(
      x, n, 1e-300, 1e300, [](Values& v) { log_lanes(v); }, [](double v) { return std::log(v); });
}

AMNOK_WIDE void lane_normals(const double* a, const double* u, double* normals) {
  Values angle, share;
  std::memcpy(&angle, a, sizeof(angle));
  std::memcpy(&share, u, sizeof(share));
  log_lanes(share);
  share *= -2.0;
  double radius[kLanes], sine[kLanes], cosine[kLanes];
  std::memcpy(radius, &share, sizeof(radius));
  for (double& r : radius) r = std::sqrt(r);
  Values sines = {}, cosines = {};
  turn(angle, sines, cosines);
  std::memcpy(sine, &sines, sizeof(sine));
  std::memcpy(cosine, &cosines, sizeof(cosine));
  for (int i = 0; i < kLanes; ++i) {
    normals[2 * i] = sine[i] * radius[i];
    normals[2 * i + 1] = cosine[i] * radius[i];
  }
}

}  // namespace amnok
