// The files of `amnok report`: each format from the document, by writers of our own or by programs
// that are run (gnuplot, pandoc, TeX).
//
//   html   report.html      the run's own
//   md     report.md        with figures/*.svg
//   latex  report.tex       with tables/*.tex to \input and figures/*.pdf
//   xlsx   report.xlsx
//   docx   report.docx      by pandoc, from the Markdown, with styles of our own
//   pdf    report.pdf       by TeX from report.tex; without TeX by pandoc and an HTML engine
#pragma once

#include <string>
#include <vector>

#include "engine/base/input_error.h"
#include "engine/report/document.h"

namespace amnok {

const std::vector<std::string>& report_formats();

struct WrittenReport {
  std::vector<std::string> files;      // in the order of the formats
  std::vector<InputProblem> problems;  // what could not be written, and what would help
};

// From the run folder `run` into `output` (made when it is not there; may be the run folder). A
// format that fails leaves the others alone. Same document and programs, same
// bytes.
WrittenReport write_report_files(const Document& document, const std::string& run,
                                 const std::string& output,
                                 const std::vector<std::string>& formats);

}  // namespace amnok
