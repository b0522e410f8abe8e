// Comparison in correct digits: the log relative error of the NIST StRD problems.
#pragma once

#include <catch2/catch.hpp>
#include <cmath>
#include <string>

namespace amnok {

// -log10 |x - c| / |c|, or -log10 |x| where c is zero; 17 when equal.
inline double correct_digits(double value, double certified) {
  if (value == certified) return 17;
  const double error =
      certified == 0 ? std::fabs(value) : std::fabs((value - certified) / certified);
  return std::isfinite(error) && error > 0 ? -std::log10(error) : error == 0 ? 17 : -17;
}

class AgreesTo : public Catch::MatcherBase<double> {
 public:
  AgreesTo(double reference, double digits) : reference_(reference), digits_(digits) {}
  bool match(const double& value) const override {
    return correct_digits(value, reference_) >= digits_;
  }
  std::string describe() const override {
    return "agrees with " + Catch::Detail::stringify(reference_) + " to " +
           Catch::Detail::stringify(digits_) + " digits";
  }

 private:
  double reference_, digits_;
};

}  // namespace amnok
