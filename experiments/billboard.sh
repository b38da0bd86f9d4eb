#!/usr/bin/env bash
# The real-recordings arm: McGill Billboard as NNLS chroma with expert labels. One command per row of the table.
# usage: experiments/billboard.sh BILLBOARD_CHROMA.npz OUT     (about an hour on two idle cores; run again to go on)
set -euo pipefail; export OMP_NUM_THREADS=1
source=${1:?path of billboard_chroma.npz, or folder of the public release}; out=${2:?folder to write}; here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"; split=$out/split.json
chordkd corpus billboard "$out/store" --source "$source"
[ -e "$split" ] || chordkd split "$out/store" "$split" teacher=150 pool=250 labelled=100 test=100 unused=49
chordkd train supervised "$out/store" --ids "$split:teacher" --arch btc --out "$out/runs/teacher" --set epochs=16
chordkd label "$out/store" "$out/pool" --teacher "$out/runs/teacher" --ids "$split:pool" --no-labels
for part in labelled test; do chordkd label "$out/store" "$out/$part" --teacher "$out/runs/teacher" --ids "$split:$part" --probs full; done
models=()
for arch in btc 2e1d; do
  chordkd train supervised "$out/labelled" --arch $arch --out "$out/runs/$arch-supervised" --set epochs=20
  chordkd train stage1 "$out/pool" --arch $arch --out "$out/runs/$arch-stage1" --set epochs=10
  chordkd train stage2 "$out/labelled" --student "$out/runs/$arch-stage1" --out "$out/runs/$arch-stage2" --set epochs=8
  models+=("$arch supervised=$out/runs/$arch-supervised" "$arch stage1=$out/runs/$arch-stage1" "$arch stage2=$out/runs/$arch-stage2")
done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$here/data/results/billboard"
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --protocol paper --out "$here/data/results/billboard-paper-protocol"
mkdir -p "$here/data/results/billboard/history"
for run in "$out"/runs/*; do cp "$run/history.csv" "$here/data/results/billboard/history/$(basename "$run").csv"; done
cp "$split" "$out/pool/statistics.csv" "$here/data/results/billboard/"
