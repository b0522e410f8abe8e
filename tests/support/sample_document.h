// A small report with labels that try to break every writer.
#pragma once

#include <string>

#include "engine/report/document.h"

namespace amnok {

// `hangul`: with Korean words as well, which plain LaTeX cannot set.
inline Document sample_document(bool hangul = false) {
  const std::string hostile = R"(50% of a_b & c#d $e {f} ~g ^h \i <script>alert("1")</script>)";
  Document document;
  document.title = "A report on " + hostile;
  document.subtitle = "monthly data, sample 2016-01..2022-03";
  DocumentTable table;
  table.id = "annual_m";
  table.title = hangul ? "수입 (imports)" : "Imports | by 'year'";
  table.unit = "USD mn";
  table.columns = {
      {"", "", true}, {"2021", "actual"}, {"2022", "estimate"}, {"2023", "projection"}};
  using Row = DocumentTable::Row;
  table.rows = {
      {{std::string("Recorded"), NumberCell{1234.567, 1, "p"}, {}, {}}},
      {{hostile, {}, NumberCell{-0.04, 1}, NumberCell{-12.25, 1, "e"}}},
      {{std::string("90 % band"), {}, IntervalCell{-3.5, 2.5, 1}, IntervalCell{-20, 8, 1}},
       Row::Kind::band},
      {{std::string("Memo: as it came out"), {}, std::string(".."), NumberCell{7, 1}},
       Row::Kind::memo}};
  table.notes = {"e: holds months filled by the equation",
                 "p: 1. provisional [draft] -- * not + final"};
  DocumentTable plain;
  plain.id = "coefficients_m";
  plain.title = "Coefficients";
  plain.columns = {{"coefficient", "", true}, {"estimate"}, {"95 % interval"}, {"p"}};
  plain.rows = {{{std::string("log(max(m, 1))"), NumberCell{0.41096, 5},
                  IntervalCell{0.1759, 0.646, 4}, std::string("<0.001")}}};
  document.sections = {
      {"answer",
       "Answer",
       {Paragraph{"The equation of m did not converge.", true}, Paragraph{"- " + hostile},
        BulletList{{"Closed (35 %): as before", "2022. A year"}}}},
      {"projections", "Projections", {table, plain}}};
  Fact fact;
  fact.variable = "m";
  fact.label = hangul ? "수입" : "Imports";
  fact.unit = "USD mn";
  fact.scenario = "open";
  fact.scenario_label = "Border opens";
  fact.date = "2023-09";
  fact.value = 194.4;
  fact.low = 119.2;
  fact.high = 286.1;
  Fact year = fact;
  year.kind = Fact::Kind::recorded_year;
  year.scenario = year.scenario_label = "";
  year.measure = "sum";
  year.date = "2021";
  year.value = 261.307;
  year.low = year.high = kMissing;
  year.decimals = 1;
  document.facts = {fact, year};
  document.provenance = {
      "amnok 0.0.0",
      "study.toml",
      std::string(64, 'a'),
      "monthly",
      "2016-01..2022-03",
      "2022-04..2024-03",
      1000,
      7,
      {{"data.csv", std::string(64, 'b')}},
      {{"m", "Imports", "data.csv", "m", "A data set", "An office", "free", "2026-06"}}};
  return document;
}

}  // namespace amnok
