#!/usr/bin/env bash
# What both arms share: train BTC and 2E1D in the three regimes on OUT/labelled and OUT/pool, score them beside the teacher on OUT/test, keep the results.
# usage: students.sh ARM OUT EPOCHS_SUPERVISED EPOCHS_STAGE1 EPOCHS_STAGE2     (called by billboard.sh and audio.sh)
set -euo pipefail
arm=$1; out=$2; results=$(cd "$(dirname "$0")/.." && pwd)/data/results
models=()
for arch in btc 2e1d; do
  chordkd train supervised "$out/labelled" --arch $arch --out "$out/runs/$arch-supervised" --set epochs="$3"
  chordkd train stage1 "$out/pool" --arch $arch --out "$out/runs/$arch-stage1" --set epochs="$4"
  chordkd train stage2 "$out/labelled" --student "$out/runs/$arch-stage1" --out "$out/runs/$arch-stage2" --set epochs="$5"
  models+=("$arch supervised=$out/runs/$arch-supervised" "$arch stage1=$out/runs/$arch-stage1" "$arch stage2=$out/runs/$arch-stage2")
done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/$arm"
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --protocol paper --out "$results/$arm-paper-protocol"
mkdir -p "$results/$arm/history"
for run in "$out"/runs/*; do cp "$run/history.csv" "$results/$arm/history/$(basename "$run").csv"; done
cp "$out/split.json" "$out/pool/statistics.csv" "$results/$arm/"
