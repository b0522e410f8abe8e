// The sliders of a config, [[live]]: each names one figure of one change that its scenarios have.
#pragma once

#include "engine/study/study_reader.h"

namespace amnok {

inline constexpr std::size_t kMaxLivePoints = 200;  // of one scenario, over all its sliders

class LiveReader : public StudyReader {
 public:
  using StudyReader::StudyReader;
  // After the scenarios, with what they inherit.
  void read();

 private:
  void read_slider(const ConfigValue& table, const std::string& path);
  bool read_range(const ConfigValue& table, const std::string& path, LiveSpec& spec);
  std::optional<double> read_end(const ConfigValue& value, const std::string& path,
                                 LiveField field);
  // Whether every scenario of the slider has its change, at one figure inside the range.
  bool check_home(const ConfigValue& table, const std::string& path, const LiveSpec& spec);
  std::optional<double> home_of(const ConfigValue& table, const std::string& path,
                                const LiveSpec& spec, const ScenarioSpec& scenario);
  void check_size();
};

}  // namespace amnok
