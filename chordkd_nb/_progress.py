"One progress bar for all long work: it moves in a terminal or notebook; a log gets a plain line now and then"
import os, sys
from tqdm.auto import tqdm as moving_bar
from tqdm.notebook import tqdm_notebook
from tqdm.std import tqdm

SECONDS, SHARE = 10., .05  # a line comes after so many seconds, or when the work has taken 5 % longer


def progress_bar(
    items=None, # what to go through; None: the caller calls `update`
    total:int|None=None, # how many there are; None: as many as `items`
    unit:str='song', # what is counted
    name:str='', # what is being done
    show:bool=True, # False, or the environment has TQDM_DISABLE: show nothing
    **options # of tqdm: initial, unit_scale, bar_format
)->tqdm:
    "Make a progress bar"
    hidden = not show or sys.stderr is None or os.environ.get('TQDM_DISABLE', '0') not in ('', '0')
    bar = moving_bar if _can_move() else PlainLines
    return bar(items, total=total, unit=unit, desc=f'{name}: ' if name else None, disable=hidden, **options)


def _can_move():
    "Check whether a bar can move: in a notebook, or in a terminal"
    return issubclass(moving_bar, tqdm_notebook) or sys.stderr is not None and sys.stderr.isatty()


class PlainLines(tqdm):
    "Print how far the work is: at the start, more and more rarely, and at the end"
    def __init__(self, items, unit, bar_format='{remaining}', **options):
        self.due, self.shown = 0., None  # s after the start; `n` in the last line
        self.estimates = 'remaining' in bar_format
        plural = f'{unit}s' if len(unit) > 1 else unit
        super().__init__(items, unit=plural, file=sys.stderr, mininterval=1., **options)

    def display(self, msg=None, pos=None):
        state = self.format_dict
        ends = self.disable  # tqdm says so before it displays the end, and breaks the line after it
        if ends and not self.leave: return
        is_last = self.n == self.total and self.n > self.initial  # which `close` shows
        if not ends and (state['elapsed'] < self.due or is_last): return
        self.due, self.shown = state['elapsed'] + max(SECONDS, SHARE*state['elapsed']), self.n
        estimates = self.estimates and bool(self.total) and self.n > self.initial and not ends
        left = ', about {remaining} left' if estimates else ''
        look = '{desc}{n_fmt} of {total_fmt} {unit}, {elapsed}' + left + '{postfix}'
        text = self.format_meter(**dict(state, bar_format=look))
        self.fp.write(text if ends else f'{text}\n')

    def close(self):
        self.leave = self.n != self.shown  # else the last line says it already
        super().close()

    def clear(self, nolock=False): "Leave lines where they are when other text is printed"
