#!/usr/bin/env bash
# The real-recordings arm: McGill Billboard as NNLS chroma with expert labels. One command per row of the table.
# usage: experiments/billboard.sh BILLBOARD_CHROMA.npz OUT     (about an hour on two idle cores; run again to go on)
set -euo pipefail; export OMP_NUM_THREADS=1
source=${1:?path of billboard_chroma.npz, or folder of the public release}; out=${2:?folder to write}
mkdir -p "$out"; split=$out/split.json
chordkd corpus billboard "$out/store" --source "$source"
[ -e "$split" ] || chordkd split "$out/store" "$split" teacher=150 pool=250 labelled=100 test=100 unused=49
chordkd train supervised "$out/store" --ids "$split:teacher" --arch btc --out "$out/runs/teacher" --set epochs=16
chordkd label "$out/store" "$out/pool" --teacher "$out/runs/teacher" --ids "$split:pool" --no-labels
for part in labelled test; do chordkd label "$out/store" "$out/$part" --teacher "$out/runs/teacher" --ids "$split:$part" --probs full; done
"$(dirname "$0")/students.sh" billboard "$out" 20 10 8
