// Independent pieces of work on several threads. What a piece computes must not depend on another,
// so that no number depends on the threads.
#pragma once

#include <functional>

namespace amnok {

// work(0) .. work(count - 1) in any order; threads: 0 for all.
void in_parallel(int count, int threads, const std::function<void(int)>& work);

}  // namespace amnok
