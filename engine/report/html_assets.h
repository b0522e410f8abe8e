// The style sheet and the script of report.html.
#pragma once

namespace amnok {

extern const char* const kReportStyle;
// Draws the chart whose scenarios can be switched, from the JSON in #chart-data. No library.
extern const char* const kReportScript;

}  // namespace amnok
