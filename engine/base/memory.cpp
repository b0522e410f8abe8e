#include "engine/base/memory.h"

#include <malloc.h>

namespace amnok {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kBlock = 64 << 20, kKept = 512 << 20, kAhead = 4 << 20;
  mallopt(M_MMAP_THRESHOLD, kBlock);
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_TOP_PAD, kAhead);
#endif
}

}  // namespace amnok
