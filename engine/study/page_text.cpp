#include "engine/study/page_text.h"

#include <algorithm>
#include <array>

#include "engine/base/check.h"

namespace amnok {

namespace {

constexpr auto kTexts = std::to_array<PageText>({
    {"language", "en"},
    {"subtitle", "{frequency} data, sample {sample}; projected {horizon}"},
    {"subtitle_without_horizon", "{frequency} data, sample {sample}"},
    {"contents", "Contents"},

    {"heading_charts", "Fan charts"},
    {"heading_projections", "Projections"},
    {"heading_effects", "Effects"},
    {"heading_past", "Past events"},
    {"heading_findings", "Findings"},
    {"heading_claims", "Claims"},
    {"heading_realised", "What came true"},
    {"heading_assumptions", "Assumptions"},
    {"heading_estimates", "Estimates"},
    {"heading_breaks", "Breaks and permanence"},
    {"heading_sentences", "Sentences"},
    {"heading_data", "Data"},
    {"heading_made", "How it was made"},

    {"answer", "{variable} in {period}: {list}."},
    {"answer_scenario", "{median} (90 % band {low} to {high}) if “{scenario}”"},
    {"answer_mixture",
     "Over all scenarios by their probabilities {mean} is expected (90 % band {low} to {high})."},
    {"answer_effect", "{effect}: {variable} {median} ({low} to {high}) in {period}."},
    {"answer_note", "Medians with 90 % bands, which include the uncertainty of the estimates."},
    {"answer_note_estimated",
     "Medians with 90 % bands, which leave out the uncertainty of the estimates."},
    {"remarks", "{count} remarks on the config and the data stand under “{heading}”."},

    {"no_script", "The charts need scripts; every figure of theirs stands in the tables."},
    {"scenarios", "Scenarios"},
    {"bands", "Bands"},
    {"bands_all", "30, 60 and 90 %"},
    {"bands_outer", "90 % only"},
    {"bands_none", "none"},
    {"band_30", "30 % band"},
    {"band_60", "60 % band"},
    {"band_90", "90 % band"},
    {"median", "median"},
    {"mean", "mean"},
    {"observed", "observed"},
    {"realised", "realised"},
    {"origin", "projected from {period}"},
    {"event_start", "{event}"},
    {"event_end", "{event} ends"},
    {"events", "Events marked in the charts: {list}."},
    {"event_from", "{event} from {period}"},
    {"event_until", "{event} ends in {period}"},
    {"of_scenario", "{event} ({scenario})"},
    {"zero", "no effect"},
    {"chart_of", "Chart of {variable}. Arrow keys read its figures."},
    {"chart_hint",
     "Point at a chart, or step through it with the arrow keys, to read its figures."},
    {"reading_scenario", "{scenario} {median} [{low}, {high}], mean {mean}"},
    {"table", "Table of {variable}"},
    {"table_note", "Medians, and the 5 % and 95 % quantiles in brackets."},
    {"nothing_to_draw", "Nothing to draw."},
    {"nothing_chosen", "No scenario is chosen."},
    {"not_defined", "not defined"},

    {"live", "Live assumptions"},
    {"live_hint",
     "Move an assumption: the fans and the tables below them follow. Projections, effects and the "
     "text of this page stay the run's."},
    {"live_home", "All sliders stand where the run has them: the fans are the run's own."},
    {"live_moved",
     "Moved: {list}. {draws} draws a position; the thin grey line is the run's median."},
    {"live_between",
     "Between simulated positions, each quantile is interpolated linearly: {list}."},
    {"live_outside", "{value} is outside {from} to {to}, the range that the run supports."},
    {"live_unread", "{value} cannot be read; the run supports {from} to {to}."},
    {"live_reset", "Back to the run"},
    {"as_run", "the run's median"},

    {"projections_note",
     "Median, and the 5 % and 95 % quantiles in brackets. All quantiles and their Monte-Carlo "
     "errors are in projections.csv."},
    {"effects_note",
     "Scenario A less scenario B, draw by draw with the same shocks and parameters, so that common "
     "noise cancels."},
    {"effect_none", "Exactly no effect on: {list}."},
    {"measure", "Measure"},
    {"measure_level", "level"},
    {"measure_percent", "per cent"},
    {"measure_cumulative", "cumulative"},
    {"mixture", "All scenarios by their probabilities, {period}"},
    {"mixture_note",
     "Expected is the mean over the draws of all scenarios, pooled with their probabilities."},
    {"expected", "expected"},
    {"all_alike", "all alike"},
    {"highest_median", "highest median"},
    {"lowest_median", "lowest median"},
    {"without_event", "without the event"},
    {"difference", "Difference"},
    {"added_up", "Added up"},
    {"band_of", "{level} band"},
    {"past_table_note",
     "In brackets the ends of the {level} band; –: not known. Differences are added up over the "
     "known periods."},
    {"claims_note",
     "What a text says, against recorded figures and 90 % bands of projections. A claim that names "
     "no series and period, or ones that the run does not have, cannot be judged."},
    {"sentences_note", "Findings that can be quoted as they stand. They rest on {source}."},
    {"realised_note",
     "Periods of the horizon with a realised figure inside each band, and the mean absolute error "
     "of the median."},

    {"column_scenario", "scenario"},
    {"column_period", "period"},
    {"column_variable", "variable"},
    {"column_measure", "measure"},
    {"column_in", "in"},
    {"column_interval", "90 % interval"},
    {"column_probability", "P(> 0)"},
    {"column_of", "of"},
    {"column_error", "error"},
    {"column_what", "what"},
    {"column_assumption", "assumption"},
    {"column_type", "type"},
    {"column_why", "reason and source"},
    {"column_claim", "claim"},
    {"column_figures", "figures"},
    {"column_sentence", "sentence"},
    {"column_unit", "unit"},
    {"column_vintage", "vintage of the data"},
    {"column_coefficient", "coefficient"},
    {"column_estimate", "estimate"},
    {"column_std_error", "std. error"},
    {"column_statistic", "statistic"},
    {"column_interval_95", "95 % interval"},
    {"column_p", "p"},
    {"column_identity", "identity"},
    {"column_verdict", "verdict"},
    {"column_periods", "periods"},
    {"column_violated", "violated in"},

    {"all_scenarios", "all"},
    {"inherited", "(inherited)"},
    {"sample", "sample {sample}, {count} observations"},
    {"missing", "{count} periods missing"},
    {"std_errors", "standard errors: {kind}"},
    {"no_std_errors", "no standard errors"},
    {"further_tables", "Further tables"},
    {"identities", "Identities"},
    {"violation", "{identity} does not hold in {period}: {left} against {right}"},
    {"remarks_heading", "Remarks"},
    {"made",
     "Amnok {version}; {draws} draws, seed {seed}; config {config}, SHA-256 {hash}. Input files "
     "and library versions are in manifest.json."},
    {"made_charts",
     "The charts are drawn by D3 ({versions}), which the page carries. The folder figures has them "
     "as SVG files, with data and scripts."},
    {"made_inputs", "Input files"},
    {"config", "The config"},
});

}  // namespace

std::span<const PageText> page_texts() {
  return kTexts;
}

std::string page_text(const std::map<std::string, std::string>& labels, std::string_view key) {
  if (const auto label = labels.find(std::string(key)); label != labels.end()) {
    return label->second;
  }
  const auto known = std::find_if(kTexts.begin(), kTexts.end(),
                                  [&](const PageText& text) { return text.key == key; });
  AMNOK_CHECK(known != kTexts.end(), "text {}", key);
  return known->english;
}

std::string filled(std::string_view text,
                   const std::vector<std::pair<std::string_view, std::string>>& places) {
  std::string result;
  while (!text.empty()) {
    const auto open = text.find('{');
    result += text.substr(0, open);
    if (open == std::string_view::npos) break;
    text.remove_prefix(open);
    const auto close = text.find('}');
    const std::string_view name =
        close == std::string_view::npos ? std::string_view() : text.substr(1, close - 1);
    const auto place =
        std::find_if(places.begin(), places.end(), [&](const auto& p) { return p.first == name; });
    if (place == places.end()) {
      result += '{';
      text.remove_prefix(1);
    } else {
      result += place->second;
      text.remove_prefix(close + 1);
    }
  }
  return result;
}

}  // namespace amnok
