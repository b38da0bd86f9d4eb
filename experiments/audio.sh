#!/usr/bin/env bash
# The audio arm: POP909 rendered with real soundfonts (labelled songs, test, and two hundred songs whose labels are not looked at), Debian's free music
# as the unlabelled recordings, crema as the teacher. Needs apt-get (Debian, Ubuntu) for the music and the soundfonts.
# usage: experiments/audio.sh POP909 OUT [SEED ...]     (POP909: archive or folder; two seeds: about two hours on two idle cores; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1 PRECISION=${PRECISION:-bf16}
source=${1:?POP909 archive or folder}; out=${2:?folder to write}; shift 2; [ $# -gt 0 ] || set -- 1 2
here=$(dirname "$0"); split=$out/split.json; workers="--workers ${WORKERS:-2}"; mkdir -p "$out"
chordkd corpus soundfonts "$out/fonts"
chordkd corpus debian "$out/music" --packages wesnoth-1.16-music singularity-music warzone2100-music planetblupi-music-ogg naev-data supertux-data ufoai-music widelands-data
chordkd corpus pop909 "$out/renders" --source "$source" --songs 620 --soundfonts "$out"/fonts/*.sf2 --lossy --no-pedal $workers
[ -e "$split" ] || chordkd split "$out/renders" "$split" labelled=40 test=60 pool=200 more=320 --group-until _v
[ -e "$out/keep.json" ] || chordkd corpus check "$out/music" --out "$out/audit" --write-ids "$out/keep.json" $workers   # copies of a recording, silence, speech
python "$here/gather.py" "$out/unlabelled" "$out/music@$out/keep.json:keep" "$out/renders@$split:pool" --no-labels
chordkd label "$out/unlabelled" "$out/pool" --teacher crema --no-labels $workers
for part in labelled test; do chordkd label "$out/renders" "$out/$part" --teacher crema --ids "$split:$part" --probs full $workers; done
"$here/students.sh" audio "$out" 24 4 10 8 "$out/pool" "$out/pool" "$@"   # the pool is labelled anew from what crema said about it before
