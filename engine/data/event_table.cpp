#include "engine/data/event_table.h"

#include <fmt/format.h>

#include <algorithm>

#include "engine/data/csv.h"

namespace amnok {

std::vector<Event> read_events(const std::string& path, ProblemList& problems) {
  ProblemList own;
  std::vector<Event> events;
  const CsvTable table = read_csv(path, own);
  for (const char* name : {"id", "date"}) {
    if (!own.has_errors() && table.column(name) < 0) {
      own.error({path, 1, 0, 1, ""},
                fmt::format("column `{}` is missing: an event calendar has id, "
                            "date, end_date, kind, direction, name",
                            name));
    }
  }
  if (own.has_errors()) {
    problems.append(own.all());
    return events;
  }
  const auto text = [&](std::size_t row, const char* name) {
    const int column = table.column(name);
    return column < 0 ? std::string() : table.cell(row, static_cast<std::size_t>(column));
  };
  for (std::size_t row = 0; row < table.rows(); ++row) {
    Event event;
    event.id = text(row, "id");
    event.label = text(row, "name").empty() ? event.id : text(row, "name");
    event.kind = text(row, "kind");
    event.direction = text(row, "direction");
    event.precision = text(row, "date_precision");
    event.source = text(row, "source_id");
    event.where = table.where(row);
    const auto date = [&](const char* name) -> std::optional<ParsedDate> {
      const std::string cell = text(row, name);
      if (cell.empty()) return std::nullopt;
      const auto parsed = parse_date(cell);
      if (!parsed) {
        own.error(table.where(row, static_cast<std::size_t>(table.column(name))),
                  fmt::format("{} is `{}`, but must be a date such as 2022-09-05", name, cell));
      }
      return parsed;
    };
    const auto start = date("date"), end = date("end_date");
    if (!start) {
      if (text(row, "date").empty()) own.error(table.where(row), "an event must have a date");
      continue;
    }
    event.start = start->first;
    if (end) event.end = end->last;
    if (event.end && *event.end < event.start) {
      own.error(table.where(row), fmt::format("event `{}` ends before it starts", event.id));
    }
    const bool twice = std::any_of(events.begin(), events.end(),
                                   [&](const Event& other) { return other.id == event.id; });
    if (event.id.empty() || twice) {
      own.error(table.where(row), event.id.empty()
                                      ? std::string("an event must have an id")
                                      : fmt::format("event id `{}` stands twice", event.id));
    }
    events.push_back(event);
  }
  problems.append(own.all());
  return events;
}

}  // namespace amnok
