// Published distributions of cointegration statistics.
//
// N: variables of the relationship, the dependent one among them; N = 1 is a unit root test.
#pragma once

#include <optional>

#include "engine/regression/deterministic_case.h"
#include "engine/regression/unit_root_tables.h"

namespace amnok {

// P(tau < observed) of the Engle-Granger t statistic, asymptotic: MacKinnon (1994, J. Business &
// Economic Statistics 12, 167-176, tables 3 and 4). terms: of the static regression. N: 1 .. 6,
// nothing above.
std::optional<double> engle_granger_p_value(double tau, Deterministics terms, int variables);

// Critical values of tau in a finite sample: MacKinnon (2010, Queen's University working paper
// 1227). With a constant or a trend, N up to 12; nothing elsewhere.
std::optional<CriticalValues> engle_granger_critical_values(Deterministics terms, int variables,
                                                            int n);

// Phillips & Ouliaris (1990, Econometrica 58, 165-193): Pu (table III) and Pz (table IV). Large
// values reject. N: 2 .. 6, nothing elsewhere.
std::optional<CriticalValues> phillips_ouliaris_pu_critical_values(Deterministics terms,
                                                                   int variables);
std::optional<CriticalValues> phillips_ouliaris_pz_critical_values(Deterministics terms,
                                                                   int variables);

// Upper tails of Johansen's statistics with p - r random walks under the hypothesis: gamma
// distributions with the mean and variance of Doornik (1998, J. Economic Surveys 12, 573-593,
// tables 7 and 8).
double johansen_trace_p_value(double statistic, DeterministicCase terms, int random_walks);
double johansen_max_p_value(double statistic, DeterministicCase terms, int random_walks);

// Osterwald-Lenum (1992, Oxford Bulletin of Economics and Statistics 54, 461-472), cases II to IV,
// 1 to 11 random walks; nothing elsewhere. Case III is his table 1.1*, in which the data have no
// trend under the hypothesis: its values are larger than those of the gamma distribution, which
// allows one. The R package urca uses it so.
std::optional<CriticalValues> osterwald_lenum_trace(DeterministicCase terms, int random_walks);
std::optional<CriticalValues> osterwald_lenum_max(DeterministicCase terms, int random_walks);

}  // namespace amnok
