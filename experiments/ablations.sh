#!/usr/bin/env bash
# One thing changed at a time, on the arm of real recordings: BTC, one seed. Needs what billboard.sh left in OUT.
# usage: experiments/ablations.sh OUT [SEED]     (about forty minutes on one core; run again to go on)
set -euo pipefail; export OMP_NUM_THREADS=1
out=${1:?folder that billboard.sh wrote}; seed=${2:-1}; results=$(cd "$(dirname "$0")/.." && pwd)/data/results/billboard-ablations
runs=$out/runs/seed$seed; new=$out/runs/ablations$seed; split=$out/split.json; mkdir -p "$new" "$results"
two() { chordkd train stage2 "$out/labelled" --student "$runs/btc-stage1" --out "$new/$1" --seed "$seed" --set epochs=6 "${@:2}"; }                # stage 2, changed
one() { chordkd train stage1 "$out/pool" --arch btc --out "$new/$1" --seed "$seed" "${@:2}"; }                                                        # stage 1, changed
best() { chordkd train stage2 "$out/labelled" --student "$runs/btc-stage2" --preset best --out "$new/$1" --seed "$seed" "${@:2}"; }                   # our stage 2, changed
score() { chordkd evaluate "$out/test" --model "${@:2}" --out "$results/$1"; rm "$results/$1"/songs-*.csv "$results/$1"/*.png; }

for a in 0 0.1 0.5; do if [ $a = 0 ]; then two alpha0 alpha=0 kd=none; else two alpha$a alpha=$a; fi; done
score alpha "0=$new/alpha0" "0.1=$new/alpha0.1" "0.3 (paper)=$runs/btc-stage2" "0.5=$new/alpha0.5"

two confidence1 confidence_temperature=1
python "$(dirname "$0")/confidence.py" "$out/labelled" > "$results/shares.csv"
score confidence "at T 3 (paper)=$runs/btc-stage2" "at T 1=$new/confidence1"

[ -e "$out/labels.json" ] || chordkd split "$out/store" "$out/labels.json" a=25 b=25 rest=50 --ids "$split:labelled"
for n in 25 50; do
  part=a; [ $n = 25 ] || part=a+b
  chordkd train supervised "$out/labelled" --ids "$out/labels.json:$part" --arch btc --out "$new/supervised$n" --seed "$seed" --set epochs=$((1600/n))   # as many steps as with all labels
  chordkd train stage2 "$out/labelled" --ids "$out/labels.json:$part" --student "$runs/btc-stage1" --out "$new/stage2-$n" --seed "$seed" --set epochs=$((600/n))
done
chordkd train supervised "$out/store" --ids "$split:teacher+pool+labelled+more" --arch btc --out "$new/supervised-all" --seed "$seed" --set epochs=5      # the ceiling
score labels "supervised, 25 songs=$new/supervised25" "supervised, 50=$new/supervised50" "supervised, 100=$runs/btc-supervised" "supervised, all 549=$new/supervised-all" "stage 2, 25 songs=$new/stage2-25" "stage 2, 50=$new/stage2-50" "stage 2, 100=$runs/btc-stage2"

[ -e "$out/hours.json" ] || chordkd split "$out/store" "$out/hours.json" a=0.25 b=0.25 rest=0.5 --ids "$split:pool+more"
one hours25 --ids "$out/hours.json:a" --set epochs=16; one hours50 --ids "$out/hours.json:a+b" --set epochs=10
one soft --set epochs=8 kd=plain alpha=1 temperature=1
score stage1 "all of the pool, hard targets (paper)=$runs/btc-stage1" "a quarter of the pool=$new/hours25" "half of the pool=$new/hours50" "soft targets=$new/soft"

best replay --replay "$out/pool" --set epochs=6 logit_adjustment=0; best longer --set epochs=15 replay_ratio=0 logit_adjustment=0; best unbalanced --replay "$runs/pool" --set epochs=6 logit_adjustment=0
score best "stage 2 (paper)=$runs/btc-stage2" "longer, running mean=$new/longer" "+ replay of the pool as the teacher labelled it=$new/replay" "replay as teacher and students labelled it=$new/unbalanced" "+ adjustment, τ 0.3 (best)=$runs/btc-best"

score forgetting-truth "stage 1=$runs/btc-stage1" "stage 2 with KD=$runs/btc-stage2" "stage 2 without=$new/alpha0" "best=$runs/btc-best"
chordkd evaluate "$out/test" --truth teacher --model "stage 1=$runs/btc-stage1" "stage 2 with KD=$runs/btc-stage2" "stage 2 without=$new/alpha0" "best=$runs/btc-best" --out "$results/forgetting"; rm "$results"/forgetting/songs-*.csv "$results"/forgetting/*.png
