#!/bin/sh
# Structural breaks beside R's strucchange on the same data: equal answers first (dates and sums of squares
# for each number of breaks; sup-F and its bootstrap p-value on the same draws), then least processor times on one thread.
#
#   apt-get install r-cran-strucchange
#   make bench && benchmarks/peers/breaks.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
peer="${AMNOK_BREAKS_PEER:-$here/../../build/amnok-breaks-peer}"
[ -x "$peer" ] || { echo "run make bench first" >&2; exit 1; }
command -v Rscript >/dev/null || { echo "Rscript is missing: apt-get install r-cran-strucchange" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export OMP_NUM_THREADS=1
"$peer" "$work" >"$work/lines"
Rscript "$here/breaks.R" "$work" >>"$work/lines"

awk '
  $1 == "answer" { a[$2, $3] = $4; b[$2, $3] = $5; if (!($2 in seen)) { seen[$2] = 1; task[++tasks] = $2 } }
  $1 == "time" { t[$2, $3] = $4; if (!($2 in timed)) { timed[$2] = 1; clock[++clocks] = $2 } }
  $3 != "amnok" { peer = $3 }
  function near(u, v) { return u == v || (u - v <= 1e-8 * v && v - u <= 1e-8 * v) }
  END {
    printf "| task | answer (dates and sum of squares, or sup-F and p) | %s |\n|---|---|---|\n", peer
    for (i = 1; i <= tasks; i++) {
      k = task[i]; same = (a[k, "amnok"] == a[k, peer] || near(a[k, "amnok"] + 0, a[k, peer] + 0)) && near(b[k, "amnok"] + 0, b[k, peer] + 0)
      if (index(a[k, "amnok"], "/") && a[k, "amnok"] != a[k, peer]) same = 0
      printf "| %s | %s, %s | %s |\n", k, a[k, "amnok"], b[k, "amnok"], same ? "the same" : "DIFFERS: " a[k, peer] ", " b[k, peer]
      if (!same) bad = 1
    }
    printf "\n| task | amnok, ms | %s, ms | ratio |\n|---|---|---|---|\n", peer
    for (i = 1; i <= clocks; i++) {
      k = clock[i]; printf "| %s | %.3g | %.4g | %.0f |\n", k, t[k, "amnok"] / 1000, t[k, peer] / 1000, t[k, peer] / t[k, "amnok"]
    }
    exit bad
  }' "$work/lines"
