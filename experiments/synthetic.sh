#!/usr/bin/env bash
# Synthetic songs beside the labelled recordings of the arm of real recordings. Their labels cost nothing, and they hold the qualities that neither the teacher nor a hundred songs know: 400 songs composed over all
# fourteen (13 h), and 179 of POP909 with bands (12 h, the training songs "band" and "valid" of weights.sh), as NNLS chroma by the plugin that Billboard's was made with (nnls.py).
# Stage 2 goes on from stage 1 with labelled and synthetic songs and replay of the pool; then once more with the labelled songs alone, and replay of the pool as the teacher and the students of all seeds together hear it by now,
# and more of the class prior taken out (balance.py); beside it, supervised training with as much of it taken out. Then, for BTC and the first seed, one thing at a time. Needs what billboard.sh left in OUT.
# FULL=1: then the three stages once more with networks of the published sizes, same teacher and pools, for a GPU (JOBS=6 DEVICE=cuda on sixteen cores); results go to data/results/billboard-synthetic-full.
# usage: experiments/synthetic.sh POP909 OUT FONTS PYTHON [SEED ...]     (POP909: folder; OUT: the folder of billboard.sh; FONTS: that of `chordkd corpus soundfonts`; PYTHON: Chordino's of benchmarks/peer.py, with soxr; about four hours on two cores, after PRECISION=bf16 billboard.sh; run again to go on)
set -euo pipefail; unset runs; export LC_ALL=C OMP_NUM_THREADS=1
source=${1:?POP909 folder}; export out=${2:?folder that billboard.sh wrote}; fonts=${3:?folder of soundfonts}; python=${4:?python of the environment of Chordino}; shift 4; [ $# -gt 0 ] || set -- 1 2 3; export first=$1
here=$(cd "$(dirname "$0")" && pwd); results=$here/../data/results; workers="--workers ${WORKERS:-2}"; export bf=mixed_precision=${PRECISION:-bf16} new=$out/synthetic; mkdir -p "$new"
# the songs
python "$here/third.py" "$results/audio/split.json" "$source" "$new/third.json"
chordkd corpus demo "$new/composed" --songs 400 --seconds 120 --seed 11 --soundfonts "$fonts"/*.sf2 $workers
chordkd corpus pop909 "$new/bands" --source "$source" --lossy --seed 3 --soundfonts "$fonts"/*.sf2 $workers --ids $(python -c "import json, sys; s = json.load(open(sys.argv[1])); print(*(i.split('_')[0] for i in s['band']+s['valid']))" "$new/third.json")
for part in bands composed; do
  "$python" -W ignore "$here/nnls.py" "$new/$part" "$new/$part-nnls" --jobs "${WORKERS:-2}"
  chordkd corpus billboard "$new/$part-store" --source "$new/$part-nnls" --contract nnls-chroma-6
  chordkd label "$new/$part-store" "$new/$part-labelled" --teacher "$out/runs/teacher" --probs full   # a store of stage 2 has a teacher's answers; with alpha=0 they are not used
done
for parts in bands composed 'bands composed'; do
  to=$new/with-${parts/ /-}; stores=(); for part in $parts; do stores+=("$new/$part-labelled"); done; python "$here/merge.py" "$to" "$out/labelled" "${stores[@]}"
  for seed; do python "$here/beside.py" "$out/labelled" "$to" "$seed" "$to-$seed.json"; done
done
# students
more() { # ARCH SEED PARTS RUN EPOCHS [SET ...]
  local runs=${runs:-$out/runs/seed$2}; chordkd train stage2 "$new/with-$3" --student "$runs/$1-stage1" --preset best --split "$new/with-$3-$2.json" --replay "$out/pool" --out "$runs/$4" --seed "$2" --set epochs="$5" replay_ratio=.6 alpha=0 kd=none "$bf" "${@:6}"
}
again() { # ARCH SEED RUN BALANCE [SET ...]
  local runs=${runs:-$out/runs/seed$2}; chordkd train stage2 "$out/labelled" --student "$runs/$1-synthetic" --preset best --replay "$new/pool" --out "$runs/$3" --seed "$2" --set epochs=12 alpha=0 kd=none logit_adjustment="$4" "$bf" "${@:5}"
}
adjusted() { # ARCH SEED
  chordkd train supervised "$out/labelled" --arch "$1" --out "$out/runs/seed$2/$1-adjusted" --seed "$2" --set epochs=16 logit_adjustment=.5 "$bf"
}
published() { # ARCH SEED
  local runs=$out/runs/published/seed$2 size=SIZE_$1 bf=mixed_precision=no
  chordkd train stage1 "$out/pool" --arch "$1" --out "$runs/$1-stage1" --seed "$2" --set epochs=14 $published_set --size ${!size}
  more "$1" "$2" bands-composed "$1-synthetic" 12 batch_size=128 lr=1e-3
  again "$1" "$2" "$1-second" .5 batch_size=64; again "$1" "$2" "$1-less" .3 batch_size=64
}
. "$here/common.sh"; . "$here/published.sh"; export -f more again adjusted published
for seed; do printf '%s\n' "more 2e1d $seed bands-composed 2e1d-synthetic 10" "more btc $seed bands-composed btc-synthetic 8"; done | side_by_side   # 2E1D is slower
teachers=$out/runs/teacher+$(together "$out/runs" synthetic "$@")
chordkd label "$out/store" "$new/pool" --ids "$out/split.json:pool+more" --teacher "$teachers" --no-labels $workers
for arch in 2e1d btc; do for seed; do printf '%s\n' "again $arch $seed $arch-less .3" "again $arch $seed $arch-second .5" "adjusted $arch $seed"; done; done | side_by_side
printf '%s\n' 'more btc $first bands btc-bands 8' 'more btc $first composed btc-composed 8' \
  'chordkd train stage2 "$out/labelled" --student "$out/runs/seed$first/btc-stage1" --preset best --replay "$out/pool" --out "$out/runs/seed$first/btc-real" --seed $first --set epochs=12 alpha=0 kd=none "$bf"' \
  'chordkd train supervised "$new/with-bands-composed" --arch btc --split "$new/with-bands-composed-$first.json" --out "$out/runs/seed$first/btc-supervised-synthetic" --seed $first --set epochs=12 "$bf"' | side_by_side
models=(); for arch in btc 2e1d; do for row in supervised 'supervised, adjusted:adjusted' stage1 synthetic second; do models+=("$(seeds "$arch ${row%:*}" "seed%s/$arch-${row#*:}" "$@")"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/billboard-synthetic"; rm "$results"/billboard-synthetic/{songs-*.csv,metrics.png}; cp "$new/pool/statistics.csv" "$results/billboard-synthetic/"
one() { echo "$1=$out/runs/seed$first/$2"; }
chordkd evaluate "$out/test" --teacher --model "$(one 'best, real songs alone' btc-real)" "$(one '+ songs with bands' btc-bands)" "$(one '+ composed songs' btc-composed)" "$(one '+ both' btc-synthetic)" "$(one '+ both, second round, less adjusted' btc-less)" "$(one '+ both, second round' btc-second)" \
  "$(one 'supervised' btc-supervised)" "$(one 'supervised, + both' btc-supervised-synthetic)" --reference 'best, real songs alone' --out "$results/billboard-ablations/synthetic"
rm "$results"/billboard-ablations/synthetic/{songs-*.csv,*.png}
swept=(); for arch in btc 2e1d; do for row in supervised 'second, less adjusted:less' second; do swept+=("$(seeds "$arch ${row%:*}" "seed%s/$arch-${row#*:}" "$@")"); done; done
python -W ignore "$here/balance.py" "$out/store" "$out/split.json:teacher" "$out/labelled" "$results/billboard-ablations/balance.csv" "${swept[@]}"
[ -n "${FULL:-}" ] || exit 0
for seed; do for arch in btc 2e1d; do echo "published $arch $seed"; done; done | side_by_side
models=(); for arch in btc 2e1d; do
  models+=("$(seeds "$arch second" "seed%s/$arch-second" "$@")"); for row in synthetic 'second, less adjusted:less' second; do models+=("$(seeds "$arch published, ${row%:*}" "published/seed%s/$arch-${row#*:}" "$@")"); done
done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher ${DEVICE:+--device $DEVICE} --out "$results/billboard-synthetic-full"; rm "$results"/billboard-synthetic-full/{songs-*.csv,*.png}
mkdir -p "$results/billboard-synthetic-full/history"; for run in "$out/runs/published/seed$1"/*/; do cp "$run/history.csv" "$results/billboard-synthetic-full/history/$(basename "$run").csv"; done
