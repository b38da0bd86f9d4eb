"`python -m chordkd_nb.cli` is `chordkd`"
from chordkd_nb.cli import main

if __name__ == '__main__': main()
