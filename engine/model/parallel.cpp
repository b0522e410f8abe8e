#include "engine/model/parallel.h"

#include <tbb/global_control.h>
#include <tbb/parallel_for.h>

namespace amnok {

void in_parallel(int count, int threads, const std::function<void(int)>& work) {
  const auto most =
      threads > 0 ? static_cast<std::size_t>(threads)
                  : tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  const tbb::global_control limit(tbb::global_control::max_allowed_parallelism, most);
  tbb::parallel_for(0, count, work);
}

}  // namespace amnok
