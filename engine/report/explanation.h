// Facts of a report as sentences that can stand in a text: value, interval, date, scenario, unit,
// and what they rest on.
#pragma once

#include <string>
#include <vector>

#include "engine/report/document.h"

namespace amnok {

// "DPRK imports from China in 2023-09: 194 USD mn (90 % interval 119 to 286) if "Phased reopening"."
std::string fact_sentence(const Fact& fact);

// "amnok 0.1.0, config border_2022.toml (sha256 1a2b3c4d5e6f), 10000 draws, seed 1, data of 2026-06"
std::string provenance_words(const Provenance& provenance);

// The facts that hold every word of the query (in names, labels, scenarios, dates, measures, kinds;
// whatever the case). Without words: the end of the horizon, the years, the coefficients.
std::vector<const Fact*> matching_facts(const Document& document,
                                        const std::vector<std::string>& words);

// The same; throws InputError when nothing matches, with the names that there are.
std::vector<const Fact*> explained_facts(const Document& document,
                                         const std::vector<std::string>& words);

// The vintage of a series; of anything else those of all series that the run rests on.
std::string vintage_of(const Provenance& provenance, const std::string& variable);

// recorded | median | mean | estimate: what a fact's value is.
std::string_view statistic_of(const Fact& fact);

// A row a fact: value, interval, date, scenario, unit, vintage, config hash, sentence.
std::string facts_csv(const Document& document, const std::vector<const Fact*>& facts);

// The sentences, then what they rest on. Throws InputError when nothing matches, with the names
// that there are.
std::string explanation(const Document& document, const std::vector<std::string>& words);

}  // namespace amnok
