#!/bin/sh
# Accuracy on the M3, M1 and tourism competitions beside the figures of others on the same series: R's
# forecast package 8.20 (peers.R), JDemetra+'s TRAMO (TR3), and the M3 competition's own entries THETA and
# ForecastPro. First on samples of the files, then on all of their series; peers.txt holds what was measured.
#
#   make bench && benchmarks/accuracy/run.sh FOLDER     FOLDER: m3_yearly.csv.gz, m3_quarterly.csv.gz, ...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program="$here/../../build/amnok-accuracy"
[ -x "$program" ] || { echo "run make bench first" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for entry in m3_yearly:150 m3_quarterly:150 m3_monthly:200 tourism_yearly:100 tourism_quarterly:80 tourism_monthly:$here/tourism_monthly_series.txt \
  m3_yearly:0 m3_quarterly:0 m3_monthly:0 m3_other:0 m1_yearly:0 m1_quarterly:0 m1_monthly:0 tourism_yearly:0 tourism_quarterly:0 tourism_monthly:0; do
  name=${entry%%:*}
  [ -f "$1/$name.csv.gz" ] || continue
  gzip -dc "$1/$name.csv.gz" >"$work/$name.csv"
  all=; [ "${entry##*:}" = 0 ] && all=_all
  printf '\n%s\n\n| method | series | sMAPE | MASE | MSIS 95 | cover 80 | cover 95 | median ms |\n|---|---|---|---|---|---|---|---|\n' "$name$all"
  "$program" "$work/$name.csv" "${entry##*:}"
  grep "^$name$all " "$here/peers.txt" | sed "s/^$name$all //"
done
