#!/usr/bin/env bash
# The real-recordings arm: McGill Billboard as NNLS chroma with expert labels. One command per row of the table.
# usage: experiments/billboard.sh BILLBOARD_CHROMA.npz OUT [SEED ...]     (three seeds: about an hour and a half on two idle cores; run again to go on)
set -euo pipefail; export OMP_NUM_THREADS=1
source=${1:?path of billboard_chroma.npz, or folder of the public release}; out=${2:?folder to write}; shift 2; [ $# -gt 0 ] || set -- 1 2 3
mkdir -p "$out"; split=$out/split.json
chordkd corpus billboard "$out/store" --source "$source" --contract nnls-chroma-6
[ -e "$split" ] || chordkd split "$out/store" "$split" teacher=150 pool=250 labelled=100 test=100 more=49
chordkd train supervised "$out/store" --ids "$split:teacher" --arch btc --out "$out/runs/teacher" --set epochs=14
songs="$out/store --ids $split:pool+more"
chordkd label $songs "$out/pool" --teacher "$out/runs/teacher" --no-labels
for part in labelled test; do chordkd label "$out/store" "$out/$part" --teacher "$out/runs/teacher" --ids "$split:$part" --probs full; done
"$(dirname "$0")/students.sh" billboard "$out" 16 8 6 6 "$out/runs/teacher" "$songs" "$@"
