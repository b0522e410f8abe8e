// Sentences and judged claims.
#include "engine/report/explanation.h"

#include <catch2/catch.hpp>

#include "engine/report/claim_check.h"
#include "tests/support/message_of.h"
#include "tests/support/program.h"
#include "tests/support/sample_document.h"

namespace amnok {

namespace {

ClaimVerdict verdict(const Claim& claim) {
  return judge_claim(claim, sample_document().facts).verdict;
}

}  // namespace

TEST_CASE("explanation: a fact is a sentence with value, unit, interval, date and scenario") {
  const Document document = sample_document();
  CHECK(fact_sentence(document.facts[0]) ==
        "Imports in 2023-09: 194 USD mn (90 % interval 119 to 286) if “Border opens”.");
  CHECK(fact_sentence(document.facts[1]) == "Imports was 261.3 USD mn over 2021.");
  CHECK(provenance_words(document.provenance) ==
        "amnok 0.0.0, config study.toml (sha256 aaaaaaaaaaaa), 1000 draws, seed 7, data of vintage "
        "2026-06");
}

TEST_CASE("explanation: every word of the query must be there, whatever its case") {
  const Document document = sample_document();
  CHECK(matching_facts(document, {"IMPORTS"}).size() == 2);
  CHECK(matching_facts(document, {"imports", "2023"}).size() == 1);
  CHECK(matching_facts(document, {"actual", "annual"}).size() == 1);
  CHECK_THAT(message_of([&] { explanation(document, {"nothing"}); }),
             Catch::Contains("\"nothing\" matches nothing in this run"));
}

TEST_CASE("claims: recorded figures agree to the digits of the claim") {
  CHECK(verdict({"", "m", "2021", "USD mn", "", 261.3}) == ClaimVerdict::agrees);
  CHECK(verdict({"", "Imports", "2021", "USD billion", "", 0.26}) == ClaimVerdict::agrees);
  CHECK(verdict({"", "m", "2021", "", "", 260}) == ClaimVerdict::agrees);  // to the ten
  CHECK(verdict({"", "m", "2021", "", "", 251}) == ClaimVerdict::contradicts);
  const JudgedClaim slip = judge_claim({"", "m", "2021", "", "", 2613}, sample_document().facts);
  CHECK(slip.verdict == ClaimVerdict::contradicts);
  CHECK_THAT(slip.reason, Catch::Contains("ten times too large"));
}

TEST_CASE("claims: a year with missing months cannot be held against a claim") {
  std::vector<Fact> facts = sample_document().facts;
  facts[1].note = "11 of 12 months recorded, 1 missing";
  const JudgedClaim judged = judge_claim({"", "m", "2021", "", "", 300}, facts);
  CHECK(judged.verdict == ClaimVerdict::cannot_be_said);
  CHECK_THAT(judged.reason,
             Catch::Contains("the year is not whole") && Catch::Contains("1 missing"));
}

TEST_CASE("claims: projections agree inside their band") {
  CHECK(verdict({"", "m", "2023-09", "", "open", 280}) == ClaimVerdict::agrees);
  CHECK(verdict({"", "m", "2023-09", "", "", 301}) == ClaimVerdict::contradicts);
}

TEST_CASE("claims: what is not named or not comparable cannot be said") {
  CHECK(verdict({"", "", "2021", "", "", 1}) == ClaimVerdict::cannot_be_said);
  CHECK(verdict({"", "m", "1990", "", "", 1}) == ClaimVerdict::cannot_be_said);
  CHECK(verdict({"", "m", "2021", "percent", "", 41}) == ClaimVerdict::cannot_be_said);
  CHECK(verdict({"", "m", "2023-09", "", "closed", 200}) == ClaimVerdict::cannot_be_said);
}

TEST_CASE("claims: a per cent is judged by its base") {
  std::vector<Fact> facts = sample_document().facts;  // 261.3 in 2021
  Fact base = facts[1];
  base.date = "2020";
  base.value = 522.6;
  facts.push_back(base);
  const auto judged = [&](ClaimMeasure measure, double value, const char* period, const char* from,
                          const char* unit = "percent") {
    return judge_claim({"", "m", period, unit, "", value, measure, from}, facts);
  };
  CHECK(judged(ClaimMeasure::fall, 50, "2021", "2020").verdict == ClaimVerdict::agrees);
  CHECK(judged(ClaimMeasure::change, -50.3, "2021", "2020").verdict == ClaimVerdict::contradicts);
  CHECK(judged(ClaimMeasure::change, 50, "2021", "2020").verdict == ClaimVerdict::contradicts);
  CHECK(judged(ClaimMeasure::share, 50, "2021", "2020").verdict == ClaimVerdict::agrees);
  // Without a base: on the year before.
  const JudgedClaim fall = judged(ClaimMeasure::fall, 41, "2021", "");
  CHECK(fall.verdict == ClaimVerdict::contradicts);
  CHECK(fall.reason == "recorded 261.3 USD mn in 2021 and 522.6 USD mn in 2020: a fall by 50.0 %");
  // A projection on what was recorded: [119, 300] of 522.6.
  facts.push_back(facts[1]);
  facts.back().date = "2022-09";
  facts.back().value = 200;
  CHECK(judged(ClaimMeasure::change, 20, "2023-09", "").verdict == ClaimVerdict::agrees);
  const JudgedClaim outside = judged(ClaimMeasure::change, 120, "2023-09", "");
  CHECK(outside.verdict == ClaimVerdict::contradicts);
  CHECK_THAT(outside.reason,
             Catch::Contains("outside the 90 % band: a change by -2.8 % [-40.4, 43.1] if"));
  // Why it cannot be said.
  CHECK(judged(ClaimMeasure::share, 50, "2021", "1990").reason == "the run has no m in 1990");
  CHECK(judged(ClaimMeasure::share, 50, "2021", "2023-09").reason ==
        "2023-09 is itself a projection");
  CHECK(judged(ClaimMeasure::fall, 50, "2021", "2020", "USD mn").reason ==
        "a fall is in per cent, the claim in USD mn");
  facts[facts.size() - 2].note = "11 of 12 months recorded, 1 missing";
  CHECK_THAT(judged(ClaimMeasure::share, 50, "2021", "2020").reason,
             Catch::Contains("2020 is not whole: 522.6 USD mn of it"));
  CHECK(judge_claim({"", "", "", "", "", kMissing}, facts).reason ==
        "it names no series of the run, no period, no value");
}

TEST_CASE("claims: a file without series names nothing; one without values is an error") {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("c.csv", "claim_id,quoted_figure,value\nC1,318 in 2021,318.04\nC2,none,\n");
  const std::vector<Claim> claims = read_claims(file);
  REQUIRE(claims.size() == 2);
  CHECK(claims[0].id == "C1 318 in 2021");
  std::vector<JudgedClaim> judged;
  for (const Claim& claim : claims) judged.push_back(judge_claim(claim, sample_document().facts));
  CHECK_THAT(claims_text(judged), Catch::Contains("0 agree, 0 contradict, 2 cannot be said"));
  const std::string ratio =
      folder.write("e.csv", "series,period,value,measure,base\nm,2021,50,Fall,2020\nm,2021,1,,\n");
  const std::vector<Claim> ratios = read_claims(ratio);
  CHECK(ratios[0].measure == ClaimMeasure::fall);
  CHECK(ratios[0].base == "2020");
  CHECK(ratios[1].measure == ClaimMeasure::value);
  CHECK_THAT(claims_csv({judge_claim(ratios[0], {})}), Catch::Contains(",fall,2020\n"));
  const std::string wrong = folder.write("f.csv", "value,measure\n1,half\n");
  CHECK_THAT(message_of([&] { read_claims(wrong); }),
             Catch::Contains("measure is \"half\", but must be value, change, fall or share"));
  const std::string bare = folder.write("d.csv", "a\n1\n");
  CHECK_THAT(message_of([&] { read_claims(bare); }), Catch::Contains("has no column value"));
}

}  // namespace amnok
