// What the script of report.html draws, as JSON.
//
//   words      the page's texts, by key
//   periods    of the common time axis, with `x`, `x_end` and `ticks` (few, some,
//              many; `ticks_ahead`: of the projected ones);
//              `origin`: the index of the first projected one; `first_ordinal`: of the first one
//   scenarios  label and title (with its probability); the mixture of all last, where there is one
//   variables  observed values from period `first` on, realised ones among them; a fan a scenario:
//              the quantiles 0.05, 0.2, 0.35, 0.5, 0.65, 0.8, 0.95 and the mean, by period
//   effects    the same of differences, by measure
//   events     of equations and identities, and of scenarios, by index of their period
//   live       sliders, and grids of fans: per variable the grid dimensions that move it, and the
//              numbers by position, period and column as 16-bit shares of [low, high] of the column
//              (65535: not defined), little-endian, base64
//
//   past       counterfactuals of past events: an axis of their own, the index `at` of the event,
//              observed values; from index `first` on the middle, low and high of three panels
//
// Numbers have six significant digits; what is not defined is null.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/report/run_results.h"

namespace amnok {

// The JSON, with no `<` in it: no text of a study can end the element that holds it.
std::string report_data(const RunResults& run);

// An event as the charts mark it.
struct EventMark {
  std::string name;
  Period at;
  bool ends = false;
  std::string scenario;                 // empty: it is history
  std::optional<std::size_t> slider{};  // of Study::live that moves it
};
std::vector<EventMark> event_marks(const RunResults& run);

// The first period of the charts' common axis.
Period axis_begin(const RunResults& run);

// An effect's variables, each with its paths by measure; those without any effect are left out.
struct EffectFigure {
  std::string variable;
  std::vector<const EffectPath*> paths;  // level first
};
std::vector<EffectFigure> effect_figures(const RunResults& run, const EffectSpec& effect);
double effect_size(const EffectPath& path);  // by which its numbers are rounded

}  // namespace amnok
