#!/usr/bin/env bash
# The recognisers that come with the package, by both stages: crema's labels of Debian's music and of 200 renders first, then the labels of every render but the
# test songs and of songs composed over all fourteen qualities, with replay of the recordings against forgetting. Needs what audio.sh made up to the stores.
# usage: experiments/weights.sh OUT     (OUT: the folder of audio.sh; about an hour on two idle cores; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
out=${1:?folder that audio.sh wrote}; here=$(dirname "$0"); set_="mixed_precision=${PRECISION:-bf16}"; workers="--workers ${WORKERS:-2}"
chordkd corpus demo "$out/generated" --songs 80 --seconds 120 --seed 1 --soundfonts "$out"/fonts/*.sf2 $workers
python "$here/gather.py" "$out/all" "$out/renders@$out/split.json:labelled+pool+more" "$out/generated"
chordkd label "$out/all" "$out/labelled-all" --teacher btc-small $workers   # the quickest, for the features and the annotations; these answers are not used
both() { # ARCH SIZE...
  chordkd train stage1 "$out/pool" --arch "$1" --preset best --out "$out/runs/weights/$1-stage1" --set epochs=2 "$set_" --size "${@:2}"
  chordkd train stage2 "$out/labelled-all" --student "$out/runs/weights/$1-stage1" --preset best --replay "$out/pool" --replay-ids "$out/unlabelled/parts.json:music" \
    --out "$out/runs/weights/$1" --set epochs=9 alpha=0 kd=none replay=.5 ema=.999 "$set_"
}
mkdir -p "$out/runs/weights"
both btc hidden_size=128 total_key_depth=128 total_value_depth=128 filter_size=128 num_layers=4 & both 2e1d f_layer=1 t_layer=3 d_layer=2; wait $!
for arch in btc 2e1d; do
  python "$here/tune.py" "$out/labelled-all" "$out/runs/weights/$arch" "$here/../data/results/decoding/$arch.csv"
  python "$here/bundle.py" "$out/runs/weights/$arch" "$arch-v1"
done
