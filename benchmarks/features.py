"""Features: our CQT against librosa.cqt, and a song's features against the way in which the authors' training makes them.

    python benchmarks/features.py                    # on songs of the demo generator
    python benchmarks/features.py song.mp3 other.wav

Per song: (1) how far our log-CQT is from librosa.cqt's, and in how many frames the bundled recogniser answers the same; (2) the time of either on the same samples, and of librosa.cqt on every window by itself; (3) the time from file to features,
ours (the whole song once) against ChordMini's data sets, which decode, resample and transform every window of 108 frames by itself, at the stride of stage 1 (108) and of stage 2 (54), in every epoch; ours is made once and stored.
Then the start: a new Python process up to the first second of features, with librosa's functions compiled before, and not."""
import argparse, os, subprocess, sys, tempfile
import timing


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument('audio', nargs='*', help='audio files; default: demo songs')
    p.add_argument('--songs', type=int, default=3, help='number of demo songs (default: 3)')
    p.add_argument('--seconds', type=float, default=180., help='length of a demo song (default: 180)')
    p.add_argument('--folder', default=os.path.join(tempfile.gettempdir(), 'chordkd-benchmark'), help='where demo songs are kept')
    p.add_argument('--rounds', type=int, default=7, help='repeats of (2) (default: 7); windows are repeated three times')
    p.add_argument('--no-start', action='store_true', help='leave out the start of a process')
    return p.parse_args()


def librosa_features(y):
    "The contract's definition by librosa"
    import librosa, numpy as np
    C = librosa.cqt(y, sr=22050, hop_length=2048, fmin=librosa.note_to_hz('C1'), n_bins=144, bins_per_octave=24, tuning=0., filter_scale=1, norm=1, sparsity=.01,
                    window='hann', scale=True, pad_mode='constant', res_type='soxr_hq', dtype=np.complex64)
    return np.log(np.abs(C)+1e-6).T.astype(np.float32)


def windows(song, stride):
    "Every window of a song as the authors' training makes it: 109 hops from the file (or, here, of samples), resampled, transformed, cut to 108 frames"
    import librosa, numpy as np
    seconds = librosa.get_duration(path=song) if isinstance(song, str) else len(song)/22050; out = []
    for a in range(0, max(1, int(np.ceil(seconds*22050/2048))-107), stride):
        y = librosa.load(song, sr=22050, offset=a*2048/22050, duration=109*2048/22050)[0] if isinstance(song, str) else song[a*2048:(a+109)*2048]
        out.append(np.log(np.abs(librosa.cqt(y, sr=22050, n_bins=144, bins_per_octave=24, hop_length=2048, fmin=librosa.note_to_hz('C1')))+1e-6).T.astype(np.float32)[:108])
    return out


def agreement(ours, theirs, seconds):
    "(mean, 99.9th percentile, largest |Δ log|, share of frames with the same decoded chord)"
    import numpy as np
    from chordkd_nb.chords import vocabulary
    from chordkd_nb.features import LOG_CQT
    from chordkd_nb.recognition import recognize_features
    d = np.abs(ours-theirs[:len(ours)]); v = vocabulary(170)
    a,b = (recognize_features(x[:len(ours)], duration=seconds).to_frames(len(ours), LOG_CQT.frame_seconds, v) for x in (ours, theirs))
    return d.mean(), np.quantile(d, .999), d.max(), (a==b).mean(), len(a)


def start(rounds=3):
    "A new process up to the first second of features"
    code = dict(ours='import numpy as np; from chordkd_nb.features import log_cqt; log_cqt(np.ones(22050, np.float32))',
                librosa='import numpy as np, librosa; librosa.cqt(np.ones(22050, np.float32), sr=22050, hop_length=2048, n_bins=144, bins_per_octave=24)')
    run = lambda k, **env: subprocess.run([sys.executable, '-W', 'ignore', '-c', code[k]], check=True, env=os.environ | env)
    def cold():
        with tempfile.TemporaryDirectory() as d: run('librosa', NUMBA_CACHE_DIR=d)
    ts = timing.alternate({'ours': lambda: run('ours'), 'librosa': lambda: run('librosa')}, rounds)
    print(f'start: ours {timing.median(ts["ours"],1):.2f} s CPU; librosa, compiled before, {timing.median(ts["librosa"],1):.2f} s: {timing.ratio(ts["librosa"], ts["ours"])}')
    c = timing.alternate({'librosa': cold}, 1, warm=0)
    print(f'       librosa on a new machine (its functions are compiled first): {c["librosa"][0][1]:.1f} s CPU, {c["librosa"][0][0]:.1f} s wall')


def main():
    a = arguments(); timing.one_thread()
    import numpy as np
    from chordkd_nb.features import audio_features, load_audio, log_cqt
    print(timing.machine()+', one thread', flush=True)
    for path in a.audio or timing.demo_audio(a.folder, a.songs, a.seconds):
        y = load_audio(path); s = len(y)/22050
        mean, p, most, same, n = agreement(log_cqt(y), librosa_features(y), s)
        print(f'{os.path.basename(path)}, {s:.0f} s\n  agreement with librosa.cqt: mean |d log| {mean:.1e}, 99.9 % below {p:.1e}, largest {most:.1e}; same chord in {same:.2%} of {n} frames', flush=True)
        ts = timing.alternate({'ours': lambda: log_cqt(y), 'librosa': lambda: librosa_features(y)}, a.rounds)
        print(f'  CQT: ours {timing.median(ts["ours"],1)*1e3:.0f} ms CPU, librosa.cqt {timing.median(ts["librosa"],1)*1e3:.0f} ms: {timing.ratio(ts["librosa"], ts["ours"])}', flush=True)
        ts = timing.alternate({'ours': lambda: log_cqt(y)} | {k: (lambda k=k: windows(y, k)) for k in (108, 54)}, 3)
        for k in (108, 54): print(f'  CQT: windows at stride {k} {timing.median(ts[k],1)*1e3:.0f} ms CPU: {timing.ratio(ts[k], ts["ours"])}', flush=True)
        ts = timing.alternate({'ours': lambda: audio_features(path)} | {k: (lambda k=k: windows(path, k)) for k in (108, 54)}, 3)
        for k in (108, 54): print(f'  from the file: ours {timing.median(ts["ours"],1):.2f} s CPU, windows at stride {k} {timing.median(ts[k],1):.2f} s: {timing.ratio(ts[k], ts["ours"])}', flush=True)
    if not a.no_start: start()


if __name__ == '__main__': main()
