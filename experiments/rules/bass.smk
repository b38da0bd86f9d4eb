"""Where the bass is learned: from a teacher, from composed songs, from labels, or from all three

In each row chords and bass have the same source, and each source about six hours of music. The teacher is
trained as that of the real recordings.
"""


rule choose_bass_pool:
    "As many songs of the pool as there are labelled ones"
    input: store='billboard/store.done', split='billboard/split.json'
    output: 'billboard/pool-bass.json'
    params: at=folders, shares=some(labelled('billboard'), config['songs']['billboard']['pool'])
    shell: 'chordkd split {params.at.store} {output} {params.shares} --ids {input.split}:pool'


rule label_bass_pool:
    input:
        store='billboard/store.done',
        ids='billboard/pool-bass.json',
        teacher='billboard/teacher-bass.done'
    output: pool=touch('billboard/pool-bass.done')
    params: at=folders
    threads: config['workers']
    shell:
        'chordkd label {params.at.store} {params.at.pool} --ids {input.ids}:chosen'
        ' --teacher {params.at.teacher} --no-labels --workers {threads} {DEVICE}'


rule stage1_with_bass:
    "From scratch on the teacher's chords and basses"
    input: pool='billboard/pool-bass.done'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-stage1-bass.done')
    params: at=folders, set=settings('stage1-bass'), size=network_size
    wildcard_constraints: arm='billboard'
    shell:
        'chordkd train stage1 {params.at.pool} --arch {wildcards.arch} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set} {params.size}'


rule choose_composed:
    input: songs='billboard/songs-composed.done'
    output: 'billboard/songs-composed.json'
    params: at=folders, shares=some(config['songs']['composed_second'], config['songs']['composed'])
    shell: 'chordkd split {params.at.songs} {output} {params.shares}'


rule composed_alone:
    "From scratch on composed songs"
    input: songs='billboard/songs-composed.done', ids='billboard/songs-composed.json'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-composed-bass.done')
    params: at=folders, set=settings('composed-bass'), size=network_size
    wildcard_constraints: arm='billboard'
    shell:
        'chordkd train supervised {params.at.songs} --ids {input.ids}:chosen'
        ' --arch {wildcards.arch} --out {params.at.run} --seed {wildcards.seed}'
        ' {params.set} {params.size}'


rule bass_of_all:
    "From stage 1 on labelled and composed songs, with replay of the pool"
    input:
        store='billboard/with-composed.done',
        split=f"billboard/with-composed-{{n}}-{{seed}}-first{config['songs']['composed_second']}.json",
        student='{arm}/{kind}/seed{seed}/{arch}-stage1-bass.done',
        pool='billboard/pool-bass.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-all-bass.done')
    params: at=folders, set=settings('all-bass')
    wildcard_constraints: arm='billboard'
    shell:
        'chordkd train stage2 {params.at.store} --split {input.split} --preset best'
        ' --student {params.at.student} --replay {params.at.pool} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set}'


def bass_table():
    "A row for each source, beside labels without a bass, and the teacher itself"
    rows = {'labels': 'supervised-bass', 'the teacher': 'stage1-bass', 'composed songs': 'composed-bass',
            'all three': 'all-bass', 'labels, no bass': 'supervised'}
    models = {title: runs_of('bass', f'btc-{row}') for title, row in rows.items()}
    table('bass', 'bass', 'billboard/test', models | {'the teacher itself': ['billboard/teacher-bass']})


bass_table()
