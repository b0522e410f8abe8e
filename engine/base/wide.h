// AMNOK_WIDE before a function: compiled for AVX-512, AVX2 and the baseline, and chosen when the
// program starts. Products and sums are never fused and sums never reordered, so every version
// gives the same bits. Everything it calls is inlined, or it would stay at the baseline.
#pragma once

#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define AMNOK_WIDE __attribute__((target_clones("avx512f", "avx2", "default"), flatten))
#else
#define AMNOK_WIDE
#endif
