"""Recognise 20 minutes, one hour and three hours of audio, and print the memory that each of them takes

usage: python tests/hostile/three_hours.py"""
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
import numpy as np
import soundfile as sf
from audio_files import triad

SR = 8000


def write_long_song(path, hours):
    "A FLAC in which minutes of C major, silence and noise alternate"
    noise = np.random.default_rng(0).normal(0, .05, 60*SR).astype(np.float32)
    minutes = [triad(60, SR), np.zeros(60*SR, np.float32), noise]
    with sf.SoundFile(path, 'w', SR, 1, format='FLAC') as f:
        for minute in range(round(hours*60)): f.write(minutes[minute % 3])


def recognize_one(path):
    "Print the length, the number of segments and the peak memory of this process"
    from chordkd_nb.recognition import recognize  # only here: a new process also counts the peak of its parent
    answer = recognize(path)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f'{answer.duration:.1f} s in {len(answer)} segments, peak {peak} MB')


def main():
    if sys.argv[1:]: return recognize_one(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)/'long.flac'
        for hours in (1/3, 1, 3):
            write_long_song(path, hours)
            print(f'{hours:.2f} h: ', end='', flush=True)
            subprocess.run([sys.executable, __file__, path], check=True, timeout=900)


if __name__ == '__main__': main()
