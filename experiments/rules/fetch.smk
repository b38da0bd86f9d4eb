"What we fetch: free soundfonts and free music from Debian packages, without installing them"


rule soundfonts:
    output: fonts=touch('fonts.done')
    params: at=folders
    shell: 'chordkd corpus soundfonts {params.at.fonts}'


rule debian_music:
    output: corpus=touch('debian/{corpus}.done')
    params: at=folders, packages=lambda w: config['debian'][w.corpus]
    shell: 'chordkd corpus debian {params.at.corpus} --packages {params.packages}'
