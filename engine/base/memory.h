// How a program uses the allocator and the pages beneath it.
#pragma once

#include <cstddef>

namespace amnok {

// Simulations allocate and free the same blocks of draws over and over. Freed memory is kept instead
// of being given back to the system and faulted in again, which took half of their time.
void keep_freed_memory();

// Where the next `bytes` are to be allocated, the system is asked for large pages: mapping memory in
// pages of 4 kB took a sixth of a short simulation. A hint, for programs that keep freed memory.
void prefer_large_pages(std::size_t bytes);

}  // namespace amnok
