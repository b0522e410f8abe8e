#include "engine/data/identity_check.h"

#include <catch2/catch.hpp>

#include "engine/data/evaluate.h"

namespace amnok {

namespace {

Frame frame_of(const std::vector<std::pair<std::string, std::vector<double>>>& columns) {
  Frame frame({{Frequency::annual, 2019}, static_cast<std::int64_t>(columns[0].second.size())});
  for (const auto& [name, values] : columns) {
    frame.add({name,
               "",
               frame.range().first,
               Eigen::Map<const VectorXd>(values.data(), static_cast<Eigen::Index>(values.size())),
               {},
               {},
               "",
               {}});
  }
  return frame;
}

IdentityCheck identity(const std::string& text, std::vector<std::string> trusted = {}) {
  IdentityCheck check;
  check.text = text;
  check.relation = parse_relation(text);
  check.trusted = std::move(trusted);
  return check;
}

}  // namespace

TEST_CASE("identity: within tolerance is no violation") {
  const Frame frame = frame_of({{"m", {100, 200}}, {"x", {50, 60}}, {"t", {150.5, 260}}});
  const IdentityReport report = check_identities({identity("m + x = t")}, frame);
  CHECK(report.violations.empty());
  CHECK(report.periods[0] == 2);
}

TEST_CASE("identity: a single slip is found with its period and factor") {
  const Frame frame = frame_of({{"m", {100, 2000}}, {"x", {50, 60}}, {"t", {150, 260}}});
  const IdentityReport report = check_identities({identity("m + x = t")}, frame);
  REQUIRE(report.violations.size() == 1);
  REQUIRE(report.repairs.size() == 1);
  CHECK(report.repairs[0].factor == 0.1);
  REQUIRE(report.repairs[0].figures.size() == 1);
  CHECK(report.repairs[0].figures[0].variable == "m");
  CHECK(format_period(report.repairs[0].figures[0].period) == "2020");
  CHECK(report.repairs[0].figures[0].repaired == Approx(200));
}

TEST_CASE("identity: without an anchor both readings of a slip are said") {
  // Exports 89.3 against 7700 = 8600 - ...: exports may be too small, or the others too large.
  const Frame frame = frame_of({{"x", {89.3}}, {"m", {7700}}, {"t", {8600}}});
  const IdentityReport report = check_identities({identity("x + m = t")}, frame);
  REQUIRE(report.repairs.size() == 1);
  CHECK(report.repairs[0].figures.size() == 1);
  CHECK(report.repairs[0].alternative.size() == 2);
}

TEST_CASE("identity: a trusted series tells which side slipped") {
  const Frame frame =
      frame_of({{"x", {89.3}}, {"m", {7700}}, {"t", {8600}}, {"d", {6800}}, {"kotra_x", {89.30}}});
  const IdentityReport report = check_identities(
      {identity("x + m = t", {"kotra_x"}), identity("m - x = d"), identity("x = kotra_x")}, frame);
  REQUIRE(report.repairs.size() == 1);
  CHECK(report.repairs[0].factor == 0.1);
  CHECK(report.repairs[0].alternative.empty());
  std::vector<std::string> names;
  for (const RepairedFigure& f : report.repairs[0].figures) names.push_back(f.variable);
  std::sort(names.begin(), names.end());
  CHECK(names == std::vector<std::string>{"d", "m", "t"});
}

TEST_CASE("identity: missing figures are not checked") {
  const Frame frame = frame_of({{"m", {100, kMissing}}, {"t", {100, 7}}});
  CHECK(check_identities({identity("m = t")}, frame).periods[0] == 1);
}

TEST_CASE("identity: only the asked periods, and inequalities") {
  const Frame frame = frame_of({{"m", {100, 5}}, {"t", {100, 7}}});
  IdentityCheck check = identity("m = t");
  check.at = PeriodRange{{Frequency::annual, 2019}, 1};
  CHECK(check_identities({check}, frame).violations.empty());
  CHECK(check_identities({identity("m <= t")}, frame).violations.empty());
  CHECK(check_identities({identity("m >= t")}, frame).violations.size() == 1);
}

TEST_CASE("identity: an absolute tolerance") {
  const Frame frame = frame_of({{"m", {41.4}}, {"t", {41}}});
  IdentityCheck check = identity("m = t");
  check.absolute = true;
  check.tolerance = 0.5;
  CHECK(check_identities({check}, frame).violations.empty());
  check.tolerance = 0.3;
  CHECK(check_identities({check}, frame).violations.size() == 1);
}

TEST_CASE("identity: factors in words") {
  CHECK(factor_words(0.1) == "ten times too large");
  CHECK(factor_words(1000) == "1000 times too small");
}

}  // namespace amnok
