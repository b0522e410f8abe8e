#include "engine/report/counterfactual_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/text.h"
#include "engine/data/csv.h"
#include "engine/report/numbers.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

bool is_synthetic(const StudyCounterfactual& found) {
  return found.spec.method == CounterfactualSpec::Method::synthetic_control;
}

std::string level_text(const StudyCounterfactual& found) {
  return fmt::format("{:g} %", 100 * found.spec.level);
}

// "-123 [-150, -98]", or the estimate alone where there is no band.
std::string band_text(const EffectBand& band, double size) {
  if (std::isnan(band.low)) return rounded(band.estimate, size);
  return fmt::format("{} [{}, {}]", rounded(band.estimate, size), rounded(band.low, size),
                     rounded(band.high, size));
}

double size_of(const StudyCounterfactual& found) {
  double size = 0;
  for (double value : found.result.counterfactual) {
    if (std::isfinite(value)) size = std::max(size, std::fabs(value));
  }
  return size;
}

std::string covered_text(const StudyCounterfactual& found) {
  const Counterfactual& c = found.result;
  std::string text = fmt::format("{} of {} periods known", c.covered, c.range.count);
  if (c.covered_by_sums > 0) {
    text += fmt::format(", {} of them by published sums", c.covered_by_sums);
  }
  return text;
}

// Lines of at most a hundred columns.
std::string wrapped(const std::string& text, const std::string& indent) {
  constexpr int kWidth = 100;
  std::string result, line = indent;
  for (std::string_view word : split(text, ' ')) {
    if (display_width(line) + display_width(word) > kWidth && line != indent) {
      result += line + "\n";
      line = indent;
    }
    if (line != indent) line += " ";
    line += word;
  }
  return result + line + "\n";
}

std::string effect_sentence(const RunResults& run, const StudyCounterfactual& found) {
  const Counterfactual& c = found.result;
  const double size = size_of(found);
  const std::string unit = run.unit(found.spec.variable);
  const bool more = c.average.estimate > 0;
  std::string text = fmt::format(
      "From {} to {}, {} was on average {}{} a period {} than it would have been without “{}”",
      format_period(c.range.first), format_period(c.range.last()),
      run.study.label(found.spec.variable), rounded(std::fabs(c.average.estimate), size),
      unit.empty() ? "" : " " + unit, more ? "higher" : "lower", run.event_label(found.spec.event));
  if (std::isfinite(c.average_share.estimate)) {
    text += fmt::format(" ({:+.0f} %)", 100 * c.average_share.estimate);
  }
  text += ", " + covered_text(found);
  if (is_synthetic(found)) return text + ".";
  const bool excludes = c.average.low > 0 || c.average.high < 0;
  return text + fmt::format("; the {} band, {} to {}, {} zero.", level_text(found),
                            rounded(c.average.low, size), rounded(c.average.high, size),
                            excludes ? "excludes" : "includes");
}

// "none shows", "1 shows", "3 show".
std::string shows(int count) {
  return count == 0 ? "none shows" : fmt::format("{} {}", count, count == 1 ? "shows" : "show");
}

std::string placebo_sentence(const StudyCounterfactual& found) {
  if (found.placebo_units) {
    const std::size_t units = found.placebo_units->placebos.size() + 1;
    return fmt::format(
        " Of {} series, a share of {} has a gap after over before at least as large: {}.", units,
        p_text(found.placebo_units->p_value),
        found.placebo_units->p_value > 0.1 ? "the effect does not stand out"
                                           : "the effect stands out");
  }
  const PlaceboDates& placebo = found.placebo;
  if (placebo.dates.empty()) return "";
  const auto count = static_cast<int>(placebo.dates.size());
  const auto significant = static_cast<int>(
      std::count_if(placebo.dates.begin(), placebo.dates.end(),
                    [&](const PlaceboDate& d) { return d.p_value < 1 - found.spec.level; }));
  const int reached = static_cast<int>(std::lround(placebo.p_value * (count + 1.0))) - 1;
  std::string text = fmt::format(
      " Of {} dates at which nothing happened, {} a significant effect, and {} an effect as large "
      "for its uncertainty as the event's first {} periods",
      count, shows(significant), shows(reached), found.placebo_length);
  if (significant > 1 && significant > 0.2 * count) {
    text += ": the model finds effects where there are none";
  }
  return text + ".";
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json band_json(const EffectBand& band) {
  return {{"estimate", number(band.estimate)},
          {"sd", number(band.sd)},
          {"low", number(band.low)},
          {"high", number(band.high)}};
}

Json periods_json(const Counterfactual& c) {
  Json periods = Json::array();
  for (std::int64_t h = 0; h < c.range.count; ++h) {
    const auto at = static_cast<std::size_t>(h);
    periods.push_back({{"date", format_period(c.range[h])},
                       {"actual", number(c.actual(h))},
                       {"counterfactual", number(c.counterfactual(h))},
                       {"low", number(c.low(h))},
                       {"high", number(c.high(h))},
                       {"effect", band_json(c.effect[at])},
                       {"cumulative", band_json(c.cumulative[at])}});
  }
  return periods;
}

Json placebo_json(const StudyCounterfactual& found) {
  Json dates = Json::array();
  for (const PlaceboDate& date : found.placebo.dates) {
    dates.push_back({{"date", format_period(found.placebo_period(date))},
                     {"average", band_json(date.average)},
                     {"p_value", number(date.p_value)}});
  }
  return {{"periods", found.placebo_length},
          {"p_value", number(found.placebo.p_value)},
          {"failures", found.placebo.failures},
          {"dates", dates}};
}

Json synthetic_json(const StudyCounterfactual& found) {
  Json weights = Json::object(), units = Json::array();
  for (std::size_t j = 0; j < found.donors.size(); ++j) {
    weights[found.donors[j]] = number(found.synthetic->weights(static_cast<Eigen::Index>(j)));
  }
  Json json = {{"weights", weights},
               {"rmspe_before", number(found.synthetic->pre_rmspe)},
               {"rmspe_after", number(found.synthetic->post_rmspe)}};
  if (!found.placebo_units) return json;
  for (const PlaceboUnit& unit : found.placebo_units->placebos) {
    units.push_back({{"donor", unit.unit}, {"ratio", number(unit.ratio())}});
  }
  json["placebo_donors"] = units;
  return json;
}

Json result_json(const RunResults& run, const StudyCounterfactual& found) {
  const Counterfactual& c = found.result;
  Json left_out = Json::array();
  for (const LeftOutControl& out : found.left_out) {
    left_out.push_back({{"without", out.control},
                        {"average", band_json(out.average)},
                        {"rmse_before", number(out.rmse_before)}});
  }
  Json json = {{"average", band_json(c.average)},
               {"share", band_json(c.average_share)},
               {"total", band_json(c.total)},
               {"p_value", number(c.p_value)},
               {"smallest_detectable", number(c.smallest_detectable)},
               {"periods", c.range.count},
               {"covered", c.covered},
               {"covered_by_sums", c.covered_by_sums},
               {"rmse_before", number(c.rmse_before)},
               {"mape_before", number(c.mape_before)},
               {"verdict", counterfactual_verdict(run, found)}};
  if (is_synthetic(found)) {
    json["synthetic_control"] = synthetic_json(found);
  } else {
    json["placebo"] = placebo_json(found);
  }
  json["left_out"] = left_out;
  json["path"] = periods_json(c);
  return json;
}

std::string checks_text(const StudyCounterfactual& found) {
  const Counterfactual& c = found.result;
  const double size = size_of(found);
  std::string text = fmt::format("  before the event ({}): ", format_range(found.before));
  if (is_synthetic(found)) {
    text += fmt::format("root mean squared gap {}\n", format_significant(c.rmse_before, 3));
    text += "  weights:";
    for (std::size_t j = 0; j < found.donors.size(); ++j) {
      text += fmt::format("{} {} {:.3f}", j > 0 ? "," : "", found.donors[j],
                          found.synthetic->weights(static_cast<Eigen::Index>(j)));
    }
    text += "\n";
  } else {
    text += fmt::format("one-step errors of {} (RMSE, transformed)",
                        format_significant(c.rmse_before, 3));
    if (std::isfinite(c.mape_before)) text += fmt::format(", {:.1f} % on average", c.mape_before);
    text += "\n";
  }
  if (!found.placebo.dates.empty()) {
    TextTable table({"placebo date", "average effect", "p"});
    for (const PlaceboDate& date : found.placebo.dates) {
      table.add({format_period(found.placebo_period(date)), band_text(date.average, size),
                 p_text(date.p_value)});
    }
    text += table.text("    ");
  }
  if (!found.left_out.empty()) {
    TextTable table({"without", "average effect", "RMSE before"});
    for (const LeftOutControl& out : found.left_out) {
      table.add(
          {out.control, band_text(out.average, size), format_significant(out.rmse_before, 3)});
    }
    text += table.text("    ");
  }
  for (const std::string& note : found.notes) text += wrapped("note: " + note, "    ");
  return text;
}

// The whole, and the ends of years (or of the horizon's quarters) on the way.
std::string path_table(const StudyCounterfactual& found) {
  const Counterfactual& c = found.result;
  const double size = size_of(found);
  TextTable table({"until", "actual", "counterfactual", "effect", "cumulative effect"});
  for (std::size_t h : shown_periods(c.range)) {
    const auto at = static_cast<Eigen::Index>(h);
    table.add({format_period(c.range[static_cast<std::int64_t>(h)]), rounded(c.actual(at), size),
               band_text({c.counterfactual(at), kMissing, c.low(at), c.high(at)}, size),
               band_text(c.effect[h], size),
               band_text(c.cumulative[h], std::fabs(c.total.estimate))});
  }
  return table.text();
}

TableCell number_cell(double value, int decimals) {
  if (!std::isfinite(value)) return std::string("..");
  return NumberCell{value, decimals};
}

TableCell interval_cell(const EffectBand& band, int decimals) {
  if (!std::isfinite(band.low)) return {};
  return IntervalCell{band.low, band.high, decimals};
}

TableCell p_cell(double p) {
  if (!std::isfinite(p)) return {};
  if (p < 0.001) return std::string("<0.001");
  return NumberCell{p, 3};
}

DocumentTable path_document_table(const RunResults& run, const StudyCounterfactual& found) {
  const Counterfactual& c = found.result;
  const int decimals = decimals_for(size_of(found));
  const int sum_decimals = decimals_for(std::fabs(c.total.estimate));
  const bool bands = !is_synthetic(found);
  DocumentTable table;
  table.id = "past_" + found.spec.name;
  table.title = found.spec.label;
  table.unit = run.unit(found.spec.variable);
  const std::string band = level_text(found) + " band";
  for (const char* title : {"", "actual", "without the event", "difference", "added up"}) {
    table.columns.push_back({title, "", *title == 0});
    if (bands && table.columns.size() > 2) table.columns.push_back({band});
  }
  for (std::size_t h : shown_periods(c.range)) {
    const auto at = static_cast<Eigen::Index>(h);
    DocumentTable::Row row{{format_period(c.range[static_cast<std::int64_t>(h)])}};
    row.cells.push_back(number_cell(c.actual(at), decimals));
    const auto add = [&](const EffectBand& shown, int places) {
      row.cells.push_back(number_cell(shown.estimate, places));
      if (bands) row.cells.push_back(interval_cell(shown, places));
    };
    add({c.counterfactual(at), kMissing, c.low(at), c.high(at)}, decimals);
    add(c.effect[h], decimals);
    add(c.cumulative[h], sum_decimals);
    table.rows.push_back(std::move(row));
  }
  table.notes.push_back("Added up over the known periods from the first with the event on.");
  return table;
}

DocumentTable effect_list(const std::string& id, const std::string& title,
                          const std::vector<TableColumn>& columns) {
  DocumentTable table;
  table.id = id;
  table.title = title;
  table.columns = columns;
  return table;
}

DocumentTable placebo_document_table(const StudyCounterfactual& found) {
  const int decimals = decimals_for(size_of(found));
  DocumentTable table =
      effect_list("placebo_" + found.spec.name,
                  found.spec.label + ": the same at dates at which nothing happened",
                  {{"date", "", true}, {"average effect"}, {level_text(found) + " band"}, {"p"}});
  for (const PlaceboDate& date : found.placebo.dates) {
    table.rows.push_back(
        {{format_period(found.placebo_period(date)), number_cell(date.average.estimate, decimals),
          interval_cell(date.average, decimals), p_cell(date.p_value)}});
  }
  return table;
}

DocumentTable left_out_document_table(const StudyCounterfactual& found) {
  const int decimals = decimals_for(size_of(found));
  DocumentTable table = effect_list(
      "without_" + found.spec.name, found.spec.label + ": without one of the controls",
      {{"without", "", true}, {"average effect"}, {level_text(found) + " band"}, {"RMSE before"}});
  for (const LeftOutControl& out : found.left_out) {
    table.rows.push_back(
        {{out.control, number_cell(out.average.estimate, decimals),
          interval_cell(out.average, decimals),
          number_cell(out.rmse_before, significant_decimals(out.rmse_before, 3))}});
  }
  return table;
}

DocumentTable donor_document_table(const StudyCounterfactual& found) {
  DocumentTable table = effect_list("donors_" + found.spec.name, found.spec.label + ": donors",
                                    {{"donor", "", true}, {"weight"}});
  for (std::size_t j = 0; found.synthetic && j < found.donors.size(); ++j) {
    const double weight = found.synthetic->weights(static_cast<Eigen::Index>(j));
    table.rows.push_back({{found.donors[j], number_cell(weight, 3)}});
  }
  return table;
}

std::string cell(double value) {
  return std::isfinite(value) ? fmt::format("{:.10g}", value == 0 ? 0.0 : value) : "";
}

std::string band_cells(const EffectBand& band) {
  return cell(band.estimate) + "," + cell(band.low) + "," + cell(band.high);
}

}  // namespace

std::string counterfactual_verdict(const RunResults& run, const StudyCounterfactual& found) {
  if (!found.usable()) return fmt::format("No counterfactual: {}.", found.failure);
  const Counterfactual& c = found.result;
  std::string text = effect_sentence(run, found);
  if (!is_synthetic(found)) {
    const double size = size_of(found);
    text += fmt::format(
        " An average effect of {} would have been seen with probability 0.8: a smaller one may be "
        "there or not.",
        rounded(c.smallest_detectable, size));
  }
  return text + placebo_sentence(found);
}

std::vector<DocumentTable> counterfactual_tables(const RunResults& run,
                                                 const StudyCounterfactual& found) {
  if (!found.usable()) return {};
  std::vector<DocumentTable> tables = {path_document_table(run, found)};
  for (DocumentTable table : {placebo_document_table(found), left_out_document_table(found),
                              donor_document_table(found)}) {
    if (!table.rows.empty()) tables.push_back(std::move(table));
  }
  return tables;
}

std::vector<std::string> counterfactual_remarks(const StudyCounterfactual& found) {
  std::vector<std::string> remarks;
  const Counterfactual& c = found.result;
  if (found.usable()) {
    const std::string before = format_range(found.before);
    std::string text =
        is_synthetic(found)
            ? fmt::format("Before the event ({}): root mean squared gap {}", before,
                          format_significant(c.rmse_before, 3))
            : fmt::format("Before the event ({}): one-step errors of {} (RMSE, transformed)",
                          before, format_significant(c.rmse_before, 3));
    if (!is_synthetic(found) && std::isfinite(c.mape_before)) {
      text += fmt::format(", {:.1f} % on average", c.mape_before);
    }
    remarks.push_back(text + ".");
  }
  for (const std::string& note : found.notes) remarks.push_back(note);
  return remarks;
}

std::string counterfactuals_text(const RunResults& run) {
  if (run.counterfactuals.empty()) return "";
  const std::string title = "What would have been without an event";
  std::string text = "\n" + title + "\n" + std::string(title.size(), '=') + "\n";
  for (const StudyCounterfactual& found : run.counterfactuals) {
    text += fmt::format("\n{}: {}, without “{}” from {} on\n", found.spec.label,
                        run.study.label(found.spec.variable), run.event_label(found.spec.event),
                        format_period(found.at));
    if (!found.model.empty()) text += "  " + found.model + "\n";
    text += wrapped(counterfactual_verdict(run, found), "  ");
    if (!found.usable()) continue;
    text += path_table(found) + checks_text(found);
  }
  return text;
}

std::string counterfactuals_csv(const RunResults& run) {
  std::string text =
      "effect,variable,unit,event,date,actual,counterfactual,counterfactual_low,"
      "counterfactual_high,difference,difference_low,difference_high,difference_pct,cumulative,"
      "cumulative_low,cumulative_high\n";
  for (const StudyCounterfactual& found : run.counterfactuals) {
    if (!found.usable()) continue;
    const Counterfactual& c = found.result;
    for (std::int64_t h = 0; h < c.range.count; ++h) {
      const auto at = static_cast<std::size_t>(h);
      const double share = 100 * c.effect[at].estimate / c.counterfactual(h);
      text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{}\n", csv_field(found.spec.name),
                          csv_field(found.spec.variable), csv_field(run.unit(found.spec.variable)),
                          csv_field(found.spec.event), format_period(c.range[h]), cell(c.actual(h)),
                          cell(c.counterfactual(h)), cell(c.low(h)), cell(c.high(h)),
                          band_cells(c.effect[at]), cell(share), band_cells(c.cumulative[at]));
    }
  }
  return text;
}

nlohmann::ordered_json counterfactuals_json(const RunResults& run) {
  Json all = Json::object();
  for (const StudyCounterfactual& found : run.counterfactuals) {
    Json json = {{"variable", found.spec.variable},
                 {"event", found.spec.event},
                 {"at", format_period(found.at)},
                 {"method", is_synthetic(found) ? "synthetic_control" : "model"},
                 {"model", found.model},
                 {"level", found.spec.level}};
    if (found.usable()) {
      json["before"] = format_range(found.before);
      json.update(result_json(run, found));
    } else {
      json["failure"] = found.failure;
    }
    json["notes"] = found.notes;
    all[found.spec.name] = std::move(json);
  }
  return all;
}

}  // namespace amnok
