// Reads [regimes]: models whose breaks become events.
#pragma once

#include "engine/study/study_reader.h"

namespace amnok {

class RegimeReader : public StudyReader {
 public:
  RegimeReader(Study& study, const ConfigValue& written, const ConfigValue& readable,
               const PluginList& plugins, ProblemList& problems)
      : StudyReader(study, written, readable, problems), plugins_(plugins) {}

  // After the calendar and [events]: a regime needs a name of its own.
  void read();

 private:
  void read_one(const ConfigValue::Member& member);
  void read_events(const ConfigValue::Member& member, RegimeSpec& spec);

  const PluginList& plugins_;
};

}  // namespace amnok
