// amnok-bench: Google Benchmark over the layers, or `amnok-bench --write-inputs DIR` for the peers.
#include <benchmark/benchmark.h>

#include <cstring>

#include "benchmarks/inputs.h"
#include "engine/base/memory.h"

int main(int argc, char** argv) {
  if (argc == 3 && std::strcmp(argv[1], "--write-inputs") == 0) {
    amnok::write_inputs(argv[2]);
    return 0;
  }
  amnok::keep_freed_memory();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
