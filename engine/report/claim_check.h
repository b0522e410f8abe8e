// Claims of a text against the facts of a run: does a figure that names a series and a period agree
// with what was recorded or is projected there?
//
// A claim is a row of a CSV file with `series` (the name or label of a variable), `period` (2021,
// 2023-09), `value`, and, if wished, `unit` ("USD million" and "USD bn" are brought to the series'
// "USD mn"), `scenario`, and `claim_id` or `quoted_figure` to know it by. With `measure` the value is
// a per cent of what the series was in the period `base` (a year before, when none is named):
//
//   change   100 (x / x_base - 1)        fall   100 (1 - x / x_base)        share   100 x / x_base
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/report/document.h"

namespace amnok {

enum class ClaimVerdict { agrees, contradicts, cannot_be_said };
std::string_view verdict_words(ClaimVerdict verdict);

enum class ClaimMeasure { value, change, fall, share };

struct Claim {
  std::string id, series, period, unit, scenario;
  double value = kMissing;
  ClaimMeasure measure = ClaimMeasure::value;
  std::string base{};  // a period, for a per cent
};

struct JudgedClaim {
  Claim claim;
  ClaimVerdict verdict = ClaimVerdict::cannot_be_said;
  std::string reason;  // with both figures; never empty
};

// Agrees: within half a per cent, or a half in the claim's last digit, of what was recorded; inside
// the 90 % band of a projection (of the scenario named, else of any). A claim on a power of ten off
// is told so.
JudgedClaim judge_claim(const Claim& claim, const std::vector<Fact>& facts);
std::vector<JudgedClaim> judge_claims(const std::vector<Claim>& claims,
                                      const std::vector<Fact>& facts);

// Throws InputError: no such file, a number or a measure that is none.
std::vector<Claim> read_claims(const std::string& file);

// claim, series, period, value, unit, scenario, verdict, reason, measure, base.
std::string claims_csv(const std::vector<JudgedClaim>& claims);

// A line a claim, then how many there are of each verdict.
std::string claims_text(const std::vector<JudgedClaim>& claims);

}  // namespace amnok
