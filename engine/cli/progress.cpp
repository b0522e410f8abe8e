#include "engine/cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>

namespace amnok {

Progress::Progress(std::string what, bool quiet)
    : what_(std::move(what)), shown_(!quiet && isatty(STDERR_FILENO) != 0) {}

Progress::~Progress() {
  if (shown_ && written_) fmt::print(stderr, "\r\033[K");
}

void Progress::update(double share) {
  if (!shown_) return;
  const std::lock_guard<std::mutex> guard(lock_);
  const std::chrono::duration<double> spent = Clock::now() - begin_;
  if (spent.count() < 0.3) return;
  written_ = true;
  fmt::print(stderr, "\r\033[K{} {:3.0f} %, {:.0f} s left", what_, 100 * share,
             spent.count() / std::max(share, 1e-3) * (1 - share));
  std::fflush(stderr);
}

}  // namespace amnok
