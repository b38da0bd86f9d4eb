#!/usr/bin/env bash
# Synthetic songs beside the labelled ones of the audio arm: the 400 composed songs (13 h) of synthetic.sh, as audio. (Not POP909 with bands: that is what the songs of this arm are.)
# Stage 2 goes on from stage 1 with labelled and composed songs, and replay of the recordings of the pool; then once more with the labelled songs and 160 of the composed ones, and as much replay of the whole pool as the students
# of all seeds together hear it by now (without crema, which is a frame early). Beside it, for the first seed, the second round with the labelled songs alone, and supervised training on the same songs. Needs what audio.sh left in OUT.
# usage: experiments/audio_synthetic.sh OUT [SEED ...]     (OUT: the folder of audio.sh; about an hour and a half on two cores; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
export out=${1:?folder that audio.sh wrote}; shift; [ $# -gt 0 ] || set -- 1 2; export first=$1
here=$(cd "$(dirname "$0")" && pwd); results=$here/../data/results; workers="--workers ${WORKERS:-2}"; export bf=mixed_precision=${PRECISION:-bf16} new=$out/synthetic; mkdir -p "$new"
chordkd corpus demo "$new/composed" --songs 400 --seconds 120 --seed 11 --soundfonts "$out"/fonts/*.sf2 $workers
chordkd label "$new/composed" "$new/composed-labelled" --teacher btc-small --probs full $workers   # the quickest, for the features and the annotations; these answers are not used
python "$here/merge.py" "$new/with-composed" "$out/labelled" "$new/composed-labelled"
for seed; do for n in '' 160; do python "$here/beside.py" "$out/labelled" "$new/with-composed" "$seed" "$new/with-composed-$seed${n:+-$n}.json" $n; done; done
more() { # ARCH SEED
  chordkd train stage2 "$new/with-composed" --student "$out/runs/seed$2/$1-stage1" --preset best --split "$new/with-composed-$2.json" --replay "$out/pool" --replay-ids "$out/unlabelled/parts.json:music" \
    --out "$out/runs/seed$2/$1-synthetic" --seed "$2" --set epochs=6 lr=1e-3 replay=.3 ema=.999 alpha=0 kd=none "$bf"
}
again() { # ARCH SEED
  chordkd train stage2 "$new/with-composed" --student "$out/runs/seed$2/$1-synthetic" --preset best --split "$new/with-composed-$2-160.json" --replay "$new/pool" --out "$out/runs/seed$2/$1-second" --seed "$2" \
    --set epochs=14 lr=1e-3 replay=1 balance=.2 alpha=0 kd=none "$bf"
}
bare() { # ARCH
  chordkd train stage2 "$out/labelled" --student "$out/runs/seed$first/$1-synthetic" --preset best --replay "$new/pool" --out "$out/runs/seed$first/$1-second-bare" --seed "$first" --set epochs=16 balance=.2 alpha=0 kd=none "$bf"
}
alone() { # ARCH: as many windows as both rounds together
  chordkd train supervised "$new/with-composed" --arch "$1" --split "$new/with-composed-$first.json" --out "$out/runs/seed$first/$1-supervised-synthetic" --seed "$first" --set epochs=22 keep=last "$bf"
}
export -f more again bare alone
side_by_side() { tr '\n' '\0' | xargs -0 -P "${JOBS:-2}" -I{} bash -euo pipefail -c '{}'; }
for arch in 2e1d btc; do for seed; do echo "more $arch $seed"; done; done | side_by_side
teachers=; for seed; do teachers+=+$out/runs/seed$seed/btc-synthetic+$out/runs/seed$seed/2e1d-synthetic; done
chordkd label "$out/pool" "$new/pool" --teacher "${teachers#+}" --no-labels $workers
for arch in 2e1d btc; do for seed; do echo "again $arch $seed"; done; done | side_by_side
printf '%s\n' 'alone 2e1d' 'alone btc' 'bare 2e1d' 'bare btc' | side_by_side
models=(); for arch in btc 2e1d; do for row in supervised stage1 synthetic second; do models+=("$arch $row=$(printf "$out/runs/seed%s/$arch-$row," "$@" | sed 's/,$//')"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-synthetic"; rm "$results"/audio-synthetic/{songs-*.csv,metrics.png}; cp "$new/pool/statistics.csv" "$results/audio-synthetic/"
models=(); for arch in btc 2e1d; do for row in 'supervised:supervised' 'supervised, composed too:supervised-synthetic' 'synthetic:synthetic' 'second, labelled songs alone:second-bare' 'second:second'; do models+=("$arch ${row%:*}=$out/runs/seed$first/$arch-${row#*:}"); done; done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$results/audio-ablations/synthetic"; rm "$results"/audio-ablations/synthetic/{songs-*.csv,*.png}
