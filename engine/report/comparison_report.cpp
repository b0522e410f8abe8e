#include "engine/report/comparison_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <span>

#include "engine/base/text.h"
#include "engine/report/numbers.h"
#include "engine/report/text_table.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

constexpr std::size_t kMost = 12;  // entries of a list that people read; JSON has all

std::string title(const std::string& text) {
  return "\n" + text + "\n" + std::string(static_cast<std::size_t>(display_width(text)), '=') +
         "\n";
}

std::string more(std::size_t count) {
  return count > kMost ? fmt::format("  ... and {} more (--json has all)\n", count - kMost) : "";
}

std::string changes_text(const std::vector<TextChange>& changes) {
  std::string text;
  for (std::size_t i = 0; i < std::min(changes.size(), kMost); ++i) {
    const TextChange& c = changes[i];
    if (c.before.empty()) {
      text += fmt::format("  + {}{}\n", c.key, c.after == "there" ? "" : ": " + c.after);
    } else if (c.after.empty()) {
      text += fmt::format("  - {}{}\n", c.key, c.before == "there" ? "" : ": " + c.before);
    } else {
      text += fmt::format("  {}: {} -> {}\n", c.key, c.before, c.after);
    }
  }
  return text + more(changes.size());
}

std::string kind_text(FileChange::Kind kind) {
  switch (kind) {
    case FileChange::Kind::added:
      return "added";
    case FileChange::Kind::removed:
      return "no longer used";
    case FileChange::Kind::changed:
      return "changed";
  }
  return "";
}

std::string dates_text(const std::vector<std::string>& dates) {
  if (dates.size() <= 4) return join(dates, ", ");
  return fmt::format("{} to {} ({})", dates.front(), dates.back(), dates.size());
}

std::string data_text(const RunComparison& c) {
  std::string text;
  for (const FileChange& file : c.inputs) {
    text += fmt::format("  {}: {}\n", file.file, kind_text(file.kind));
  }
  for (const FigureChanges& figure : c.figures) {
    if (!figure.added.empty()) {
      text += fmt::format("  {}: new figures for {}\n", figure.variable, dates_text(figure.added));
    }
    if (!figure.removed.empty()) {
      text += fmt::format("  {}: no figure any more for {}\n", figure.variable,
                          dates_text(figure.removed));
    }
    for (std::size_t i = 0; i < std::min(figure.revised.size(), kMost); ++i) {
      const FigureChanges::Revision& r = figure.revised[i];
      text += fmt::format("  {}: {} revised from {} to {} ({:+.1f} %)\n", figure.variable, r.date,
                          format_significant(r.before, 6), format_significant(r.after, 6),
                          100 * (r.after / r.before - 1));
    }
    text += more(figure.revised.size());
  }
  return text;
}

std::string coefficients_text(const std::vector<CoefficientChange>& changes) {
  std::vector<CoefficientChange> sorted = changes;
  std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) {
    const double x = std::fabs(a.in_std_errors()), y = std::fabs(b.in_std_errors());
    return (std::isnan(x) ? -1 : x) > (std::isnan(y) ? -1 : y);
  });
  TextTable table({"coefficient", "before", "after", "change in std. errors"});
  for (std::size_t i = 0; i < std::min(sorted.size(), kMost); ++i) {
    const CoefficientChange& c = sorted[i];
    const double size = c.in_std_errors();
    table.add({c.equation + "." + c.coefficient, format_significant(c.before, 5),
               format_significant(c.after, 5),
               std::isfinite(size) ? fmt::format("{:+.2f}", size) : "-"});
  }
  return table.text() + more(sorted.size());
}

double move_size(const Move& move) {
  const double size = std::fabs(move.in_half_widths());
  return std::isfinite(size) ? size : std::fabs(move.change());
}

std::string paths_text(const std::vector<PathChange>& changes, const std::string& what) {
  std::vector<PathChange> moved;
  std::string text;
  // What only one run has, a line a scenario or effect: its other names in brackets.
  std::map<std::pair<std::string, std::string>, std::vector<std::string>> missing;
  for (const PathChange& change : changes) {
    if (change.only.empty() && change.dates > 0) {
      moved.push_back(change);
      continue;
    }
    const std::vector<std::string> rest(change.names.begin() + 1, change.names.end());
    missing[{change.names.front(), change.only}].push_back(join(rest, " "));
  }
  for (const auto& [key, names] : missing) {
    text += fmt::format("  {}: {} ({})\n", key.first,
                        key.second.empty()       ? "no date in common"
                        : key.second == "before" ? "only in the earlier run"
                                                 : "only in the later run",
                        join(names, ", "));
  }
  std::stable_sort(moved.begin(), moved.end(), [](const PathChange& a, const PathChange& b) {
    return move_size(a.largest) > move_size(b.largest);
  });
  TextTable table({what, "largest move in", "before", "after", "change", "half widths"});
  for (std::size_t i = 0; i < std::min(moved.size(), kMost); ++i) {
    const Move& m = moved[i].largest;
    const double size = std::max(std::fabs(m.before), std::fabs(m.after));
    table.add(
        {join(moved[i].names, ", "), m.date, rounded(m.before, size), rounded(m.after, size),
         rounded(m.change(), size),
         std::isfinite(m.in_half_widths()) ? fmt::format("{:+.2f}", m.in_half_widths()) : "-"});
  }
  return (moved.empty() ? "" : table.text()) + more(moved.size()) + text;
}

// Of each scenario and variable, the date that moved most.
std::vector<NewsLine> largest_news(const News& news) {
  std::vector<NewsLine> largest;
  for (const NewsLine& line : news.lines) {
    if (largest.empty() || largest.back().scenario != line.scenario ||
        largest.back().variable != line.variable) {
      largest.push_back(line);
    } else if (std::fabs(line.after - line.before) >
               std::fabs(largest.back().after - largest.back().before)) {
      largest.back() = line;
    }
  }
  return largest;
}

std::string news_text(const News& news) {
  if (!news.problem.empty()) return "  not said: " + news.problem + "\n";
  TextTable table({"scenario, variable", "in", "before", "after", "revised figures", "new figures",
                   "estimates", "assumptions"});
  for (const NewsLine& line : largest_news(news)) {
    const double size = std::max(std::fabs(line.before), std::fabs(line.after));
    table.add({line.scenario + ", " + line.variable, format_period(line.date),
               rounded(line.before, size), rounded(line.after, size), rounded(line.revised, size),
               rounded(line.added, size), rounded(line.estimates, size),
               rounded(line.assumptions, size)});
  }
  return "Medians, at the date that moved most; the parts add up to the move.\n" + table.text();
}

Json number(double value) {
  return std::isfinite(value) ? Json(value) : Json(nullptr);
}

Json changes_json(const std::vector<TextChange>& changes) {
  Json all = Json::array();
  for (const TextChange& c : changes) {
    const auto side = [](const std::string& text) {
      return text.empty() ? Json(nullptr) : Json(text);
    };
    all.push_back({{"key", c.key}, {"before", side(c.before)}, {"after", side(c.after)}});
  }
  return all;
}

Json figures_json(const std::vector<FigureChanges>& figures) {
  Json all = Json::object();
  for (const FigureChanges& figure : figures) {
    Json revised = Json::array();
    for (const FigureChanges::Revision& r : figure.revised) {
      revised.push_back(
          {{"date", r.date}, {"before", number(r.before)}, {"after", number(r.after)}});
    }
    all[figure.variable] = {
        {"added", figure.added}, {"removed", figure.removed}, {"revised", revised}};
  }
  return all;
}

Json move_json(const Move& move) {
  return {{"date", move.date},
          {"before", number(move.before)},
          {"after", number(move.after)},
          {"change", number(move.change())},
          {"half_widths", number(move.in_half_widths())}};
}

Json paths_json(const std::vector<PathChange>& changes, const std::vector<std::string>& names) {
  Json all = Json::array();
  for (const PathChange& change : changes) {
    Json json;
    for (std::size_t i = 0; i < names.size(); ++i) json[names[i]] = change.names[i];
    if (!change.only.empty()) {
      json["only"] = change.only;
    } else {
      json["dates"] = change.dates;
      if (change.dates > 0) {
        json["largest"] = move_json(change.largest);
        json["last"] = move_json(change.last);
      }
    }
    all.push_back(std::move(json));
  }
  return all;
}

Json news_json(const News& news) {
  Json json;
  if (!news.problem.empty()) json["problem"] = news.problem;
  json["lines"] = Json::array();
  for (const NewsLine& line : news.lines) {
    json["lines"].push_back({{"scenario", line.scenario},
                             {"variable", line.variable},
                             {"date", format_period(line.date)},
                             {"before", number(line.before)},
                             {"after", number(line.after)},
                             {"revised_figures", number(line.revised)},
                             {"new_figures", number(line.added)},
                             {"estimates", number(line.estimates)},
                             {"assumptions", number(line.assumptions)}});
  }
  return json;
}

}  // namespace

std::string comparison_text(const RunComparison& c, const News& news) {
  std::string text = fmt::format("{} -> {}\n", c.first, c.second);
  if (c.empty()) return text + "the two runs are the same\n";
  const auto section = [&](const std::string& name, const std::string& body) {
    if (!body.empty()) text += title(name) + body;
  };
  section("Runs", changes_text(c.settings));
  section("Data", data_text(c));
  section("Config", changes_text(c.config));
  section("Assumptions", changes_text(c.assumptions));
  section("Equations", changes_text(c.equations));
  if (!c.coefficients.empty()) section("Estimates", coefficients_text(c.coefficients));
  section("Projections (medians; in half widths of the earlier 90 % band)",
          paths_text(c.projections, "scenario, variable"));
  section("Effects (medians)", paths_text(c.effects, "effect, variable, measure"));
  section("Why the projections moved", news_text(news));
  return text;
}

std::string comparison_json(const RunComparison& c, const News& news) {
  Json inputs = Json::array(), coefficients = Json::array();
  for (const FileChange& file : c.inputs) {
    inputs.push_back({{"file", file.file}, {"change", kind_text(file.kind)}});
  }
  for (const CoefficientChange& change : c.coefficients) {
    coefficients.push_back({{"equation", change.equation},
                            {"coefficient", change.coefficient},
                            {"before", number(change.before)},
                            {"after", number(change.after)},
                            {"std_error", number(change.std_error)},
                            {"std_errors", number(change.in_std_errors())}});
  }
  const Json json = {{"format", "amnok-comparison/1"},
                     {"before", c.first},
                     {"after", c.second},
                     {"same", c.empty()},
                     {"settings", changes_json(c.settings)},
                     {"inputs", inputs},
                     {"figures", figures_json(c.figures)},
                     {"config", changes_json(c.config)},
                     {"assumptions", changes_json(c.assumptions)},
                     {"equations", changes_json(c.equations)},
                     {"coefficients", coefficients},
                     {"projections", paths_json(c.projections, {"scenario", "variable"})},
                     {"effects", paths_json(c.effects, {"effect", "variable", "measure"})},
                     {"news", news_json(news)}};
  return json.dump(2) + "\n";
}

}  // namespace amnok
