// A line on a terminal's standard error, with the time left; silent elsewhere.
#pragma once

#include <chrono>
#include <mutex>
#include <string>

namespace amnok {

class Progress {
 public:
  Progress(std::string what, bool quiet);
  ~Progress();  // takes the line away
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void update(double share);  // done so far; from any thread

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  bool shown_ = false, written_ = false;
  Clock::time_point begin_ = Clock::now();
  std::mutex lock_;
};

}  // namespace amnok
