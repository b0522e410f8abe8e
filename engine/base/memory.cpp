#include "engine/base/memory.h"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>

namespace amnok {

namespace {

constexpr int kBlock = 64 << 20;  // smaller blocks come from the heap, which grows and is kept

}  // namespace

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kKept = 512 << 20, kAhead = 4 << 20;
  mallopt(M_MMAP_THRESHOLD, kBlock);
  mallopt(M_TRIM_THRESHOLD, kKept);
  mallopt(M_TOP_PAD, kAhead);
#endif
}

void prefer_large_pages(std::size_t bytes) {
#ifdef MADV_HUGEPAGE
  // A block that is given back at once marks the heap: what comes next lies where it was. It has to
  // be before anything is written there, also the allocator's own notes between blocks.
  bytes = std::min(bytes, static_cast<std::size_t>(kBlock) / 2);
  void* const block = std::malloc(bytes);
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto first = (reinterpret_cast<std::uintptr_t>(block) + page - 1) / page * page;
  const auto last = (reinterpret_cast<std::uintptr_t>(block) + bytes) / page * page;
  if (block != nullptr && last > first) {
    madvise(reinterpret_cast<void*>(first), last - first, MADV_HUGEPAGE);
  }
  std::free(block);
#endif
}

}  // namespace amnok
