"The unit of a time that cannot be seconds: songs last minutes, and some programs count in 100 ns, samples or ms"

DAY = 86400.  # s; no song is longer
SONG = 20., 3*3600.  # s, usual durations
UNITS = {  # unit → seconds
    'units of 100 ns (HTK)': 1e-7, 'microseconds': 1e-6, 'samples at 48 000 Hz': 1/48000,
    'samples at 44 100 Hz': 1/44100, 'samples at 22 050 Hz': 1/22050, 'milliseconds': 1e-3,
    'frames of 10 ms': 1e-2, 'frames of 2048 samples at 22 050 Hz': 2048/22050, 'minutes': 60.}
OFTEN = 'units of 100 ns (HTK)', 'samples at 44 100 Hz', 'milliseconds'


def unit_of(
    time:float, # that is too large to be in seconds
)->str: # the end of a sentence, '' if no unit makes it the end of a song
    "Say in which units a time would be the end of a song"
    seconds = {unit: time*UNITS[unit] for unit in OFTEN}
    likely = [f'{s:.0f} s if it is in {unit}' for unit, s in seconds.items() if SONG[0] <= s <= SONG[1]]
    return f'; it would be {" or ".join(likely)}' if likely else ''


def unit_between(
    time:float, # in an unknown unit
    seconds:float, # about the same, in seconds
)->str: # a sentence, '' if no unit explains the difference
    "Say in which unit a time would be about as long as another"
    by_distance = sorted(UNITS, key=lambda unit: abs(time*UNITS[unit] - seconds))
    if abs(time*UNITS[by_distance[0]] - seconds) > seconds/10: return ''
    return f' Times are in seconds; is {time:g} in {by_distance[0]}?'
