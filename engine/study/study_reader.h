// What the readers of a config's sections share: places, periods, known names.
//
// A config is read as far as it can be: `written` is the file, `readable` what of it has the right
// form. Names of unreadable tables still count as known, so that one mistake gives one message.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/config/value.h"
#include "engine/study/study.h"

namespace amnok {

class StudyReader {
 public:
  StudyReader(Study& study, const ConfigValue& written, const ConfigValue& readable,
              ProblemList& problems)
      : study_(study), problems_(problems), written_(written), readable_(readable) {}

 protected:
  const ConfigValue* section(std::string_view name) const { return readable_.find(name); }
  // False when some table of a section has a mistake: what it defines is then not known.
  bool whole(std::string_view section) const;
  std::vector<std::string> keys(std::string_view section) const;  // of the file as written

  static std::string text(const ConfigValue& table, std::string_view key);
  // Where a string's contents begin, for expressions inside it.
  static SourceRange inside(const ConfigValue& value) { return value.where.sub_range(1, 1); }

  // Runs `read` and keeps what it throws.
  template <class Read>
  void collect(const Read& read) {
    try {
      read();
    } catch (const InputError& error) {
      problems_.append(error.problems());
    }
  }

  // A period of the run; what is none is a problem.
  std::optional<Period> period(const ConfigValue& value, const std::string& path);
  // "a..b", "..b", "a.." or "a"; the ends that are there.
  using Ends = std::pair<std::optional<Period>, std::optional<Period>>;
  Ends range(const ConfigValue& value, const std::string& path);

  // The keys `distribution`, `mean`, `sd`, ... of a table.
  std::optional<AssumedDistribution> read_distribution(const ConfigValue& table,
                                                       const std::string& path);

  std::vector<std::string> event_ids() const;
  std::vector<std::string> variable_names(bool with_events) const;  // data, identities, events
  std::vector<std::string> endogenous_names() const;
  // Tables of [models]; one that makes several equations counts as these.
  std::vector<std::string> equation_names() const;
  void check_known(const ConfigValue& value, const std::vector<std::string>& known,
                   const std::string& path);
  // Only what is given ahead of time can be looked ahead at. Throws InputError.
  void check_leads(const Expression& expression) const;
  // A name that is used in expressions, in files and in file names. False: it is refused.
  bool check_identifier(const ConfigValue::Member& member, const std::string& section);

  Study& study_;
  ProblemList& problems_;

 private:
  std::string example(Date date) const;

  const ConfigValue& written_;
  const ConfigValue& readable_;
};

// A number, a text such as "0.5%", or else the name of an assumption.
Amount parse_amount(const ConfigValue& value);

}  // namespace amnok
