#include "engine/report/claim_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "engine/data/identity_check.h"

namespace amnok {

namespace {

constexpr double kTolerance = 0.005;

// "USD million": what is counted, and how many of it are one.
struct Unit {
  std::string base;
  double scale = 1;
};

Unit unit_of(const std::string& text) {
  constexpr std::array<std::pair<std::string_view, double>, 9> kScales = {{{"thousand", 1e3},
                                                                           {"mn", 1e6},
                                                                           {"mio", 1e6},
                                                                           {"million", 1e6},
                                                                           {"millions", 1e6},
                                                                           {"bn", 1e9},
                                                                           {"billion", 1e9},
                                                                           {"trillion", 1e12},
                                                                           {"tn", 1e12}}};
  Unit unit;
  std::vector<std::string> words;
  const std::string lower = to_lower(text);
  for (const std::string_view word : split(lower, ' ')) {
    const auto at = std::find_if(kScales.begin(), kScales.end(),
                                 [&](const auto& scale) { return scale.first == word; });
    if (at != kScales.end()) {
      unit.scale *= at->second;
    } else if (!word.empty()) {
      words.emplace_back(word);
    }
  }
  unit.base = join(words, " ");
  return unit;
}

// Half a unit of the last digit of a number as it was written: 318.04 -> 0.005, 5000 -> 500.
double half_last_digit(double value) {
  std::string text = format_number(std::fabs(value));
  if (text.find('e') != std::string::npos) return 0;
  const auto point = text.find('.');
  if (point != std::string::npos) {
    return 0.5 * std::pow(10.0, -static_cast<double>(text.size() - point - 1));
  }
  const auto last = text.find_last_not_of('0');
  return last == std::string::npos
             ? 0
             : 0.5 * std::pow(10.0, static_cast<double>(text.size() - last - 1));
}

constexpr std::array<std::pair<std::string_view, ClaimMeasure>, 4> kMeasures = {
    {{"value", ClaimMeasure::value},
     {"change", ClaimMeasure::change},
     {"fall", ClaimMeasure::fall},
     {"share", ClaimMeasure::share}}};

std::string_view claim_measure_name(ClaimMeasure measure) {
  return std::find_if(kMeasures.begin(), kMeasures.end(),
                      [&](const auto& known) { return known.second == measure; })
      ->first;
}

bool is_about(const Fact& fact, const Claim& claim, const std::string& period) {
  const bool kind = fact.kind == Fact::Kind::recorded || fact.kind == Fact::Kind::recorded_year ||
                    fact.kind == Fact::Kind::projection || fact.kind == Fact::Kind::projected_year;
  const std::string series = to_lower(claim.series);
  const bool named = to_lower(fact.variable) == series || to_lower(fact.label) == series;
  const std::string scenario = to_lower(claim.scenario);
  const bool chosen = scenario.empty() || to_lower(fact.scenario) == scenario ||
                      to_lower(fact.scenario_label) == scenario;
  // What is recorded is so in every scenario.
  return kind && named && (chosen || fact.scenario.empty()) && fact.date == period;
}

std::vector<const Fact*> facts_about(const std::vector<Fact>& all, const Claim& claim,
                                     const std::string& period) {
  std::vector<const Fact*> facts;
  for (const Fact& fact : all) {
    if (is_about(fact, claim, period)) facts.push_back(&fact);
  }
  return facts;
}

// What was recorded, where it was.
const Fact* recorded_among(const std::vector<const Fact*>& facts) {
  const auto at = std::find_if(facts.begin(), facts.end(),
                               [](const Fact* fact) { return fact->scenario.empty(); });
  return at == facts.end() ? nullptr : *at;
}

std::string shown(double value, const Fact& fact) {
  return printed(value, fact.decimals) + (fact.unit.empty() ? "" : " " + fact.unit);
}

// "ten times too large", where a power of ten is all that is wrong; else empty.
std::string slip_words(double claimed, double known) {
  if (known == 0 || claimed / known <= 0) return "";
  const double power = std::round(std::log10(claimed / known));
  const double factor = std::pow(10.0, power);
  if (power == 0 || std::fabs(claimed / known / factor - 1) > 0.02) return "";
  return ", the claim is " + factor_words(1 / factor);
}

JudgedClaim unsaid(const Claim& claim, std::string reason) {
  return {claim, ClaimVerdict::cannot_be_said, std::move(reason)};
}

// Why a sum cannot be held against a claim; empty: it can.
std::string incomplete_words(const Fact& fact, std::string_view year) {
  if (fact.measure != "sum" || fact.note.find(" missing") == std::string::npos) return "";
  return fmt::format("{} is not whole: {} of it; {}", year, shown(fact.value, fact), fact.note);
}

JudgedClaim against_recorded(const Claim& claim, const Fact& fact, double value, double digit) {
  const std::string incomplete = incomplete_words(fact, "the year");
  if (!incomplete.empty()) return unsaid(claim, incomplete);
  const double gap = std::fabs(value - fact.value);
  const bool agrees = gap <= std::max(digit, kTolerance * std::fabs(fact.value));
  const std::string note = fact.note.empty() ? "" : "; " + fact.note;
  return {claim, agrees ? ClaimVerdict::agrees : ClaimVerdict::contradicts,
          fmt::format("recorded {}{}{}", shown(fact.value, fact),
                      agrees ? "" : slip_words(value, fact.value), note)};
}

std::string projection_words(const Fact& fact) {
  return fmt::format("{} [{}, {}]{}{} if “{}”", printed(fact.value, fact.decimals),
                     printed(fact.low, fact.decimals), printed(fact.high, fact.decimals),
                     fact.unit.empty() ? "" : " ", fact.unit, fact.scenario_label);
}

// "2021" -> "2020", "2023-09" -> "2022-09"; empty where a period begins with no year.
std::string year_before(const std::string& period) {
  const std::size_t digits = period.find_first_not_of("0123456789");
  const std::size_t length = digits == std::string::npos ? period.size() : digits;
  const std::optional<double> year = parse_double(period.substr(0, length));
  if (length != 4 || !year) return "";
  return fmt::format("{:.0f}{}", *year - 1, period.substr(length));
}

// The per cent that a claim speaks of, with the claim's sign.
double per_cent(const Claim& claim, double value, double base) {
  const double share = 100 * value / base;
  if (claim.measure == ClaimMeasure::share) return share;
  return claim.measure == ClaimMeasure::fall ? 100 - share : share - 100;
}

std::string per_cent_words(const Claim& claim, const std::string& figures) {
  if (claim.measure == ClaimMeasure::share) return figures + " % of it";
  return claim.measure == ClaimMeasure::fall ? "a fall by " + figures + " %"
                                             : "a change by " + figures + " %";
}

JudgedClaim projected_ratio(const Claim& claim, const std::vector<const Fact*>& facts,
                            const Fact& base, double digit) {
  std::vector<std::string> bands;
  for (const Fact* fact : facts) {
    const double one = per_cent(claim, fact->low, base.value),
                 other = per_cent(claim, fact->high, base.value);
    const double low = std::min(one, other), high = std::max(one, other);
    const std::string words =
        fmt::format("{} [{:.1f}, {:.1f}] if “{}”",
                    per_cent_words(claim, printed(per_cent(claim, fact->value, base.value), 1)),
                    low, high, fact->scenario_label);
    if (claim.value >= low - digit && claim.value <= high + digit) {
      return {claim, ClaimVerdict::agrees, "inside the 90 % band: " + words};
    }
    bands.push_back(words);
  }
  return {claim, ClaimVerdict::contradicts, "outside the 90 % band: " + join(bands, "; ")};
}

// A per cent of what the series was in another period.
JudgedClaim judge_ratio(const Claim& claim, const std::vector<Fact>& all,
                        const std::vector<const Fact*>& facts) {
  const std::string unit = to_lower(claim.unit);
  if (!unit.empty() && unit != "percent" && unit != "per cent" && unit != "%") {
    return unsaid(claim, fmt::format("a {} is in per cent, the claim in {}",
                                     claim_measure_name(claim.measure), claim.unit));
  }
  const std::string period = claim.base.empty() ? year_before(claim.period) : claim.base;
  const std::vector<const Fact*> before = facts_about(all, claim, period);
  if (before.empty()) {
    return unsaid(claim, fmt::format("the run has no {} in {}", claim.series, period));
  }
  const Fact* base = recorded_among(before);
  if (base == nullptr) return unsaid(claim, fmt::format("{} is itself a projection", period));
  if (!(base->value > 0)) {
    return unsaid(claim, fmt::format("it was {} in {}", shown(base->value, *base), period));
  }
  const Fact* now = recorded_among(facts);
  for (const Fact* fact : {base, now}) {
    const std::string words = fact == nullptr ? "" : incomplete_words(*fact, fact->date);
    if (!words.empty()) return unsaid(claim, words);
  }
  const double digit = half_last_digit(claim.value);
  if (now == nullptr) return projected_ratio(claim, facts, *base, digit);
  const double known = per_cent(claim, now->value, base->value);
  const bool agrees =
      std::fabs(claim.value - known) <= std::max(digit, kTolerance * std::fabs(known));
  return {
      claim, agrees ? ClaimVerdict::agrees : ClaimVerdict::contradicts,
      fmt::format("recorded {} in {} and {} in {}: {}", shown(now->value, *now), now->date,
                  shown(base->value, *base), base->date, per_cent_words(claim, printed(known, 1)))};
}

// What a claim does not say: "it names no series and no period"; empty: all is there.
std::string unnamed_words(const Claim& claim) {
  std::vector<std::string> missing;
  if (claim.series.empty()) missing.push_back("no series of the run");
  if (claim.period.empty()) missing.push_back("no period");
  if (std::isnan(claim.value)) missing.push_back("no value");
  return missing.empty() ? "" : "it names " + join(missing, ", ");
}

}  // namespace

std::string_view verdict_words(ClaimVerdict verdict) {
  switch (verdict) {
    case ClaimVerdict::agrees:
      return "agrees";
    case ClaimVerdict::contradicts:
      return "contradicts";
    case ClaimVerdict::cannot_be_said:
      break;
  }
  return "cannot be said";
}

JudgedClaim judge_claim(const Claim& claim, const std::vector<Fact>& all) {
  const std::string unnamed = unnamed_words(claim);
  if (!unnamed.empty()) return unsaid(claim, unnamed);
  const std::vector<const Fact*> facts = facts_about(all, claim, claim.period);
  if (facts.empty()) {
    return unsaid(claim, fmt::format("the run has no {} in {}", claim.series, claim.period));
  }
  if (claim.measure != ClaimMeasure::value) return judge_ratio(claim, all, facts);
  const Unit known = unit_of(facts.front()->unit), given = unit_of(claim.unit);
  if (!claim.unit.empty() && given.base != known.base) {
    return unsaid(claim, fmt::format("the claim is in {}, the series in {}", claim.unit,
                                     facts.front()->unit));
  }
  const double factor = claim.unit.empty() ? 1 : given.scale / known.scale;
  const double value = claim.value * factor, digit = half_last_digit(claim.value) * factor;
  if (const Fact* fact = recorded_among(facts)) {
    return against_recorded(claim, *fact, value, digit);
  }
  for (const Fact* fact : facts) {
    if (value >= fact->low - digit && value <= fact->high + digit) {
      return {claim, ClaimVerdict::agrees, "inside the 90 % band: " + projection_words(*fact)};
    }
  }
  std::vector<std::string> bands;
  for (const Fact* fact : facts) bands.push_back(projection_words(*fact));
  return {claim, ClaimVerdict::contradicts, "outside the 90 % band: " + join(bands, "; ")};
}

std::vector<JudgedClaim> judge_claims(const std::vector<Claim>& claims,
                                      const std::vector<Fact>& facts) {
  std::vector<JudgedClaim> judged;
  for (const Claim& claim : claims) judged.push_back(judge_claim(claim, facts));
  return judged;
}

namespace {

ClaimMeasure measure_cell(const CsvTable& table, std::size_t row, const std::string& text,
                          ProblemList& problems) {
  if (text.empty()) return ClaimMeasure::value;
  for (const auto& [name, measure] : kMeasures) {
    if (to_lower(text) == name) return measure;
  }
  problems.error(table.where(row), fmt::format("measure is \"{}\", but must be value, change, "
                                               "fall or share",
                                               text));
  return ClaimMeasure::value;
}

}  // namespace

std::vector<Claim> read_claims(const std::string& file) {
  ProblemList problems;
  const CsvTable table = read_csv(file, problems);
  problems.throw_if_errors();
  const auto text = [&](std::size_t row, const char* name) -> std::string {
    const int column = table.column(name);
    return column < 0 ? "" : std::string(trim(table.cell(row, static_cast<std::size_t>(column))));
  };
  const int value = table.column("value");
  if (value < 0) {
    throw InputError(fmt::format("{} has no column value", file),
                     "claims have columns series, period, value and, if wished, unit and scenario");
  }
  std::vector<Claim> claims;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Claim claim;
    claim.id = text(row, "claim_id");
    const std::string quoted = text(row, "quoted_figure");
    if (!quoted.empty()) claim.id += (claim.id.empty() ? "" : " ") + quoted;
    claim.series = text(row, "series");
    claim.period = text(row, "period");
    claim.unit = text(row, "unit");
    claim.scenario = text(row, "scenario");
    claim.measure = measure_cell(table, row, text(row, "measure"), problems);
    claim.base = text(row, "base");
    claim.value =
        number_cell(table, row, static_cast<std::size_t>(value), problems).value_or(kMissing);
    if (claim.id.empty()) {
      claim.id = fmt::format("{} {} {}", claim.series, claim.period, format_number(claim.value));
    }
    claims.push_back(std::move(claim));
  }
  problems.throw_if_errors();
  return claims;
}

std::string claims_csv(const std::vector<JudgedClaim>& claims) {
  std::string text = "claim,series,period,value,unit,scenario,verdict,reason,measure,base\n";
  for (const JudgedClaim& judged : claims) {
    const Claim& c = judged.claim;
    text += fmt::format("{},{},{},{},{},{},{},{},{},{}\n", csv_field(c.id), csv_field(c.series),
                        csv_field(c.period), std::isnan(c.value) ? "" : format_number(c.value),
                        csv_field(c.unit), csv_field(c.scenario), verdict_words(judged.verdict),
                        csv_field(judged.reason), claim_measure_name(c.measure), csv_field(c.base));
  }
  return text;
}

std::string claims_text(const std::vector<JudgedClaim>& claims) {
  std::string text;
  std::array<int, 3> counts{};
  for (const JudgedClaim& judged : claims) {
    ++counts[static_cast<std::size_t>(judged.verdict)];
    text += fmt::format("{:14}  {}\n                {}\n", verdict_words(judged.verdict),
                        judged.claim.id, judged.reason);
  }
  return text + fmt::format("\n{} agree, {} contradict, {} cannot be said\n", counts[0], counts[1],
                            counts[2]);
}

}  // namespace amnok
