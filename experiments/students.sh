#!/usr/bin/env bash
# What both arms share: for each seed, train BTC and 2E1D in the three regimes on OUT/labelled and OUT/pool; let the teacher and the two stage-2 students together
# label the pool anew and go on from stage 2 with replay of it ("best"); score all beside the teacher on OUT/test, and keep the results.
# usage: students.sh ARM OUT EPOCHS_SUPERVISED EPOCHS_STAGE1 EPOCHS_STAGE2 EPOCHS_BEST TEACHER POOL_SONGS SEED...     (called by billboard.sh and audio.sh)
# The two networks are trained side by side, a core each. PRECISION=bf16 trains in bfloat16, twice as fast where the processor has it (AVX-512 BF16, AMX).
set -euo pipefail
arm=$1 out=$2 sup=$3 one=$4 two=$5 best=$6 teacher=$7 songs=$8; shift 8; seeds=("$@")
precision=mixed_precision=${PRECISION:-no}
results=$(cd "$(dirname "$0")/.." && pwd)/data/results
stages() { # ARCH FOLDER SEED
  chordkd train supervised "$out/labelled" --arch "$1" --out "$2/$1-supervised" --seed "$3" --set epochs="$sup" "$precision"
  chordkd train stage1 "$out/pool" --arch "$1" --out "$2/$1-stage1" --seed "$3" --set epochs="$one" "$precision"
  chordkd train stage2 "$out/labelled" --student "$2/$1-stage1" --out "$2/$1-stage2" --seed "$3" --set epochs="$two" "$precision"
}
best() { # ARCH FOLDER SEED
  chordkd train stage2 "$out/labelled" --student "$2/$1-stage2" --preset best --replay "$2/pool" --out "$2/$1-best" --seed "$3" --set epochs="$best" "$precision"
}
for seed in "${seeds[@]}"; do
  runs=$out/runs/seed$seed; mkdir -p "$runs"
  stages btc "$runs" "$seed" & stages 2e1d "$runs" "$seed"; wait $!
  chordkd label $songs "$runs/pool" --teacher "$teacher+$runs/btc-stage2+$runs/2e1d-stage2" --no-labels
  best btc "$runs" "$seed" & best 2e1d "$runs" "$seed"; wait $!
done
models=()
for arch in btc 2e1d; do for regime in supervised stage1 stage2 best; do models+=("$arch $regime=$(printf "$out/runs/seed%s/$arch-$regime," "${seeds[@]}" | sed 's/,$//')"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/$arm"
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --protocol paper --out "$results/$arm-paper-protocol"
rm -rf "$results/$arm/history"; mkdir -p "$results/$arm/history"
for run in "$out"/runs/seed"${seeds[0]}"/*/; do [ ! -e "$run/history.csv" ] || cp "$run/history.csv" "$results/$arm/history/$(basename "$run").csv"; done
cp "$out/split.json" "$out/pool/statistics.csv" "$results/$arm/"
