#!/bin/sh
# Accuracy on the M3 and tourism competitions beside the figures of R's forecast package and TRAMO on the
# same series (evenly spaced samples of the files, and the monthly tourism series that R finished; peers'
# figures as measured with forecast 8.20 and JDemetra+ TR3), then beside TRAMO on all series of each file.
#
#   make bench && benchmarks/accuracy/run.sh FOLDER     FOLDER: m3_yearly.csv.gz, m3_quarterly.csv.gz, ...
set -eu
here=$(cd "$(dirname "$0")" && pwd)
program="$here/../../build/amnok-accuracy"
[ -x "$program" ] || { echo "run make bench first" >&2; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for entry in m3_yearly:150 m3_quarterly:150 m3_monthly:200 tourism_yearly:100 tourism_quarterly:80 tourism_monthly:$here/tourism_monthly_series.txt \
  m3_yearly:0 m3_quarterly:0 m3_monthly:0 tourism_yearly:0 tourism_quarterly:0 tourism_monthly:0; do
  name=${entry%%:*}
  [ -f "$1/$name.csv.gz" ] || continue
  gzip -dc "$1/$name.csv.gz" >"$work/$name.csv"
  all=; [ "${entry##*:}" = 0 ] && all=_all
  printf '\n%s\n\n| method | series | sMAPE | MASE | MSIS 95 | cover 80 | cover 95 | median ms |\n|---|---|---|---|---|---|---|---|\n' "$name$all"
  "$program" "$work/$name.csv" "${entry##*:}"
  grep "^$name$all " "$here/peers.txt" | sed "s/^$name$all //"
done
