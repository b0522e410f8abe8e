// report.tex: a document as LaTeX that compiles as it stands, and each of its tables as a file to
// \input. Needs booktabs, longtable and graphicx. Where all characters are Latin, pdflatex, xelatex
// and lualatex take it; where some are not (Hangul, Greek), the preamble asks for a font that has
// them, and pdflatex stops with a sentence that says so.
#pragma once

#include <string>
#include <string_view>

#include "engine/report/document.h"

namespace amnok {

// Figures are \includegraphics of figures/NAME.pdf, where `with_figures`.
std::string latex_report(const Document& document, bool with_figures = true);

// One table: a tabular with its head, title and notes as comments, for a float of the author's own.
std::string latex_table(const DocumentTable& table);

// A text in which no character means anything to TeX.
std::string latex_escape(std::string_view text);

// Whether pdflatex lacks some character of the text.
bool needs_unicode_tex(std::string_view text);
// Of a whole document.
bool needs_unicode_tex(const Document& document);

}  // namespace amnok
