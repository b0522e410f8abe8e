#include "engine/report/explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "engine/base/input_error.h"
#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "engine/scenario/mixture.h"

namespace amnok {

namespace {

std::string_view kind_words(Fact::Kind kind) {
  switch (kind) {
    case Fact::Kind::recorded:
    case Fact::Kind::recorded_year:
      return "recorded actual";
    case Fact::Kind::projection:
    case Fact::Kind::projected_year:
      return "projection";
    case Fact::Kind::effect:
      return "effect";
    case Fact::Kind::past_effect:
      return "past effect counterfactual";
    case Fact::Kind::answer:
      return "answer question";
    case Fact::Kind::coefficient:
      break;
  }
  return "coefficient estimate";
}

bool is_year(const Fact& fact) {
  return fact.kind == Fact::Kind::recorded_year || fact.kind == Fact::Kind::projected_year;
}

// All that a query may name.
std::string haystack(const Fact& f) {
  return to_lower(fmt::format("{} {} {} {} {} {} {} {} {} {}{}{}", kind_words(f.kind), f.variable,
                              f.label, f.unit, f.scenario, f.scenario_label, f.against,
                              f.against_label, f.measure, f.date, is_year(f) ? " annual year" : "",
                              f.scenario == kMixture ? " expected" : ""));
}

std::string with_unit(double value, const Fact& fact) {
  const std::string text = printed(value, fact.decimals);
  return fact.unit.empty() ? text : fmt::format("{} {}", text, fact.unit);
}

std::string interval_words(const Fact& fact) {
  if (!std::isfinite(fact.low)) return "";
  return fmt::format(" ({} % interval {} to {})", fact.coverage, printed(fact.low, fact.decimals),
                     printed(fact.high, fact.decimals));
}

std::string year_words(const Fact& fact) {
  const std::string over = fact.measure == "sum"    ? "over "
                           : fact.measure == "mean" ? "on average in "
                                                    : "at the end of ";
  return over + fact.date;
}

std::string effect_words(const Fact& fact) {
  const std::string how = fact.measure == "cumulative"
                              ? "by the end of " + fact.date + ", cumulated"
                              : "in " + fact.date;
  return fmt::format("“{}” instead of “{}” changes {} {} by {}{}", fact.scenario_label,
                     fact.against_label, fact.label, how, with_unit(fact.value, fact),
                     interval_words(fact));
}

std::string past_effect_words(const Fact& fact) {
  const std::string analysis = fact.against_label.empty() ? "" : fact.against_label + ": ";
  return fmt::format("{}{} of the effect of “{}” on {}, {}: {}{}", analysis,
                     fact.measure == "total" ? "total" : "average a period", fact.scenario_label,
                     fact.label, fact.date, with_unit(fact.value, fact), interval_words(fact));
}

// " if "Phased reopening"", " over all scenarios by their probabilities".
std::string scenario_words(const Fact& fact) {
  if (fact.scenario_label.empty()) return "";
  if (fact.scenario == kMixture) return " expected over " + fact.scenario_label;
  return fmt::format(" if “{}”", fact.scenario_label);
}

std::string last_date(const Document& document, Fact::Kind kind) {
  std::string last;
  for (const Fact& fact : document.facts) {
    if (fact.kind == kind && (fact.date.size() > last.size() || fact.date > last)) last = fact.date;
  }
  return last;
}

std::vector<std::string> names_of(const Document& document, std::string Fact::*name) {
  std::vector<std::string> names;
  for (const Fact& fact : document.facts) {
    const std::string& text = fact.*name;
    if (!text.empty() && std::find(names.begin(), names.end(), text) == names.end()) {
      names.push_back(text);
    }
  }
  return names;
}

}  // namespace

std::string fact_sentence(const Fact& fact) {
  std::string text;
  const std::string scenario = scenario_words(fact);
  switch (fact.kind) {
    case Fact::Kind::recorded:
      text = fmt::format("{} was {} in {}", fact.label, with_unit(fact.value, fact), fact.date);
      break;
    case Fact::Kind::recorded_year:
      text = fmt::format("{} was {} {}", fact.label, with_unit(fact.value, fact), year_words(fact));
      break;
    case Fact::Kind::projection:
      text = fmt::format("{} in {}: {}{}{}", fact.label, fact.date, with_unit(fact.value, fact),
                         interval_words(fact), scenario);
      break;
    case Fact::Kind::projected_year:
      text = fmt::format("{} {}: {}{}{}", fact.label, year_words(fact), with_unit(fact.value, fact),
                         interval_words(fact), scenario);
      break;
    case Fact::Kind::effect:
      text = effect_words(fact);
      break;
    case Fact::Kind::past_effect:
      text = past_effect_words(fact);
      break;
    case Fact::Kind::answer:
      text = fact.label;
      break;
    case Fact::Kind::coefficient:
      text = fmt::format("In the equation of {}, {} is {}{}, sample {}", fact.variable, fact.label,
                         printed(fact.value, fact.decimals), interval_words(fact), fact.date);
      break;
  }
  return fact.note.empty() ? text + "." : fmt::format("{}; {}.", text, fact.note);
}

std::string provenance_words(const Provenance& p) {
  std::set<std::string> vintages;
  for (const Provenance::Origin& origin : p.origins) {
    if (!origin.vintage.empty()) vintages.insert(origin.vintage);
  }
  std::string text = fmt::format("{}, config {} (sha256 {}), {} draws, seed {}", p.program,
                                 p.config, p.config_sha256.substr(0, 12), p.draws, p.seed);
  if (!vintages.empty()) {
    const std::vector<std::string> list(vintages.begin(), vintages.end());
    text += ", data of vintage " + join(list, ", ");
  }
  return text;
}

std::string vintage_of(const Provenance& p, const std::string& variable) {
  std::set<std::string> all;
  for (const Provenance::Origin& origin : p.origins) {
    if (origin.series == variable) return origin.vintage;
    if (!origin.vintage.empty()) all.insert(origin.vintage);
  }
  return join(std::vector<std::string>(all.begin(), all.end()), ", ");
}

std::string_view statistic_of(const Fact& fact) {
  switch (fact.kind) {
    case Fact::Kind::recorded:
    case Fact::Kind::recorded_year:
      return "recorded";
    case Fact::Kind::projection:
    case Fact::Kind::projected_year:
      return fact.scenario == kMixture ? "mean" : "median";
    case Fact::Kind::effect:
      return "median";
    case Fact::Kind::past_effect:
    case Fact::Kind::answer:
    case Fact::Kind::coefficient:
      break;
  }
  return "estimate";
}

std::string facts_csv(const Document& document, const std::vector<const Fact*>& facts) {
  const auto number = [](double value) {
    return std::isfinite(value) ? fmt::format("{:.10g}", value == 0 ? 0.0 : value) : "";
  };
  std::string text =
      "kind,variable,label,unit,scenario,against,measure,date,statistic,value,low,high,coverage,"
      "vintage,program,config,config_sha256,seed,draws,sentence\n";
  const Provenance& p = document.provenance;
  for (const Fact* f : facts) {
    const bool banded = std::isfinite(f->low);
    text += fmt::format(
        "{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", fact_kind_name(f->kind),
        csv_field(f->variable), csv_field(f->label), csv_field(f->unit), csv_field(f->scenario),
        csv_field(f->against), csv_field(f->measure), f->date, statistic_of(*f), number(f->value),
        number(f->low), number(f->high), banded ? fmt::to_string(f->coverage) : "",
        csv_field(vintage_of(p, f->variable)), csv_field(p.program), csv_field(p.config),
        p.config_sha256, p.seed, p.draws, csv_field(fact_sentence(*f)));
  }
  return text;
}

std::vector<const Fact*> matching_facts(const Document& document,
                                        const std::vector<std::string>& words) {
  std::vector<const Fact*> found;
  const std::string last = last_date(document, Fact::Kind::projection);
  for (const Fact& fact : document.facts) {
    const bool headline = fact.kind == Fact::Kind::coefficient ||
                          fact.kind == Fact::Kind::past_effect || fact.kind == Fact::Kind::answer ||
                          fact.kind == Fact::Kind::projected_year || fact.date == last;
    const std::string text = haystack(fact);
    const bool holds = std::all_of(words.begin(), words.end(), [&](const std::string& word) {
      return text.find(to_lower(word)) != std::string::npos;
    });
    if (words.empty() ? headline : holds) found.push_back(&fact);
  }
  return found;
}

std::vector<const Fact*> explained_facts(const Document& document,
                                         const std::vector<std::string>& words) {
  std::vector<const Fact*> facts = matching_facts(document, words);
  if (!facts.empty()) return facts;
  throw InputError(fmt::format("\"{}\" matches nothing in this run", join(words, " ")),
                   fmt::format("variables: {}; scenarios: {}; dates like {}",
                               join(names_of(document, &Fact::variable), ", "),
                               join(names_of(document, &Fact::scenario), ", "),
                               last_date(document, Fact::Kind::projection)));
}

std::string explanation(const Document& document, const std::vector<std::string>& words) {
  const std::vector<const Fact*> facts = explained_facts(document, words);
  std::string text;
  for (const Fact* fact : facts) text += fact_sentence(*fact) + "\n";
  return text + "\nSource: " + provenance_words(document.provenance) + ".\n";
}

}  // namespace amnok
