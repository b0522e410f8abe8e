// What pandoc needs beside the Markdown to write a Word file that can be read: a reference document
// with the styles, and a filter with the widths of the columns, which Markdown cannot say.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/report/document.h"

namespace amnok {

extern const std::string_view kWordReference;  // a .docx, from engine/report/word/parts
extern const std::string_view kWordFilter;     // engine/report/word/tables.lua

// The share of the line that each column takes; they sum to one at most. A column is as wide as its
// longest cell where all fit. Where they do not, columns of numbers keep their width, and columns of
// words have that of their longest word and share what is left.
std::vector<double> column_shares(const DocumentTable& table);

// The Lua filter, with the widths of every table of the document.
std::string word_filter(const Document& document);

}  // namespace amnok
