"""Features: our CQT beside librosa.cqt, and a song's features beside how the authors' training makes them.

    python benchmarks/features.py                    # on songs of the demo generator
    python benchmarks/features.py song.mp3 other.wav

For each song we measure:
1. how far our log-CQT is from librosa.cqt's, and in how many frames the bundled recogniser gives the same chord;
2. the time of either on the same samples, and of librosa.cqt on every window by itself;
3. the time from the file to features. ChordMini's data sets decode, resample and transform every window of 108 frames
   by itself, with the stride of stage 1 (108) or of stage 2 (54), in every epoch. We do it once for the whole song.
At the end, the start: a new Python process up to its first second of features, with librosa compiled before, or not."""
import argparse, os, subprocess, sys, tempfile
import timing

STRIDES = (108, 54)  # frames from one window to the next, in stage 1 and in stage 2
START = dict(
    ours='import numpy as np; from chordkd_nb.features import log_cqt; log_cqt(np.ones(22050, np.float32))',
    librosa='import numpy as np, librosa; '
            'librosa.cqt(np.ones(22050, np.float32), sr=22050, hop_length=2048, n_bins=144, bins_per_octave=24)')


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    folder = os.path.join(tempfile.gettempdir(), 'chordkd-benchmark')
    p.add_argument('audio', nargs='*', help='audio files; default: demo songs')
    p.add_argument('--songs', type=int, default=3, help='number of demo songs (default: 3)')
    p.add_argument('--seconds', type=float, default=180., help='length of a demo song (default: 180)')
    p.add_argument('--folder', default=folder, help='where demo songs are kept')
    p.add_argument('--rounds', type=int, default=7, help='repeats of 2 (default: 7); windows are repeated three times')
    p.add_argument('--no-start', action='store_true', help='leave out the start of a process')
    return p.parse_args()


def log_magnitude(C):
    import numpy as np
    return np.log(np.abs(C)+1e-6).T.astype(np.float32)


def librosa_features(y):
    "The contract's definition, by librosa"
    import librosa, numpy as np
    return log_magnitude(librosa.cqt(
        y, sr=22050, hop_length=2048, fmin=librosa.note_to_hz('C1'), n_bins=144, bins_per_octave=24, tuning=0.,
        filter_scale=1, norm=1, sparsity=.01, window='hann', scale=True, pad_mode='constant', res_type='soxr_hq',
        dtype=np.complex64))


def windows(song, stride):
    "Every window of a file, or of samples, as the authors make it: 109 hops, resampled, transformed, cut to 108 frames"
    import librosa, numpy as np
    from_file = isinstance(song, str)
    seconds = librosa.get_duration(path=song) if from_file else len(song)/22050
    frames = int(np.ceil(seconds*22050/2048))
    out = []
    for a in range(0, max(1, frames-107), stride):
        if from_file: y = librosa.load(song, sr=22050, offset=a*2048/22050, duration=109*2048/22050)[0]
        else: y = song[a*2048:(a+109)*2048]
        C = librosa.cqt(y, sr=22050, n_bins=144, bins_per_octave=24, hop_length=2048, fmin=librosa.note_to_hz('C1'))
        out.append(log_magnitude(C)[:108])
    return out


def print_agreement(y):
    "How far our features are from librosa's, and how often the chord is the same"
    import numpy as np
    from chordkd_nb.chords import vocabulary
    from chordkd_nb.features import LOG_CQT, log_cqt
    from chordkd_nb.recognition import recognize_features
    ours = log_cqt(y)
    theirs = librosa_features(y)[:len(ours)]
    difference = np.abs(ours-theirs)
    def classes(x):
        return recognize_features(x, duration=len(y)/22050).to_frames(len(x), LOG_CQT.frame_seconds, vocabulary(170))
    same = (classes(ours) == classes(theirs)).mean()
    print(f'  agreement with librosa.cqt: mean |d log| {difference.mean():.1e}, '
          f'99.9 % below {np.quantile(difference, .999):.1e}, largest {difference.max():.1e}; '
          f'same chord in {same:.2%} of {len(ours)} frames', flush=True)


def time_cqt(y, rounds):
    "Our CQT and librosa's on the same samples"
    from chordkd_nb.features import log_cqt
    times = timing.alternate({'ours': lambda: log_cqt(y), 'librosa': lambda: librosa_features(y)}, rounds)
    print(f'  CQT: ours {timing.median(times["ours"], 1)*1e3:.0f} ms CPU, '
          f'librosa.cqt {timing.median(times["librosa"], 1)*1e3:.0f} ms: '
          f'{timing.ratio(times["librosa"], times["ours"])}', flush=True)


def time_windows(what, ours, song):
    "Our features of a whole song, and its windows by themselves"
    each = {stride: (lambda stride=stride: windows(song, stride)) for stride in STRIDES}
    times = timing.alternate({'ours': ours} | each, 3)
    for stride in STRIDES:
        print(f'  {what}: ours {timing.median(times["ours"], 1):.2f} s CPU, '
              f'windows at stride {stride} {timing.median(times[stride], 1):.2f} s: '
              f'{timing.ratio(times[stride], times["ours"])}', flush=True)


def time_start(rounds=3):
    "A new process up to the first second of features"
    def start(what, **env):
        subprocess.run([sys.executable, '-W', 'ignore', '-c', START[what]], check=True, env=os.environ|env)
    def start_uncompiled():
        with tempfile.TemporaryDirectory() as cache: start('librosa', NUMBA_CACHE_DIR=cache)
    times = timing.alternate({'ours': lambda: start('ours'), 'librosa': lambda: start('librosa')}, rounds)
    print(f'start: ours {timing.median(times["ours"], 1):.2f} s CPU; '
          f'librosa, compiled before, {timing.median(times["librosa"], 1):.2f} s: '
          f'{timing.ratio(times["librosa"], times["ours"])}')
    wall, cpu = timing.alternate({'librosa': start_uncompiled}, 1, warm=0)['librosa'][0]
    print(f'       librosa on a new machine, where it compiles first: {cpu:.1f} s CPU, {wall:.1f} s wall')


def main():
    args = arguments()
    timing.limit_threads(1)
    from chordkd_nb.features import audio_features, log_cqt
    from chordkd_nb.audio import load_audio
    print(timing.machine()+', one thread', flush=True)
    for path in args.audio or timing.demo_audio(args.folder, args.songs, args.seconds):
        y = load_audio(path)
        print(f'{os.path.basename(path)}, {len(y)/22050:.0f} s')
        print_agreement(y)
        time_cqt(y, args.rounds)
        time_windows('CQT', lambda: log_cqt(y), y)
        time_windows('from the file', lambda: audio_features(path), path)
    if not args.no_start: time_start()


if __name__ == '__main__': main()
