#!/bin/sh
# Runs R, gretl and statsmodels beside Amnok on the same inputs, as far as they are installed, and prints
# the answers first, then the ratios of the least times.
#
#   apt-get install r-base-core r-cran-strucchange r-cran-sandwich r-cran-aer r-cran-plm gretl python3-statsmodels
#   make bench && benchmarks/peers/run.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
bench="$here/../../build/amnok-bench"
[ -x "$bench" ] || { echo "run make bench first" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$bench" --write-inputs "$work"
export OMP_NUM_THREADS=1

# Every line: task, program, microseconds, answer.
"$bench" --benchmark_filter='fit_|ols_|bai_perron|two_stage|poisson|two_way_effects/10000/100/3/0' --benchmark_repetitions=3 --benchmark_format=csv 2>/dev/null |
  awk -F, '/^"/ && $1 !~ /_(mean|median|stddev|cv)"/ {
    gsub(/"/, "", $1); sub(/\/repeats.*/, "", $1); t = $4 * ($5 == "ms" ? 1000 : $5 == "ns" ? 0.001 : 1); if (!($1 in least) || t < least[$1]) least[$1] = t; answer[$1] = $NF }
    END { for (n in least) print n, "amnok", least[n], answer[n] }' >"$work/lines"
if command -v Rscript >/dev/null; then Rscript "$here/peers.R" "$work" >>"$work/lines"; fi
if command -v gretlcli >/dev/null; then AMNOK_INPUTS="$work" gretlcli -b "$here/peers.inp" 2>/dev/null | grep '^PEER' | sed 's/^PEER //' >>"$work/lines" || true; fi
for python in python3 /usr/bin/python3; do
  if "$python" -c 'import statsmodels' 2>/dev/null; then "$python" "$here/peers.py" "$work" >>"$work/lines"; break; fi
done

sort "$work/lines" | awk '
  { n = $1; time[n, $2] = $3; answer[n, $2] = $4; tasks[n] = 1; programs[$2] = 1 }
  END {
    printf "%-28s %-28s %14s %18s\n", "task", "program", "microseconds", "answer"
    for (n in tasks) for (p in programs) if ((n, p) in time) {
      printf "%-28s %-28s %14.1f %18s", n, p, time[n, p], answer[n, p]
      if (p != "amnok" && (n, "amnok") in time) printf "   %8.1f times ours", time[n, p] / time[n, "amnok"]
      printf "\n"
    }
  }' | sort
