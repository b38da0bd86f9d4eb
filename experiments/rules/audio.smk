"""Audio: POP909 rendered with real soundfonts (labelled, test, and songs whose labels nobody looks at),
free music of Debian as unlabelled recordings, and crema as the teacher
"""

ARMS['audio'] = SimpleNamespace(
    songs='audio/pool.done', ids='', teacher='audio/pool.done', split='audio/split.json',
    synthetic='composed', replay='audio/pool-music.done')
MUSIC = 'debian/music'


rule renders:
    "Songs of POP909 with bands, rooms and codecs"
    input: GIVEN_POP909, fonts='fonts.done'
    output: corpus=touch('audio/renders.done')
    params: at=folders, songs=sum(config['songs']['audio'].values())
    threads: config['workers']
    shell:
        'chordkd corpus pop909 {params.at.corpus} --source {POP909} --songs {params.songs}'
        ' --soundfonts {FONTS} --lossy --no-pedal --workers {threads}'


rule split_audio:
    input: corpus='audio/renders.done'
    output: 'audio/split.json'
    params: at=folders, shares=pairs(config['songs']['audio'])
    shell: 'chordkd split {params.at.corpus} {output} {params.shares} --group-until _v'


rule check_music:
    "Leave out copies of a recording, silence and speech"
    input: corpus='debian/{corpus}.done'
    output: 'debian/{corpus}.json'
    params: at=folders
    threads: config['workers']
    shell: 'chordkd corpus check {params.at.corpus} --write-ids {output} --workers {threads}'


rule label_music:
    input: corpus=f'{MUSIC}.done', ids=f'{MUSIC}.json'
    output: pool=touch('audio/pool-music.done')
    params: at=folders, teacher=config['teachers']['main']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.pool} --ids {input.ids}:keep --no-labels'
        ' --teacher {params.teacher} --workers {threads}'


rule label_renders:
    input: corpus='audio/renders.done', split='audio/split.json'
    output: pool=touch('audio/pool-renders.done')
    params: at=folders, teacher=config['teachers']['main']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.pool} --ids {input.split}:pool --no-labels'
        ' --teacher {params.teacher} --workers {threads}'


rule pool:
    input: music='audio/pool-music.done', renders='audio/pool-renders.done'
    output: pool=touch('audio/pool.done')
    params: at=folders
    shell: 'chordkd store merge {params.at.pool} {params.at.music} {params.at.renders}'


rule label_audio:
    "Songs with labels and all of the teacher's probabilities"
    input: corpus='audio/renders.done', split='audio/split.json'
    output: store=touch('audio/{part}.done')
    params: at=folders, teacher=config['teachers']['main']
    wildcard_constraints: part='labelled|test'
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --ids {input.split}:{wildcards.part}'
        ' --teacher {params.teacher} --probs full --workers {threads}'


main_tables('audio')


rule pop909_facts:
    "Where in the bar chords change, and how long the pedal is down"
    input: GIVEN_POP909, split='audio/split.json'
    output: f'{RESULTS}/pop909/facts.csv'
    shell:
        'python {SCRIPTS}/measure/pop909_facts.py {POP909} {input.split}:test {output}'


results('audio', 'pop909/facts.csv')
