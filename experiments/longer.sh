#!/usr/bin/env bash
# Is it a matter of epochs? BTC on real recordings, one seed, with three times the epochs of billboard.sh, and the ceiling of ablations.sh (all songs with experts' labels) likewise.
# usage: experiments/longer.sh OUT     (OUT: the folder of billboard.sh; about 75 minutes on one core with PRECISION=bf16; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
out=${1:?folder that billboard.sh wrote}; new=$out/longer; results=$(cd "$(dirname "$0")/.." && pwd)/data/results/billboard-ablations/longer; recipe="--seed 1 --set mixed_precision=${PRECISION:-no}"
chordkd train stage1 "$out/pool" --arch btc --out "$new/stage1-3" $recipe epochs=24
chordkd train stage2 "$out/labelled" --student "$new/stage1-3" --preset best --replay "$out/pool" --out "$new/best-3" $recipe epochs=18
chordkd train supervised "$out/labelled" --arch btc --out "$new/supervised-3" $recipe epochs=48
chordkd train supervised "$out/store" --ids "$out/split.json:teacher+pool+labelled+more" --arch btc --out "$new/all-15" $recipe epochs=15
chordkd evaluate "$out/test" --teacher --model "supervised=$new/supervised-3" "stage 1=$new/stage1-3" "best=$new/best-3" "all 549 songs=$new/all-15" --reference teacher --out "$results"
rm "$results"/songs-*.csv "$results"/*.png
