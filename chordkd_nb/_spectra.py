"Short-time spectra, for tuning, constant-Q transforms and beats"
import numpy as np

BLOCK = 256  # frames at a time; they fit into the processor's cache


def magnitudes(
    y, # (n,) float32, n at least `size`
    size:int, # samples of a frame
    hop:int, # samples from one frame to the next
    dtype:type=np.float32, # to compute with
): # yields (t, 1 + size // 2) float32; 1 + (n - size) // hop frames altogether
    "Compute magnitudes of the Fourier transform of frames under a Hann window, block by block"
    hann = np.hanning(size + 1)[:-1].astype(dtype)
    frames = np.lib.stride_tricks.sliding_window_view(y, size)[::hop]
    for i in range(0, len(frames), BLOCK):
        spectra = np.fft.rfft(frames[i:i+BLOCK]*hann)
        yield np.abs(spectra.astype(np.complex64, copy=False))
