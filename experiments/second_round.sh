#!/usr/bin/env bash
# Another round of labelling: the pool is labelled by the teacher and the "best" students together, and these go on for eight epochs with replay of that. Beside it, as a control, eight more epochs
# with the labels that they had. BTC on real recordings, one seed, after longer.sh. FULL=1: after FULL=1 billboard.sh, both networks, all seeds; the students of all seeds label together; no control.
# usage: experiments/second_round.sh OUT [SEED ...]     (OUT: the folder of billboard.sh; ten minutes on two cores with PRECISION=bf16; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1; . "$(dirname "$0")/common.sh"
out=${1:?folder that billboard.sh wrote}; shift; [ $# -gt 0 ] || set -- 1 2 3
results=$(cd "$(dirname "$0")/.." && pwd)/data/results; songs="$out/store --ids $out/split.json:pool+more"; models=()
go_on() { chordkd train stage2 "$out/labelled" --student "$1" --preset best --replay "$2" --out "$3" --seed "$4" --set epochs=8 mixed_precision="${PRECISION:-no}" ${FULL:+batch_size=64}; } # STUDENT POOL OUT SEED
if [ -n "${FULL:-}" ]; then
  teachers=$out/runs/teacher+$(together "$out/runs" best "$@") new=$out/pool2 results=$results/billboard-full/second-round
  chordkd label $songs "$new" --teacher "$teachers" --no-labels --workers "${LABELLERS:-1}" ${DEVICE:+--device $DEVICE}
  for arch in btc 2e1d; do
    for seed; do go_on "$out/runs/seed$seed/$arch-best" "$new" "$out/runs/seed$seed/$arch-best2" "$seed"; done
    for run in best best2; do [ $run = best ] && row=best || row="second round"; models+=("$(seeds "$arch $row" "seed%s/$arch-$run" "$@")"); done
  done
else
  new=$out/longer results=$results/billboard-ablations/second-round
  chordkd label $songs "$new/pool2" --teacher "$out/runs/teacher+$new/best-3" --no-labels
  go_on "$new/best-3" "$new/pool2" "$new/best2" 1 & go_on "$new/best-3" "$out/pool" "$new/best-on" 1; wait $!
  models=("best=$new/best-3" "eight more epochs=$new/best-on" "second round=$new/best2")
fi
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher ${DEVICE:+--device $DEVICE} --out "$results"
rm "$results"/songs-*.csv "$results"/*.png
