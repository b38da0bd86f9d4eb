"Which songs go into which shard: this follows from their places in the list alone, so all machines agree about it"
import hashlib, re
from dataclasses import dataclass, field
from itertools import groupby

SHARD = re.compile(r'part-(\d+)(?:_(\d+))?\.arrow')


@dataclass
class Chunk:
    "Songs that go into the same shard"
    number: int  # of that shard
    piece: int = 0  # how many files of this number there are already
    songs: list = field(default_factory=list)

    def shard(self, piece):
        "Name the file of a piece: the first has the plain number, and the others come after it in order"
        return f'part-{self.number:05d}{f"_{piece:03d}" if piece else ""}.arrow'


def chunk_number(
    name:str, # of a shard
)->tuple: # number of its chunk and of the piece; (-1, 0) if another program chose the name
    "Read the name of a shard"
    found = SHARD.fullmatch(name)
    return (int(found[1]), int(found[2] or 0)) if found else (-1, 0)


def chunks_to_do(
    songs:list, # the songs asked for
    numbers:dict, # id → number of its chunk, number of the piece; of stored songs
    first:int, # number of the first chunk; earlier ones are complete
    offset:int, # songs of the first chunk that are not ours
    shard_songs:int, # songs of a chunk
): # yields `Chunk`
    "Divide songs into chunks by their place in the list, and leave out those that are stored"
    pieces = {}
    for number, piece in numbers.values(): pieces[number] = max(pieces.get(number, 0), piece + 1)
    new = [song for song in songs if numbers.get(song.id, (first, 0))[0] >= first]
    for number, part in groupby(enumerate(new, offset), lambda pair: first + pair[0]//shard_songs):
        todo = [song for _, song in part if song.id not in numbers]
        if todo: yield Chunk(number, pieces.get(number, 0), todo)


@dataclass(order=True)
class Part:
    "Part K of N of a list of songs"
    part: int  # 1…of
    of: int  # how many there are
    songs: int  # in the list
    sha256: str = ''  # of their ids, so that parts of different lists are not joined

    def __str__(self): return f'{self.part}/{self.of}'

    @property
    def start(self): return self.songs*(self.part-1)//self.of

    @property
    def stop(self): return self.songs*self.part//self.of


def part_of_list(
    ids:list, # of all songs of the job
    part:int, # 1…of
    of:int, # how many there are
)->Part:
    "Take a part of a list of songs"
    return Part(part, of, len(ids), hashlib.sha256('\n'.join(ids).encode()).hexdigest())
