// report.json: a document kept in a run folder, and read again.
//
//   {"format": "amnok-report/1", "title", "subtitle", "provenance": {...},
//    "sections": [{"id", "title", "blocks": [{"paragraph"} | {"list"} | {"table"} | {"figure"}]}],
//    "facts": {"columns": [...], "rows": [[...], ...]}}
//
// Cells: null, "text", {"value", "decimals", "marks"} or {"low", "high", "decimals"}. Numbers keep
// ten digits, as in projections.csv.
#pragma once

#include <string>

#include "engine/report/document.h"

namespace amnok {

std::string document_json(const Document& document);

// `name` is the file's, for messages. Throws InputError: not JSON, or not such a document.
Document parse_document(const std::string& text, const std::string& name);

}  // namespace amnok
