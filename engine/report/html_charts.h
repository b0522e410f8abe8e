// The charts of report.html: a figure a variable, with the table of all its periods, for the script
// to draw in (report.js). Without scripts the tables stand.
#pragma once

#include <string>

#include "engine/report/html_text.h"

namespace amnok {

// A place for the script to draw in, and below it the table of its figures.
std::string chart_figure(const PageWords& words, const std::string& attributes,
                         const std::string& title, const HtmlTable& table, const std::string& note);

std::string fan_charts(const RunResults& run, const PageWords& words);

// Of one effect; empty when it is none anywhere. `index`: among the effects that have charts.
std::string effect_charts(const RunResults& run, const PageWords& words, const EffectSpec& effect,
                          int index);

// The data and the script that draws; the library first.
std::string chart_scripts(const RunResults& run);

}  // namespace amnok
