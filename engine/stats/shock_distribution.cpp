#include "engine/stats/shock_distribution.h"

#include <fmt/format.h>

#include "engine/base/check.h"
#include "engine/base/text.h"

namespace amnok {

namespace {
constexpr std::string_view kNames[] = {"gaussian", "student_t", "bootstrap"};
}  // namespace

std::string_view innovations_name(Innovations kind) {
  return kNames[static_cast<std::size_t>(kind)];
}

Innovations parse_innovations(std::string_view name) {
  for (Innovations kind : {Innovations::gaussian, Innovations::student_t, Innovations::bootstrap}) {
    if (innovations_name(kind) == name) return kind;
  }
  AMNOK_CHECK(false, "innovations {}", name);
  return Innovations::gaussian;
}

double ShockDistribution::df() const {
  const auto* map = std::get_if<StudentTMap>(&map_);
  return map != nullptr ? map->df() : kMissing;
}

Eigen::Index ShockDistribution::size() const {
  const auto* values = std::get_if<EmpiricalQuantile>(&map_);
  return values != nullptr ? values->size() : 0;
}

std::string ShockDistribution::words() const {
  switch (kind()) {
    case Innovations::student_t:
      return fmt::format("Student t with {} degrees of freedom", format_significant(df(), 3));
    case Innovations::bootstrap:
      return fmt::format("{} residuals, drawn with replacement", size());
    case Innovations::gaussian:
      break;
  }
  return "gaussian";
}

double ShockDistribution::operator()(double u) const {
  return std::visit([u](const auto& map) { return map(u); }, map_);
}

double ShockDistribution::score(double x) const {
  return std::visit([x](const auto& map) { return map.inverse(x); }, map_);
}

void ShockDistribution::apply(DrawMatrix& u) const {
  if (kind() == Innovations::gaussian) return;
  std::visit([&u](const auto& map) { u = u.unaryExpr([&map](double x) { return map(x); }); }, map_);
}

}  // namespace amnok
