// report.md: a document as GitHub-flavoured Markdown, which pandoc reads as well (`-f gfm`).
#pragma once

#include <string>
#include <string_view>

#include "engine/report/document.h"

namespace amnok {

// `picture`: the format of the figures it shows, as figures/NAME.svg or .png.
std::string markdown_report(const Document& document, std::string_view picture = "svg");

// A text in which no character means anything to Markdown or HTML.
std::string markdown_escape(std::string_view text);

}  // namespace amnok
