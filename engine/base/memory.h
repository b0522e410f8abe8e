// How a program uses the allocator.
#pragma once

namespace amnok {

// Simulations allocate and free the same blocks of draws over and over. Freed memory is kept instead
// of being given back to the system and faulted in again, which took half of their time.
void keep_freed_memory();

}  // namespace amnok
