// Scenarios, effects and questions of a config: changes, inheritance, probabilities, paths of exogenous
// series.
#pragma once

#include "engine/study/study_reader.h"

namespace amnok {

class ScenarioReader : public StudyReader {
 public:
  using StudyReader::StudyReader;
  // After everything else of the config: changes name events, series and equations.
  void read();

 private:
  void read_scenarios();
  void read_effects();
  void read_questions();
  void read_question(const std::string& name, const ConfigValue& table);
  void read_solve(const std::string& path, const ConfigValue& table, QuestionSpec& question);

  std::optional<Change> read_change(const ConfigValue& table, const std::string& path);
  std::optional<Change> read_end(const ConfigValue& table, const std::string& path, Change change);
  std::optional<Change> read_start(const ConfigValue& table, const std::string& path,
                                   Change change);
  std::optional<Change> read_path(const ConfigValue& table, const std::string& path, Change change);
  std::optional<Change> read_add_factor(const ConfigValue& table, const std::string& path,
                                        Change change);
  std::optional<Change> read_fix(const ConfigValue& table, const std::string& path, Change change);
  std::optional<Change> read_parameter(const ConfigValue& table, const std::string& path,
                                       Change change);
  std::optional<Change> read_assume(const ConfigValue& table, const std::string& path,
                                    Change change);
  std::optional<Change> read_condition(const ConfigValue& table, const std::string& path,
                                       Change change);
  std::optional<Change> read_target(const ConfigValue& table, const std::string& path,
                                    Change change);
  void check_path_mode(const ConfigValue& table, const std::string& path, SetPath& what);
  // The periods of a change in one key.
  void read_at(const ConfigValue& table, const std::string& path, Change& change);
  // `value` of a change as amounts; per cent is a problem where it means nothing.
  std::vector<Amount> values(const ConfigValue& table, const std::string& path, bool percent);

  void resolve_inheritance(const ConfigValue& table);
  void check_probabilities(const ConfigValue& table);
  void check_paths();
  void check_assumptions();
  void check_borrowed_paths();
};

}  // namespace amnok
