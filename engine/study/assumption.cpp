#include "engine/study/assumption.h"

#include <fmt/format.h>

#include <boost/math/distributions/beta.hpp>
#include <boost/math/distributions/lognormal.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <boost/math/distributions/triangular.hpp>
#include <cmath>

#include "engine/base/text.h"
#include "engine/stats/random_stream.h"

namespace amnok {

namespace {

// Of a name's bytes (FNV-1a): the same on every machine.
std::uint32_t name_number(std::string_view name) {
  std::uint32_t hash = 2166136261u;
  for (char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
  return hash;
}

// mean = a / (a + b), sd^2 = mean (1 - mean) / (a + b + 1).
boost::math::beta_distribution<> beta_of(double mean, double sd) {
  const double sum = mean * (1 - mean) / (sd * sd) - 1;
  return {mean * sum, (1 - mean) * sum};
}

boost::math::lognormal_distribution<> lognormal_of(double mean, double sd) {
  const double variance = std::log1p(sd * sd / (mean * mean));
  return {std::log(mean) - variance / 2, std::sqrt(variance)};
}

}  // namespace

double AssumedDistribution::expectation() const {
  switch (kind) {
    case Kind::uniform:
      return (low + high) / 2;
    case Kind::triangular:
      return (low + mode + high) / 3;
    default:
      return mean;
  }
}

std::optional<std::pair<double, double>> AssumedDistribution::support() const {
  if (kind == Kind::beta) return std::pair(0.0, 1.0);
  if (kind == Kind::uniform || kind == Kind::triangular) return std::pair(low, high);
  return std::nullopt;
}

double AssumedDistribution::quantile(double p) const {
  using boost::math::quantile;
  switch (kind) {
    case Kind::normal:
      return quantile(boost::math::normal(mean, sd), p);
    case Kind::lognormal:
      return quantile(lognormal_of(mean, sd), p);
    case Kind::beta:
      return quantile(beta_of(mean, sd), p);
    case Kind::uniform:
      return low + p * (high - low);
    case Kind::triangular:
      return quantile(boost::math::triangular(low, mode, high), p);
    case Kind::point:
      return mean;
    case Kind::student_t:
      break;
  }
  return mean + sd * std::sqrt((df - 2) / df) * quantile(boost::math::students_t(df), p);
}

std::string AssumedDistribution::text() const {
  const auto moments = [&](const char* name) {
    return fmt::format("{} with mean {} and sd {}", name, format_number(mean), format_number(sd));
  };
  switch (kind) {
    case Kind::normal:
      return moments("normal");
    case Kind::lognormal:
      return moments("lognormal");
    case Kind::beta:
      return moments("beta");
    case Kind::uniform:
      return fmt::format("uniform from {} to {}", format_number(low), format_number(high));
    case Kind::triangular:
      return fmt::format("triangular from {} over {} to {}", format_number(low),
                         format_number(mode), format_number(high));
    case Kind::point:
      return format_number(mean);
    case Kind::student_t:
      break;
  }
  return moments("Student's t") + fmt::format(", {} degrees of freedom", format_number(df));
}

std::string AssumedDistribution::problem() const {
  const auto is = [](const char* name, double value, const std::string& constraint) {
    return fmt::format("{} is {}, but must be {}", name, format_number(value), constraint);
  };
  switch (kind) {
    case Kind::uniform:
      return low < high ? "" : is("high", high, "above low, " + format_number(low));
    case Kind::triangular:
      if (!(low < high)) return is("high", high, "above low, " + format_number(low));
      return low <= mode && mode <= high
                 ? ""
                 : is("mode", mode,
                      fmt::format("in [{}, {}]", format_number(low), format_number(high)));
    case Kind::lognormal:
      if (!(mean > 0)) return is("mean", mean, "above 0 for a lognormal");
      break;
    case Kind::beta: {
      if (!(mean > 0 && mean < 1)) return is("mean", mean, "between 0 and 1 for a beta");
      const double largest = std::sqrt(mean * (1 - mean));
      if (sd > 0 && !(sd < largest)) {
        return is("sd", sd,
                  fmt::format("below {} for a beta with mean {}", format_significant(largest, 3),
                              format_number(mean)));
      }
      break;
    }
    case Kind::student_t:
      if (!(df > 2)) return is("df", df, "above 2, so that there is a variance");
      break;
    case Kind::point:
      return "";
    case Kind::normal:
      break;
  }
  return sd > 0 ? "" : is("sd", sd, "above 0");
}

Eigen::RowVectorXd named_uniforms(std::string_view name, std::uint64_t seed, int first, int count) {
  Eigen::RowVectorXd result(count);
  const StreamKey key{seed, Purpose::assumption, name_number(name)};
  for (int r = 0; r < count; ++r) {
    double u = 0;
    fill_uniforms(key, static_cast<std::uint32_t>(first + r), {&u, 1});
    result(r) = u;
  }
  return result;
}

Eigen::RowVectorXd draw_assumption(std::string_view name, const AssumedDistribution& distribution,
                                   std::uint64_t seed, int first, int count) {
  return named_uniforms(name, seed, first, count).unaryExpr([&](double u) {
    return distribution.quantile(u);
  });
}

}  // namespace amnok
