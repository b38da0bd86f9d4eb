"The picture of an alignment: how well chords fit, a path, and annotations below"
import numpy as np


def draw_alignment(
    fit:np.ndarray, # (T, n) how well each chord of a chart fits each frame, 0…1
    places:np.ndarray, # (T,) place in the chart; −1: outside
    frame_seconds:float, # from one frame to the next
    lanes:dict, # name → `Annotation`
    name:str, # of the chords
): # the matplotlib figure
    "Draw a path through a chart and what sounds"
    import matplotlib.pyplot as plt
    n_frames, n_chords = fit.shape
    fig, axes = plt.subplots(1 + len(lanes), 1, figsize=(9, 3.2 + .4*len(lanes)), sharex=True, layout='constrained',
                             height_ratios=[7] + [1]*len(lanes))
    extent = (-frame_seconds/2, (n_frames - .5)*frame_seconds, n_chords - .5, -.5)
    axes[0].imshow(fit.T, aspect='auto', cmap='Greys', extent=extent, vmin=0, vmax=1.3)
    path = np.where(places < 0, np.nan, places)
    axes[0].plot(np.arange(n_frames)*frame_seconds, path, color='tab:red', lw=1.5)
    axes[0].yaxis.get_major_locator().set_params(integer=True)
    axes[0].set(ylabel=name)
    for ax, (lane, chords) in zip(axes[1:], lanes.items()):
        chords.plot(ax, min_label=chords.duration/60)
        ax.set(yticks=[.5], yticklabels=[lane], ylim=(0, 1), xlabel='')
        ax.spines[:].set_visible(False)
    axes[-1].set(xlabel='seconds', xlim=(0, n_frames*frame_seconds))
    return fig
