// One value a draw, or one value that all draws share. Arithmetic broadcasts, so that expressions
// work on constants, history and simulated rows alike.
#pragma once

#include <cmath>

#include "engine/base/lane_math.h"
#include "engine/base/matrix.h"

namespace amnok {

class DrawRow {
 public:
  using Array = Eigen::Array<double, 1, Eigen::Dynamic>;

  DrawRow(double shared = 0) : shared_(shared) {}
  explicit DrawRow(Array values) : values_(std::move(values)) {}

  // Row h of a path that is H x 1 (shared) or H x R.
  static DrawRow of(const DrawMatrix& path, Eigen::Index h) {
    return path.cols() == 1 ? DrawRow(path(h, 0)) : DrawRow(Array(path.row(h)));
  }

  bool is_shared() const { return values_.size() == 0; }
  double shared() const { return shared_; }
  const Array& values() const { return values_; }
  // As many values as there are draws.
  Array expand(Eigen::Index draws) const {
    return is_shared() ? Array::Constant(1, draws, shared_) : values_;
  }

  template <class F>
  DrawRow map(const F& f) const {
    return is_shared() ? DrawRow(f(shared_)) : DrawRow(Array(values_.unaryExpr(f)));
  }

  template <class F>
  static DrawRow combine(const DrawRow& a, const DrawRow& b, const F& f) {
    if (a.is_shared() && b.is_shared()) return DrawRow(f(a.shared_, b.shared_));
    if (a.is_shared()) {
      return DrawRow(Array(b.values_.unaryExpr([&](double y) { return f(a.shared_, y); })));
    }
    if (b.is_shared()) {
      return DrawRow(Array(a.values_.unaryExpr([&](double x) { return f(x, b.shared_); })));
    }
    return DrawRow(Array(a.values_.binaryExpr(b.values_, f)));
  }

 private:
  double shared_ = 0;
  Array values_{};
};

inline DrawRow operator-(const DrawRow& a) {
  return a.map([](double x) { return -x; });
}
inline DrawRow operator+(const DrawRow& a, const DrawRow& b) {
  return DrawRow::combine(a, b, [](double x, double y) { return x + y; });
}
inline DrawRow operator-(const DrawRow& a, const DrawRow& b) {
  return DrawRow::combine(a, b, [](double x, double y) { return x - y; });
}
inline DrawRow operator*(const DrawRow& a, const DrawRow& b) {
  return DrawRow::combine(a, b, [](double x, double y) { return x * y; });
}
inline DrawRow operator/(const DrawRow& a, const DrawRow& b) {
  return DrawRow::combine(a, b, [](double x, double y) { return x / y; });
}
inline DrawRow pow(const DrawRow& a, double b) {
  return a.map([b](double x) { return std::pow(x, b); });
}
inline DrawRow pow(const DrawRow& a, const DrawRow& b) {
  return DrawRow::combine(a, b, [](double x, double y) { return std::pow(x, y); });
}
inline DrawRow min(const DrawRow& a, const DrawRow& b) {
  return DrawRow::combine(a, b, [](double x, double y) { return x < y ? x : y; });
}
inline DrawRow max(const DrawRow& a, const DrawRow& b) {
  return DrawRow::combine(a, b, [](double x, double y) { return x < y ? y : x; });
}
inline DrawRow log(const DrawRow& a) {
  if (a.is_shared()) return DrawRow(std::log(a.shared()));
  DrawRow::Array values = a.values();
  lane_log(values.data(), values.size());
  return DrawRow(std::move(values));
}
inline DrawRow exp(const DrawRow& a) {
  if (a.is_shared()) return DrawRow(std::exp(a.shared()));
  DrawRow::Array values = a.values();
  lane_exp(values.data(), values.size());
  return DrawRow(std::move(values));
}
inline DrawRow sqrt(const DrawRow& a) {
  return a.map([](double x) { return std::sqrt(x); });
}
inline DrawRow abs(const DrawRow& a) {
  return a.map([](double x) { return std::fabs(x); });
}
inline DrawRow sin(const DrawRow& a) {
  return a.map([](double x) { return std::sin(x); });
}
inline DrawRow cos(const DrawRow& a) {
  return a.map([](double x) { return std::cos(x); });
}
inline DrawRow tan(const DrawRow& a) {
  return a.map([](double x) { return std::tan(x); });
}
inline DrawRow atan(const DrawRow& a) {
  return a.map([](double x) { return std::atan(x); });
}

}  // namespace amnok
