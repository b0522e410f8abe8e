#include "engine/report/document_json.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "engine/base/input_error.h"

namespace amnok {

namespace {

using Json = nlohmann::ordered_json;
using RowKind = DocumentTable::Row::Kind;

constexpr const char* kFormat = "amnok-report/1";

// Ten significant digits: what projections.csv has, and the same text on every machine.
Json number_json(double value) {
  if (!std::isfinite(value)) return nullptr;
  return std::stod(fmt::format("{:.10g}", value == 0 ? 0.0 : value));
}

double number_of(const Json& json) {
  return json.is_null() ? kMissing : json.get<double>();
}

std::string_view row_kind_name(RowKind kind) {
  return kind == RowKind::band ? "band" : kind == RowKind::memo ? "memo" : "plain";
}

RowKind parse_row_kind(const std::string& name) {
  return name == "band" ? RowKind::band : name == "memo" ? RowKind::memo : RowKind::plain;
}

struct CellJson {
  Json operator()(std::monostate) const { return nullptr; }
  Json operator()(const std::string& text) const { return text; }
  Json operator()(const NumberCell& cell) const {
    Json json = {{"value", number_json(cell.value)}, {"decimals", cell.decimals}};
    if (!cell.marks.empty()) json["marks"] = cell.marks;
    return json;
  }
  Json operator()(const IntervalCell& cell) const {
    return {{"low", number_json(cell.low)},
            {"high", number_json(cell.high)},
            {"decimals", cell.decimals}};
  }
};

TableCell cell_of(const Json& json) {
  if (json.is_null()) return {};
  if (json.is_string()) return json.get<std::string>();
  const int decimals = json.at("decimals").get<int>();
  if (json.contains("low")) {
    return IntervalCell{number_of(json.at("low")), number_of(json.at("high")), decimals};
  }
  return NumberCell{number_of(json.at("value")), decimals, json.value("marks", "")};
}

Json table_json(const DocumentTable& table) {
  Json columns = Json::array(), rows = Json::array();
  for (const TableColumn& column : table.columns) {
    Json json = {{"title", column.title}};
    if (!column.group.empty()) json["group"] = column.group;
    if (column.text) json["text"] = true;
    columns.push_back(std::move(json));
  }
  for (const DocumentTable::Row& row : table.rows) {
    Json cells = Json::array();
    for (const TableCell& cell : row.cells) cells.push_back(std::visit(CellJson{}, cell));
    rows.push_back({{"kind", std::string(row_kind_name(row.kind))}, {"cells", std::move(cells)}});
  }
  return {{"id", table.id},     {"title", table.title}, {"unit", table.unit},
          {"columns", columns}, {"rows", rows},         {"notes", table.notes}};
}

DocumentTable table_of(const Json& json) {
  DocumentTable table{json.at("id"), json.at("title"), json.at("unit")};
  for (const Json& column : json.at("columns")) {
    table.columns.push_back(
        {column.at("title"), column.value("group", ""), column.value("text", false)});
  }
  for (const Json& row : json.at("rows")) {
    DocumentTable::Row& added = table.rows.emplace_back();
    added.kind = parse_row_kind(row.at("kind"));
    for (const Json& cell : row.at("cells")) added.cells.push_back(cell_of(cell));
    added.cells.resize(table.columns.size());
  }
  table.notes = json.at("notes").get<std::vector<std::string>>();
  return table;
}

struct BlockJson {
  Json operator()(const Paragraph& paragraph) const {
    Json json = {{"paragraph", paragraph.text}};
    if (paragraph.warning) json["warning"] = true;
    return json;
  }
  Json operator()(const BulletList& list) const { return {{"list", list.items}}; }
  Json operator()(const DocumentTable& table) const { return {{"table", table_json(table)}}; }
  Json operator()(const DocumentFigure& figure) const {
    return {{"figure",
             {{"name", figure.name},
              {"title", figure.title},
              {"caption", figure.caption},
              {"drawn", figure.drawn}}}};
  }
};

DocumentBlock block_of(const Json& json) {
  if (json.contains("paragraph")) {
    return Paragraph{json.at("paragraph"), json.value("warning", false)};
  }
  if (json.contains("list")) return BulletList{json.at("list").get<std::vector<std::string>>()};
  if (json.contains("table")) return table_of(json.at("table"));
  const Json& figure = json.at("figure");
  return DocumentFigure{figure.at("name"), figure.at("title"), figure.at("caption"),
                        figure.at("drawn").get<bool>()};
}

Json fact_row(const Fact& f) {
  return {std::string(fact_kind_name(f.kind)),
          f.variable,
          f.label,
          f.unit,
          f.scenario,
          f.scenario_label,
          f.against,
          f.against_label,
          f.measure,
          f.date,
          number_json(f.value),
          number_json(f.low),
          number_json(f.high),
          f.coverage,
          f.decimals,
          f.note};
}

// Labels may come from CSV files: a broken byte is shown as such instead of ending the run.
std::string dumped(const Json& json, int indent) {
  return json.dump(indent, ' ', false, Json::error_handler_t::replace);
}

// A row a line: thousands of facts stay readable.
std::string facts_text(const std::vector<Fact>& facts) {
  const Json columns = {"kind",     "variable",       "label",    "unit",
                        "scenario", "scenario_label", "against",  "against_label",
                        "measure",  "date",           "value",    "low",
                        "high",     "coverage",       "decimals", "note"};
  std::string text = "{\"columns\": " + dumped(columns, -1) + ", \"rows\": [";
  for (std::size_t i = 0; i < facts.size(); ++i) {
    text += (i == 0 ? "\n  " : ",\n  ") + dumped(fact_row(facts[i]), -1);
  }
  return text + "]}";
}

Fact fact_of(const Json& row) {
  Fact f;
  f.kind = parse_fact_kind(row.at(0).get<std::string>()).value_or(Fact::Kind::projection);
  std::size_t i = 1;
  for (std::string* text : {&f.variable, &f.label, &f.unit, &f.scenario, &f.scenario_label,
                            &f.against, &f.against_label, &f.measure, &f.date}) {
    *text = row.at(i++).get<std::string>();
  }
  for (double* number : {&f.value, &f.low, &f.high}) *number = number_of(row.at(i++));
  for (int* number : {&f.coverage, &f.decimals}) *number = row.at(i++).get<int>();
  f.note = row.at(i).get<std::string>();
  return f;
}

Json provenance_json(const Provenance& p) {
  Json inputs = Json::array(), origins = Json::array();
  for (const auto& [file, hash] : p.inputs) inputs.push_back({{"file", file}, {"sha256", hash}});
  for (const Provenance::Origin& o : p.origins) {
    origins.push_back({{"series", o.series},
                       {"label", o.label},
                       {"file", o.file},
                       {"column", o.column},
                       {"title", o.title},
                       {"publisher", o.publisher},
                       {"licence", o.licence},
                       {"vintage", o.vintage}});
  }
  return {{"program", p.program},
          {"config", {{"file", p.config}, {"sha256", p.config_sha256}}},
          {"frequency", p.frequency},
          {"sample", p.sample},
          {"horizon", p.horizon},
          {"draws", p.draws},
          {"seed", p.seed},
          {"inputs", std::move(inputs)},
          {"origins", std::move(origins)}};
}

Provenance provenance_of(const Json& json) {
  Provenance p;
  p.program = json.at("program");
  p.config = json.at("config").at("file");
  p.config_sha256 = json.at("config").at("sha256");
  p.frequency = json.at("frequency");
  p.sample = json.at("sample");
  p.horizon = json.at("horizon");
  p.draws = json.at("draws").get<int>();
  p.seed = json.at("seed").get<std::uint64_t>();
  for (const Json& input : json.at("inputs")) {
    p.inputs.emplace_back(input.at("file"), input.at("sha256"));
  }
  for (const Json& o : json.at("origins")) {
    p.origins.push_back({o.at("series"), o.at("label"), o.at("file"), o.at("column"), o.at("title"),
                         o.at("publisher"), o.at("licence"), o.at("vintage")});
  }
  return p;
}

Document document_of(const Json& json) {
  Document document{json.at("title"), json.at("subtitle"), {}, {}, {}};
  document.provenance = provenance_of(json.at("provenance"));
  for (const Json& section : json.at("sections")) {
    DocumentSection& added =
        document.sections.emplace_back(DocumentSection{section.at("id"), section.at("title")});
    for (const Json& block : section.at("blocks")) added.blocks.push_back(block_of(block));
  }
  for (const Json& row : json.at("facts").at("rows")) document.facts.push_back(fact_of(row));
  return document;
}

}  // namespace

std::string document_json(const Document& document) {
  Json sections = Json::array();
  for (const DocumentSection& section : document.sections) {
    Json blocks = Json::array();
    for (const DocumentBlock& block : section.blocks) {
      blocks.push_back(std::visit(BlockJson{}, block));
    }
    sections.push_back(
        {{"id", section.id}, {"title", section.title}, {"blocks", std::move(blocks)}});
  }
  const Json json = {{"format", kFormat},
                     {"title", document.title},
                     {"subtitle", document.subtitle},
                     {"provenance", provenance_json(document.provenance)},
                     {"sections", std::move(sections)}};
  const std::string text = dumped(json, 1);
  return text.substr(0, text.size() - 2) + ",\n \"facts\": " + facts_text(document.facts) + "\n}\n";
}

Document parse_document(const std::string& text, const std::string& name) {
  try {
    const Json json = Json::parse(text);
    const std::string format = json.is_object() ? json.value("format", "") : "";
    if (format != kFormat) {
      throw InputError(fmt::format("format of {} is \"{}\", but must be {}", name, format, kFormat),
                       "a run of this version writes such a file");
    }
    return document_of(json);
  } catch (const nlohmann::json::exception& error) {
    throw InputError(fmt::format("{} is not a report: {}", name, error.what()),
                     "run the study again to write it anew");
  }
}

}  // namespace amnok
