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

# Whole processes: log-likelihood and medians of the last month under three scenarios, then the least time of ten.
printf '\n%-44s %10s   %s\n' "scenario job, whole process" "ms" "log-likelihood, medians"
timed() {  # program, command ...
  program=$1; shift
  least=
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    before=$(date +%s%N); "$@" >"$work/said" 2>/dev/null; after=$(date +%s%N)
    took=$(((after - before) / 10000))
    if [ -z "$least" ] || [ "$took" -lt "$least" ]; then least=$took; fi
  done
  printf '%-44s %7d.%02d   ' "$program" $((least / 100)) $((least % 100))
}
amnok="$here/../../build/amnok"
said() {  # run folder
  printf '%s' "$(sed -n 's/.*log-likelihood \([0-9.]*\).*/\1/p' "$1/summary.txt")"
  awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == "median") m = i } $2 == "trade" && $4 == "2026-12" { printf " %.4g", $m }' "$1/projections.csv"
  echo
}
cp "$here/job.toml" "$work/job.toml"
sed 's/^parameters = .*/parameters = "drawn"/' "$here/job.toml" >"$work/job_drawn.toml"
timed "amnok, coefficients at their estimates" "$amnok" run "$work/job.toml" -o "$work/job_run" --force --numbers -q
said "$work/job_run"
timed "amnok, coefficients drawn" "$amnok" run "$work/job_drawn.toml" -o "$work/drawn_run" --force --numbers -q
said "$work/drawn_run"
if command -v gretlcli >/dev/null; then
  export AMNOK_INPUTS="$work"
  timed "gretl" gretlcli -b -q "$here/job.inp"; sed -n 's/^JOB //p' "$work/said"
fi
if command -v Rscript >/dev/null; then timed "R" Rscript "$here/job.R" "$work"; cat "$work/said"; fi
