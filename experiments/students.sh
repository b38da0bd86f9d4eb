#!/usr/bin/env bash
# What both arms share: for each seed, train BTC and 2E1D in the three regimes on OUT/labelled and OUT/pool; let the teacher and the two stage-2 students together
# label the pool anew and go on from stage 2 with replay of it ("best"); score all beside the teacher on OUT/test, and keep the results.
# usage: students.sh ARM OUT EPOCHS_SUPERVISED EPOCHS_STAGE1 EPOCHS_STAGE2 EPOCHS_BEST TEACHER POOL_SONGS SEED...     (called by billboard.sh and audio.sh)
# JOBS (2) trainings run side by side, a core each. PRECISION=bf16 trains in bfloat16, twice as fast where the processor has it (AVX-512 BF16, AMX).
# DEVICE=cuda: teachers and models label and are scored there. SIZE_btc and SIZE_2e1d: constructor arguments of the networks (the laptop sizes); SET_supervised, SET_stage1, SET_stage2, SET_best: further changes to the recipes.
set -euo pipefail
export arm=$1 out=$2 sup=$3 one=$4 two=$5 best=$6 teacher=$7 songs=$8 precision=mixed_precision=${PRECISION:-no} on=${DEVICE:+--device $DEVICE}; shift 8; seeds=("$@")
results=$(cd "$(dirname "$0")/.." && pwd)/data/results
stages() { # ARCH SEED
  set -euo pipefail; runs=$out/runs/seed$2; size=SIZE_$1; size=${!size:+--size ${!size}}
  chordkd train supervised "$out/labelled" --arch "$1" --out "$runs/$1-supervised" --seed "$2" --set epochs="$sup" "$precision" ${SET_supervised:-} $size
  chordkd train stage1 "$out/pool" --arch "$1" --out "$runs/$1-stage1" --seed "$2" --set epochs="$one" "$precision" ${SET_stage1:-} $size
  chordkd train stage2 "$out/labelled" --student "$runs/$1-stage1" --out "$runs/$1-stage2" --seed "$2" --set epochs="$two" "$precision" ${SET_stage2:-}
}
anew() { # SEED
  set -euo pipefail; runs=$out/runs/seed$1
  chordkd label $songs "$runs/pool" --teacher "$teacher+$runs/btc-stage2+$runs/2e1d-stage2" --no-labels --workers "${LABELLERS:-1}" $on
}
best() { # ARCH SEED
  set -euo pipefail; runs=$out/runs/seed$2
  chordkd train stage2 "$out/labelled" --student "$runs/$1-stage2" --preset best --replay "$runs/pool" --out "$runs/$1-best" --seed "$2" --set epochs="$best" "$precision" ${SET_best:-}
}
export -f stages anew best
both() { for arch in 2e1d btc; do for seed in "${seeds[@]}"; do echo "$1 $arch $seed"; done; done; }
. "$(dirname "$0")/common.sh"
for seed in "${seeds[@]}"; do mkdir -p "$out/runs/seed$seed"; done
both stages | side_by_side
for seed in "${seeds[@]}"; do echo "anew $seed"; done | side_by_side
both best | side_by_side
models=()
for arch in btc 2e1d; do for regime in supervised stage1 stage2 best; do models+=("$(seeds "$arch $regime" "seed%s/$arch-$regime" "${seeds[@]}")"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher $on --out "$results/$arm"
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher $on --protocol paper --out "$results/$arm-paper-protocol"
rm -rf "$results/$arm/history"; mkdir -p "$results/$arm/history"
for run in "$out"/runs/seed"${seeds[0]}"/*/; do [ ! -e "$run/history.csv" ] || cp "$run/history.csv" "$results/$arm/history/$(basename "$run").csv"; done
cp "$out/split.json" "$out/pool/statistics.csv" "$results/$arm/"
