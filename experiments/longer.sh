#!/usr/bin/env bash
# Is it a matter of epochs? BTC on real recordings, one seed: the regimes of billboard.sh as long as there and three times as long, and training on all songs with experts' labels (the ceiling) likewise.
# usage: experiments/longer.sh OUT     (OUT: the folder of billboard.sh; about an hour and a half on two idle cores with PRECISION=bf16; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
out=${1:?folder that billboard.sh wrote}; new=$out/longer; split=$out/split.json; set_="mixed_precision=${PRECISION:-no}"; mkdir -p "$new"
regimes() { # TIMES
  chordkd train supervised "$out/labelled" --arch btc --out "$new/supervised-$1" --seed 1 --set epochs=$((16*$1)) "$set_"
  chordkd train stage1 "$out/pool" --arch btc --out "$new/stage1-$1" --seed 1 --set epochs=$((8*$1)) "$set_"
  chordkd train stage2 "$out/labelled" --student "$new/stage1-$1" --preset best --replay "$out/pool" --out "$new/best-$1" --seed 1 --set epochs=$((6*$1)) "$set_"
}
regimes 1 & regimes 3 & wait
for n in 5 15; do chordkd train supervised "$out/store" --ids "$split:teacher+pool+labelled+more" --arch btc --out "$new/all-$n" --seed 1 --set epochs=$n "$set_"; done
models=(); for r in supervised stage1 best; do for k in 1 3; do models+=("$r, $((k)) ×=$new/$r-$k"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" "all 549 songs, 5 epochs=$new/all-5" "all 549 songs, 15=$new/all-15" --reference teacher --out "$(dirname "$0")/../data/results/billboard-ablations/longer"
