// The tables of [effects] that ask for a counterfactual.
#pragma once

#include "engine/study/study_reader.h"

namespace amnok {

class CounterfactualReader : public StudyReader {
 public:
  CounterfactualReader(Study& study, const ConfigValue& written, const ConfigValue& readable,
                       const PluginList& plugins, ProblemList& problems)
      : StudyReader(study, written, readable, problems), plugins_(plugins) {}

  // After the equations, which counterfactuals start from.
  void read();

 private:
  void read_one(const ConfigValue::Member& member);
  void read_dates(const ConfigValue& table, CounterfactualSpec& spec);
  void read_donors(const ConfigValue& table, CounterfactualSpec& spec);
  void read_model(const ConfigValue& table, CounterfactualSpec& spec);
  void read_controls(const ConfigValue& table, CounterfactualSpec& spec);
  void read_roles(const ConfigValue& table, CounterfactualSpec& spec);
  std::optional<Expression> outside_expression(const ConfigValue& item,
                                               const CounterfactualSpec& spec,
                                               const std::string& path);

  const PluginList& plugins_;
};

}  // namespace amnok
