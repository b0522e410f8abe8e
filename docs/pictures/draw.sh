#!/bin/sh
# Draws the pictures of docs/guide.md with the figure scripts of runs: base.toml and each part beside it
# are one config, and the figure of its first variable is the picture, without what came true later.
# From anywhere: docs/pictures/draw.sh [AMNOK]
set -e
cd "$(dirname "$0")"
amnok=${1:-../../build/amnok}
work=$(mktemp -d)
trap 'rm -rf "$work" joined.toml' EXIT

# picture FOLDER FIGURE TITLE: FIGURE.svg of a run's figures, drawn anew.
picture() (
  cd "$1"
  sed -i -e '/history.dat. using 1:4 with points/d' -e "s/, NaN with points .* title 'realised'//" \
    -e "s/\(history.dat' using 1:3 .*\), .$/\1/" "$2.gp"
  gnuplot "$2.gp"
  sed -i "s|<title>Gnuplot</title>|<title>$3</title>|" "$2.svg"
)

for part in *.toml; do
  name=${part%.toml}
  case $name in base | joined) continue ;; esac
  cat base.toml "$part" > joined.toml
  "$amnok" run joined.toml -q -o "$work/$name" > "$work/$name.txt"
  figures=$work/$name/figures
  variable=$(sed -n 's/^variables = \["\([a-z_]*\)".*/\1/p' "$part")
  picture "$figures" "$variable" "$name"
  cp "$figures/$variable.svg" "$name.svg"
  if [ -e "$figures/effect.opening.gp" ]; then
    picture "$figures" effect.opening effect
    cp "$figures/effect.opening.svg" effect.svg
  fi
done
