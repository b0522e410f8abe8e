// report.xlsx: a document as a workbook through libxlsxwriter: a sheet a table with numbers as
// numbers, a first sheet with what the figures rest on (vintages, hashes, seed), and a last one
// with every fact. Nothing in it depends on the clock: two writes give the same bytes.
#pragma once

#include <string>
#include <vector>

#include "engine/report/document.h"

namespace amnok {

// Throws InputError when the file cannot be written.
void write_xlsx(const Document& document, const std::string& path);

// Names that Excel takes: at most 31 characters without []:*?/\ and quotes at the ends, no two
// alike whatever their case.
std::vector<std::string> sheet_names(const std::vector<std::string>& wanted);

}  // namespace amnok
