"""Songs on their way to a teacher: some processes read and transform them, while another computes

A `Reading` travels between them, so the process that computes needs no file."""
from contextlib import closing, contextmanager
from copy import copy
from dataclasses import dataclass, field
from ._processes import ONE_THREAD, WorkerDied, environment, map_in_processes
from ._remote import failure, fetched
from .songs import Song

NO_INPUTS = ("Teacher '{}' does not say what it needs of a song, so other processes cannot read ahead for it: leave "
             'readers out, or give it `inputs` (see the notebook 31_teachers).')


@dataclass
class Reading:
    "All that was read of a song, or the error"
    id: str
    song: Song
    row: dict  # of a store, without a teacher's answers
    error: str | None = None
    features: dict = field(default_factory=dict)  # what the song would leave behind when it is sent
    prepared: dict = field(default_factory=dict)

    def whole_song(self):
        "The song, with what was read of it"
        song = copy(self.song)
        song._cached, song._prepared, song.known_sha256 = self.features, self.prepared, self.row['sha256']
        return song


class Reader:
    "A function song → `Reading`, for a process of its own"
    def __init__(self,
        contract, # of the features in the store
        inputs, # of the teacher
        grid, # the teacher's frames, a contract
    ):
        self.contract, self.inputs, self.grid = contract, inputs, grid

    def __call__(self, song):
        from .store import song_row
        song = copy(song)
        song.features_on_load = self.contract
        try:
            song.annotation  # first, since an error in it costs no time
            with fetched(song) as song:
                song.prepare([*self.inputs, song.contract or self.grid])
                row = song_row(song, self.contract)
                return Reading(song.id, song, row, None, song._cached, song._prepared)
        except Exception as error: return Reading(song.id, song, dict(id=song.id), failure(song, error))


@contextmanager
def read_ahead(
    songs, # list of `Song`
    read, # a `Reader`
    readers:int, # processes; 0: the songs themselves, unread
): # yields an iterator over a `Reading` of each song, in order
    "Read songs in other processes, a few more than are asked for"
    if not readers:
        yield iter(songs)
        return
    found = map_in_processes(read, songs, readers, ahead=1)  # a reading of an hour takes 200 MB
    with environment(ONE_THREAD), closing(found):
        yield (_died(song, answer) if isinstance(answer, WorkerDied) else answer for song, answer in found)


def _died(song, how): return Reading(song.id, song, dict(id=song.id), str(how))
