#!/usr/bin/env bash
# The real-recordings arm: McGill Billboard as NNLS chroma with expert labels. One command per row of the table.
# usage: experiments/billboard.sh BILLBOARD_CHROMA.npz OUT [SEED ...]     (three seeds: about an hour and a half on two idle cores; run again to go on)
# FULL=1: networks of the published sizes, teacher included, and about twice the epochs, for a GPU (JOBS=6 LABELLERS=4 DEVICE=cuda on sixteen cores); results go to data/results/billboard-full.
set -euo pipefail; export OMP_NUM_THREADS=1
source=${1:?path of billboard_chroma.npz, or folder of the public release}; out=${2:?folder to write}; shift 2; [ $# -gt 0 ] || set -- 1 2 3
arm=billboard epochs='16 8 6 6' first=epochs=14
[ "${PRECISION:-no}" = no ] || arm+=-$PRECISION   # a run in another precision has results of its own
if [ -n "${FULL:-}" ]; then
  . "$(dirname "$0")/published.sh"; arm=billboard-full epochs='40 14 8 12' first="epochs=25 $published_set"
  export SET_supervised=$published_set SET_stage1=$published_set SET_stage2=batch_size=64 SET_best=batch_size=64
fi
mkdir -p "$out"; split=$out/split.json
chordkd corpus billboard "$out/store" --source "$source" --contract nnls-chroma-6
[ -e "$split" ] || chordkd split "$out/store" "$split" teacher=150 pool=250 labelled=100 test=100 more=49
chordkd train supervised "$out/store" --ids "$split:teacher" --arch btc --out "$out/runs/teacher" --set $first ${SIZE_btc:+--size $SIZE_btc}
songs="$out/store --ids $split:pool+more" on=${DEVICE:+--device $DEVICE}
chordkd label $songs "$out/pool" --teacher "$out/runs/teacher" --no-labels $on
for part in labelled test; do chordkd label "$out/store" "$out/$part" --teacher "$out/runs/teacher" --ids "$split:$part" --probs full $on; done
"$(dirname "$0")/students.sh" $arm "$out" $epochs "$out/runs/teacher" "$songs" "$@"
