#include "engine/report/html_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "engine/base/text.h"
#include "engine/report/counterfactual_figures.h"
#include "engine/report/figures.h"
#include "engine/report/numbers.h"
#include "engine/report/time_axis.h"
#include "engine/scenario/scenario_resolver.h"
#include "engine/study/page_text.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;

// Six digits are more than a screen shows.
Json number(double value) {
  return std::isfinite(value) ? Json(std::stod(fmt::format("{:.6g}", value))) : Json(nullptr);
}

int decimals(double size) {
  return size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3;
}

Json fan_json(const std::vector<Distribution>& periods) {
  Json fan = Json::array();
  for (double level : live_levels()) {
    Json column = Json::array();
    for (const Distribution& d : periods) column.push_back(number(d.quantile(level)));
    fan.push_back(std::move(column));
  }
  Json mean = Json::array();
  for (const Distribution& d : periods) mean.push_back(number(d.mean));
  fan.push_back(std::move(mean));
  return fan;
}

const std::vector<std::string> kNone;

// The axis and what stands on it.
class ReportData {
 public:
  explicit ReportData(const RunResults& run) : run_(run), axis_(axis_of(run)) {
    // Sliders of scenarios that were not run are left out.
    std::set<std::size_t> used;
    for (const LiveGrid& grid : run.live) used.insert(grid.sliders.begin(), grid.sliders.end());
    sliders_.assign(used.begin(), used.end());
  }

  Json json() const {
    Json json;
    json["words"] = words();
    add_axis(axis_, json);
    json["ticks_ahead"] = ticks_json(axis_.count > 0 ? run_.horizon : axis_);
    json["origin"] = axis_.count > 0 ? axis_.index_of(run_.horizon.first) : 0;
    json["first_ordinal"] = axis_.first.ordinal;
    json["scenarios"] = Json::array();
    for (const std::string& name : run_.outlooks()) {
      json["scenarios"].push_back(
          {{"label", run_.scenario_label(name)}, {"title", run_.scenario_title(name)}});
    }
    json["variables"] = Json::array();
    for (const std::string& variable : axis_.count > 0 ? run_.variables : kNone) {
      json["variables"].push_back(variable_json(variable));
    }
    json["effects"] = Json::array();
    for (const EffectSpec& spec : run_.study.effects) {
      const std::vector<EffectFigure> figures = effect_figures(run_, spec);
      if (!figures.empty()) json["effects"].push_back(effect_json(spec, figures));
    }
    json["events"] = Json::array();
    json["scenario_events"] = Json::array();
    if (axis_.count > 0) {
      for (const EventMark& mark : event_marks(run_)) add_event(mark, json);
    }
    json["live"] = live_json();
    json["past"] = Json::array();
    for (const StudyCounterfactual& found : run_.counterfactuals) {
      if (found.usable()) json["past"].push_back(past_json(found));
    }
    return json;
  }

 private:
  // Without projections there is none.
  static PeriodRange axis_of(const RunResults& run) {
    if (run.projections.empty()) return {run.data.sample.first, 0};
    return range_between(axis_begin(run), run.horizon.last());
  }

  Json words() const {
    Json json = Json::object();
    for (const PageText& text : page_texts()) {
      json[text.key] = page_text(run_.study.output.labels, text.key);
    }
    return json;
  }

  // Few, some and many, for charts of any width.
  static Json ticks_json(const PeriodRange& axis) {
    Json all = Json::array();
    for (int most : {4, 6, 9}) {
      Json ticks = Json::array();
      if (axis.count > 0) {
        for (const AxisTick& tick : time_ticks(axis.first, axis.last(), most)) {
          ticks.push_back({tick.at, tick.label});
        }
      }
      all.push_back(std::move(ticks));
    }
    return all;
  }

  static double place(Period period) {
    return std::stod(fmt::format("{:.5f}", axis_value(period)));
  }

  static void add_axis(const PeriodRange& axis, Json& json) {
    Json periods = Json::array(), x = Json::array();
    for (std::int64_t i = 0; i < axis.count; ++i) {
      periods.push_back(format_period(axis[i]));
      x.push_back(place(axis[i]));
    }
    json["periods"] = std::move(periods);
    json["x"] = std::move(x);
    json["x_end"] = place(axis.last() + 1);
    json["ticks"] = ticks_json(axis);
  }

  // Three panels with one axis: what was and what would have been, the difference, added up.
  Json past_json(const StudyCounterfactual& found) const {
    const Counterfactual& c = found.result;
    const PeriodRange axis = counterfactual_axis(found);
    const Series& series = run_.data.frame.get(found.spec.variable);
    Json json = {{"label", found.spec.label},
                 {"variable", run_.study.label(found.spec.variable)},
                 {"event", run_.event_label(found.spec.event)},
                 {"at", axis.index_of(found.at)}};
    add_axis(axis, json);
    Json observed = Json::array();
    for (std::int64_t i = 0; i < axis.count; ++i) observed.push_back(number(series.at(axis[i])));
    json["observed"] = std::move(observed);
    json["first"] = axis.index_of(c.range.first);
    const auto panel = [&](const auto& band_at, double size) {
      Json middle = Json::array(), low = Json::array(), high = Json::array();
      for (std::int64_t h = 0; h < c.range.count; ++h) {
        const EffectBand band = band_at(h);
        middle.push_back(number(band.estimate));
        low.push_back(number(band.low));
        high.push_back(number(band.high));
      }
      return Json{{"middle", middle}, {"low", low}, {"high", high}, {"decimals", decimals(size)}};
    };
    const double size =
        c.counterfactual.array().isFinite().select(c.counterfactual, 0).cwiseAbs().maxCoeff();
    json["panels"] = {
        {"level", panel(
                      [&](std::int64_t h) {
                        return EffectBand{c.counterfactual(h), kMissing, c.low(h), c.high(h)};
                      },
                      size)},
        {"difference",
         panel([&](std::int64_t h) { return c.effect[static_cast<std::size_t>(h)]; }, size)},
        {"added", panel([&](std::int64_t h) { return c.cumulative[static_cast<std::size_t>(h)]; },
                        std::fabs(c.total.estimate))}};
    return json;
  }

  int scenario_index(const std::string& name) const {
    const auto at = std::find(run_.scenarios.begin(), run_.scenarios.end(), name);
    return at == run_.scenarios.end() ? -1 : static_cast<int>(at - run_.scenarios.begin());
  }

  Json variable_json(const std::string& variable) const {
    const Series& series = run_.observed.get(variable);
    const Period first = std::max(axis_.first, chart_begin(run_, variable));
    Json observed = Json::array(), fans = Json::array();
    for (Period t = first; t <= axis_.last(); t = t + 1) observed.push_back(number(series.at(t)));
    for (const std::string& scenario : run_.outlooks()) {
      fans.push_back(fan_json(run_.projection(scenario, variable).periods));
    }
    return {{"name", variable},
            {"label", run_.study.label(variable)},
            {"unit", run_.unit(variable)},
            {"decimals", decimals(column_size(run_, variable))},
            {"first", axis_.index_of(first)},
            {"observed", observed},
            {"fans", fans}};
  }

  Json effect_json(const EffectSpec& spec, const std::vector<EffectFigure>& figures) const {
    Json variables = Json::array();
    for (const EffectFigure& figure : figures) {
      Json measures = Json::object(), places = Json::object();
      for (const EffectPath* path : figure.paths) {
        const std::string name(measure_name(path->measure));
        measures[name] = fan_json(path->periods);
        places[name] = decimals(effect_size(*path));
      }
      variables.push_back({{"name", figure.variable},
                           {"label", run_.study.label(figure.variable)},
                           {"decimals", places},
                           {"measures", measures}});
    }
    return {{"name", spec.name},
            {"label", spec.label},
            {"scenario", scenario_index(spec.scenario)},
            {"variables", variables}};
  }

  void add_event(const EventMark& mark, Json& json) const {
    Json event = {{"at", axis_.index_of(mark.at)}, {"name", mark.name}, {"ends", mark.ends}};
    if (mark.scenario.empty()) {
      json["events"].push_back(std::move(event));
      return;
    }
    event["scenario"] = scenario_index(mark.scenario);
    event["slider"] = mark.slider ? slider_place(*mark.slider) : Json(nullptr);
    json["scenario_events"].push_back(std::move(event));
  }

  Json slider_json(std::size_t k) const {
    const LiveSpec& spec = run_.study.live[k];
    Json scenarios = Json::array();
    double home = kMissing;
    std::string_view unit;
    for (const std::string& name : spec.scenarios) {
      const ScenarioSpec& scenario = *run_.study.scenario(name);
      const Change& change = scenario.changes[*live_change(scenario.changes, spec.change)];
      home = *live_value(change, spec.vary);
      unit = live_unit(change, spec.vary);
      if (scenario_index(name) >= 0) scenarios.push_back(scenario_index(name));
    }
    Json names = Json::array();
    if (is_period(spec.vary)) {
      for (auto t = static_cast<std::int64_t>(spec.from); t <= static_cast<std::int64_t>(spec.to);
           ++t) {
        names.push_back(format_period({run_.study.run.frequency, t}));
      }
    }
    return {{"label", spec.label},
            {"scenarios", scenarios},
            {"kind", is_period(spec.vary)  ? "period"
                     : is_whole(spec.vary) ? "whole"
                                           : "number"},
            {"unit", std::string(unit)},
            {"from", spec.from},
            {"to", spec.to},
            {"home", home},
            {"names", names}};
  }

  Json live_json() const {
    Json sliders = Json::array(), grids = Json::array();
    for (std::size_t k : sliders_) sliders.push_back(slider_json(k));
    for (const LiveGrid& grid : run_.live) grids.push_back(grid_json(grid));
    return {{"sliders", sliders}, {"grids", grids}};
  }

  // Of a slider of the study among those of the page; null: it is not there.
  Json slider_place(std::size_t k) const {
    const auto at = std::find(sliders_.begin(), sliders_.end(), k);
    return at == sliders_.end() ? Json(nullptr) : Json(at - sliders_.begin());
  }

  Json grid_json(const LiveGrid& grid) const {
    Json sliders = Json::array(), variables = Json::array();
    for (std::size_t k : grid.sliders) sliders.push_back(slider_place(k));
    for (const LiveVariable& variable : grid.variables) variables.push_back(cells_json(variable));
    return {{"scenario", scenario_index(grid.scenario)},
            {"draws", grid.draws},
            {"sliders", sliders},
            {"positions", grid.positions},
            {"variables", variables}};
  }

  static Json cells_json(const LiveVariable& variable);

  const RunResults& run_;
  PeriodRange axis_;
  std::vector<std::size_t> sliders_;  // of Study::live
};

std::string base64(const std::string& bytes) {
  constexpr std::string_view kDigits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t left = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < left ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) {
      text += j <= left ? kDigits[group >> (18 - 6 * j) & 63u] : '=';
    }
  }
  return text;
}

// A fan that nothing moves is the run's: no cells.
Json ReportData::cells_json(const LiveVariable& variable) {
  Json moved_by = Json::array(), lows = Json::array(), highs = Json::array();
  for (std::size_t d = 0; d < variable.moved_by.size(); ++d) {
    if (variable.moved_by[d]) moved_by.push_back(d);
  }
  if (moved_by.empty()) return {{"moved_by", moved_by}};
  const Eigen::Index columns = variable.fans.front().cols(), rows = variable.fans.front().rows();
  std::vector<double> low(static_cast<std::size_t>(columns), INFINITY),
      high(static_cast<std::size_t>(columns), -INFINITY);
  const auto each = [&](const auto& see) {
    for (const LiveFan& fan : variable.fans) {
      for (Eigen::Index h = 0; h < rows; ++h) {
        for (Eigen::Index c = 0; c < columns; ++c) see(static_cast<std::size_t>(c), fan(h, c));
      }
    }
  };
  each([&](std::size_t c, double value) {
    if (!std::isfinite(value)) return;
    low[c] = std::min(low[c], value);
    high[c] = std::max(high[c], value);
  });
  std::string bytes;
  each([&](std::size_t c, double value) {
    const double width = high[c] > low[c] ? high[c] - low[c] : 1;
    const unsigned share =
        std::isfinite(value) ? static_cast<unsigned>(std::lround((value - low[c]) / width * 65534))
                             : 65535u;
    bytes += static_cast<char>(share & 255u);
    bytes += static_cast<char>(share >> 8);
  });
  for (std::size_t c = 0; c < low.size(); ++c) {
    const bool known = std::isfinite(low[c]);
    lows.push_back(known ? low[c] : 0);
    highs.push_back(known ? (high[c] > low[c] ? high[c] : low[c] + 1) : 1);
  }
  return {{"moved_by", moved_by}, {"low", lows}, {"high", highs}, {"cells", base64(bytes)}};
}

// The slider that moves the date `field` of a change of a scenario.
std::optional<std::size_t> slider_of(const Study& study, const std::string& scenario,
                                     const Change& change, LiveField field) {
  const ChangeText text = describe(change);
  for (std::size_t k = 0; k < study.live.size(); ++k) {
    const LiveSpec& spec = study.live[k];
    const auto& own = spec.scenarios;
    if (spec.vary == field && spec.change == text.kind + " " + text.subject &&
        std::find(own.begin(), own.end(), scenario) != own.end()) {
      return k;
    }
  }
  return std::nullopt;
}

void add_history(const RunResults& run, std::vector<EventMark>& marks) {
  const Period first = axis_begin(run);
  for (const Event& event : run.study.events) {
    const auto activity = run.data.events.find(event.id);
    if (activity == run.data.events.end() || !is_used(run.study, event.id)) continue;
    for (const Episode& episode : activity->second.episodes) {
      if (episode.start >= first) marks.push_back({event.label, episode.start, false, "", {}});
      if (episode.end && *episode.end > first) {
        marks.push_back({event.label, *episode.end, true, "", {}});
      }
    }
  }
  std::stable_sort(marks.begin(), marks.end(),
                   [](const EventMark& a, const EventMark& b) { return a.at < b.at; });
}

}  // namespace

std::vector<EventMark> event_marks(const RunResults& run) {
  std::vector<EventMark> marks;
  add_history(run, marks);
  for (const std::string& name : run.scenarios) {
    for (const Change& change : run.study.scenario(name)->changes) {
      const auto slider = [&](LiveField field) {
        return slider_of(run.study, name, change, field);
      };
      if (const auto* end = std::get_if<EndEvent>(&change.what)) {
        marks.push_back(
            {run.study.event(end->event)->label, end->at, true, name, slider(LiveField::at)});
      }
      const auto* start = std::get_if<StartEvent>(&change.what);
      if (start == nullptr) continue;
      const std::string label = run.study.event(start->event)->label;
      marks.push_back({label, start->at, false, name, slider(LiveField::at)});
      if (start->until) {
        marks.push_back({label, *start->until, true, name, slider(LiveField::until)});
      }
    }
  }
  return marks;
}

Period axis_begin(const RunResults& run) {
  Period first = run.horizon.first - 1;
  for (const std::string& variable : run.variables) {
    first = std::min(first, chart_begin(run, variable));
  }
  return first;
}

std::vector<EffectFigure> effect_figures(const RunResults& run, const EffectSpec& effect) {
  std::vector<EffectFigure> figures;
  for (const std::string& variable : run.variables) {
    EffectFigure figure{variable, {}};
    for (const EffectPath& path : run.effects) {
      if (path.effect == effect.name && path.variable == variable) figure.paths.push_back(&path);
    }
    if (!figure.paths.empty() && !figure.paths.front()->is_zero()) figures.push_back(figure);
  }
  return figures;
}

double effect_size(const EffectPath& path) {
  double size = 0;
  for (const Distribution& d : path.periods) {
    if (d.undefined == 0) {
      size = std::max({size, std::fabs(d.quantile(0.05)), std::fabs(d.quantile(0.95))});
    }
  }
  return size;
}

std::string report_data(const RunResults& run) {
  std::string text;
  for (char c : ReportData(run).json().dump()) text += c == '<' ? "\\u003c" : std::string(1, c);
  return text;
}

}  // namespace amnok
