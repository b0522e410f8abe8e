// What report.html carries of files: its style sheet and script (engine/report/page) and the
// modules of D3 that draw its charts. CMake puts their bytes into the program.
#pragma once

#include <string_view>

namespace amnok {

extern const std::string_view kReportStyle;
extern const std::string_view kReportScript;          // needs #report-data (html_data.h)
extern const std::string_view kChartLibrary;          // with its licence
extern const std::string_view kChartLibraryVersions;  // "d3-array 3.2.0, ..."

}  // namespace amnok
