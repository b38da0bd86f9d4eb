#!/usr/bin/env bash
# Synthetic songs beside the labelled ones of the audio arm: the 400 composed songs (13 h) of synthetic.sh, as audio. (Not POP909 with bands: that is what the songs of this arm are.)
# Stage 2 goes on from stage 1 with labelled and composed songs, and replay of the recordings of the pool; then once more with the labelled songs and 160 of the composed ones, and as much replay of the whole pool as the students
# of all seeds together hear it by now (without crema, which is a frame early). Beside it, for the first seed, the second round with the labelled songs alone, and supervised training on the same songs; and all of it with ten labelled songs. Needs what audio.sh left in OUT.
# FULL=1: then 2E1D at the published size through the same stages; for its second round the four students of this one label the pool, and 280 more songs of POP909 (those of "more" but the forty). What they know together is scored on the forty beside it.
# About an hour and a half more; results go to data/results/audio-synthetic-full.
# usage: experiments/audio_synthetic.sh OUT [SEED ...]     (OUT: the folder of audio.sh; about two hours on two cores; run again to go on)
set -euo pipefail; unset runs split pool; export LC_ALL=C OMP_NUM_THREADS=1
export out=${1:?folder that audio.sh wrote}; shift; [ $# -gt 0 ] || set -- 1 2; export first=$1
here=$(cd "$(dirname "$0")" && pwd); results=$here/../data/results; workers="--workers ${WORKERS:-2}"; export bf=mixed_precision=${PRECISION:-bf16} new=$out/synthetic; mkdir -p "$new"
chordkd corpus demo "$new/composed" --songs 400 --seconds 120 --seed 11 --soundfonts "$out"/fonts/*.sf2 $workers
chordkd label "$new/composed" "$new/composed-labelled" --teacher btc-small --probs full $workers   # the quickest, for the features and the annotations; these answers are not used
python "$here/merge.py" "$new/with-composed" "$out/labelled" "$new/composed-labelled"
for seed; do for n in '' 160; do python "$here/beside.py" "$out/labelled" "$new/with-composed" "$seed" "$new/with-composed-$seed${n:+-$n}.json" $n; done; done
more() { # ARCH SEED
  local runs=${runs:-$out/runs/seed$2} split=${split:-$new/with-composed-$2}; chordkd train stage2 "$new/with-composed" --student "$runs/$1-stage1" --preset best --split "$split.json" --replay "$out/pool" --replay-ids "$out/unlabelled/parts.json:music" \
    --out "$runs/$1-synthetic" --seed "$2" --set epochs=6 lr=1e-3 replay=.3 ema=.999 alpha=0 kd=none "$bf"
}
again() { # ARCH SEED
  local runs=${runs:-$out/runs/seed$2} split=${split:-$new/with-composed-$2}; chordkd train stage2 "$new/with-composed" --student "$runs/$1-synthetic" --preset best --split "$split-160.json" --replay "${pool:-$new/pool}" --out "$runs/$1-second" --seed "$2" \
    --set epochs=14 lr=1e-3 replay=1 balance=.2 alpha=0 kd=none "$bf"
}
bare() { # ARCH
  chordkd train stage2 "$out/labelled" --student "$out/runs/seed$first/$1-synthetic" --preset best --replay "$new/pool" --out "$out/runs/seed$first/$1-second-bare" --seed "$first" --set epochs=16 balance=.2 alpha=0 kd=none "$bf"
}
alone() { # ARCH: as many windows as both rounds together
  chordkd train supervised "$new/with-composed" --arch "$1" --split "$new/with-composed-$first.json" --out "$out/runs/seed$first/$1-supervised-synthetic" --seed "$first" --set epochs=22 keep=last "$bf"
}
ten() { # STEP ARCH
  local runs=$out/runs/ten split=$new/ten pool=$new/pool-ten; "$1" "$2" "$first"
}
scratch() { # ARCH SEED
  chordkd train supervised "$out/labelled" --ids "$out/ten.json:ten" --arch "$1" --out "$runs/$1-supervised" --seed "$2" --set epochs=96 patience=30 "$bf"
}
published() { # SEED
  local runs=$out/runs/published/seed$1 pool=$new/pool-larger
  chordkd train supervised "$out/labelled" --arch 2e1d --out "$runs/2e1d-supervised" --seed "$1" --set epochs=24 "$bf" --size $SIZE_2e1d
  chordkd train stage1 "$out/pool" --arch 2e1d --out "$runs/2e1d-stage1" --seed "$1" --set epochs=4 "$bf" --size $SIZE_2e1d
  more 2e1d "$1"; again 2e1d "$1"
}
. "$here/common.sh"; . "$here/published.sh"; export -f more again bare alone ten scratch published
for arch in 2e1d btc; do for seed; do echo "more $arch $seed"; done; done | side_by_side
teachers=; for seed; do teachers+=+$out/runs/seed$seed/btc-synthetic+$out/runs/seed$seed/2e1d-synthetic; done
chordkd label "$out/pool" "$new/pool" --teacher "${teachers#+}" --no-labels $workers
for arch in 2e1d btc; do for seed; do echo "again $arch $seed"; done; done | side_by_side
printf '%s\n' 'alone 2e1d' 'alone btc' 'bare 2e1d' 'bare btc' | side_by_side
models=(); for arch in btc 2e1d; do for row in supervised stage1 synthetic second; do models+=("$(seeds "$arch $row" "seed%s/$arch-$row" "$@")"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-synthetic"; rm "$results"/audio-synthetic/{songs-*.csv,metrics.png}; cp "$new/pool/statistics.csv" "$results/audio-synthetic/"
models=(); for arch in btc 2e1d; do for row in 'supervised:supervised' 'supervised, composed too:supervised-synthetic' 'synthetic:synthetic' 'second, labelled songs alone:second-bare' 'second:second'; do models+=("$arch ${row%:*}=$out/runs/seed$first/$arch-${row#*:}"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-ablations/synthetic"; rm "$results"/audio-ablations/synthetic/{songs-*.csv,*.png}
# ten labelled songs instead of forty
[ -e "$out/ten.json" ] || chordkd split "$out/labelled" "$out/ten.json" ten=10 rest=30
for n in '' 160; do python "$here/beside.py" "$out/labelled@$out/ten.json:ten" "$new/with-composed" "$first" "$new/ten${n:+-$n}.json" $n; done
mkdir -p "$out/runs/ten"; for arch in 2e1d btc; do ln -sfn "../seed$first/$arch-stage1" "$out/runs/ten/$arch-stage1"; done
printf '%s\n' 'ten more 2e1d' 'ten more btc' 'ten scratch 2e1d' 'ten scratch btc' | side_by_side
chordkd label "$out/pool" "$new/pool-ten" --teacher "$out/runs/ten/btc-synthetic+$out/runs/ten/2e1d-synthetic" --no-labels $workers
printf '%s\n' 'ten again 2e1d' 'ten again btc' | side_by_side
models=(); for arch in btc 2e1d; do for row in supervised synthetic second; do models+=("$arch $row, 10 songs=$out/runs/ten/$arch-$row"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-ablations/synthetic-ten"; rm "$results"/audio-ablations/synthetic-ten/{songs-*.csv,*.png}
# how much of the class prior to take out, on forty songs from which no run learns
python -c "import json, sys; more = json.load(open(sys.argv[1]))['more']; json.dump(dict(dev=more[:40], more=more[40:]), open(sys.argv[2],'w'))" "$out/split.json" "$new/more.json"
chordkd label "$out/renders" "$new/dev" --ids "$new/more.json:dev" --teacher btc-small $workers
models=(); for arch in btc 2e1d; do models+=("$(seeds "$arch second" "seed%s/$arch-second" "$@")"); done
python -W ignore "$here/balance.py" "$new/dev" "$new/more.json:dev" "$new/with-composed" "$results/audio-synthetic/balance.csv" "${models[@]}"
[ -n "${FULL:-}" ] || exit 0
teachers=; for seed; do teachers+=+$out/runs/seed$seed/btc-second+$out/runs/seed$seed/2e1d-second; done
chordkd label "$out/pool" "$new/pool-again" --teacher "${teachers#+}" --no-labels $workers
chordkd label "$out/renders" "$new/pool-more" --ids "$new/more.json:more" --teacher "${teachers#+}" --no-labels $workers
python "$here/merge.py" "$new/pool-larger" "$new/pool-again" "$new/pool-more"
for seed; do echo "published $seed"; done | side_by_side
small=(); for row in supervised second; do small+=("$(seeds "2e1d $row" "seed%s/2e1d-$row" "$@")"); done
large=(); for row in supervised stage1 synthetic second; do large+=("$(seeds "2e1d published, $row" "published/seed%s/2e1d-$row" "$@")"); done
full=$results/audio-synthetic-full; chordkd evaluate "$out/test" --teacher --model "${small[@]}" "${large[@]}" --reference teacher --out "$full"
chordkd label "$new/dev" "$new/dev-again" --teacher "${teachers#+}" $workers
chordkd evaluate "$new/dev-again" --teacher --model "${small[@]}" "${large[0]}" "${large[3]}" --reference teacher --out "$full/dev"   # the teacher: the four students
rm "$full"/{,dev/}{songs-*.csv,*.png}
