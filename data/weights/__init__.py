"Checkpoints that come with chordkd_nb, trained by it: see README.md beside this file"
