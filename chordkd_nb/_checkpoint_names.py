"Names of the files of a checkpoint, and how large they may be"

WEIGHTS_FILE = 'model.safetensors'
CONFIG_FILE = 'config.json'
SONGS_FILE = 'songs.json'  # a checkpoint may lack it
FILES = WEIGHTS_FILE, CONFIG_FILE

MAX_WEIGHTS = 2**30  # bytes; the largest published network has 12 MB
MAX_CONFIG = 2**20  # bytes
