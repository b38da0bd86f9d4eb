"""Where the bass is learned: from a teacher, from composed songs, from labels, or from all three

In each row chords and bass have the same source, and each source about six hours of music on the real recordings, and
about three on audio. The teacher of the recordings is trained like that of real_recordings, with the bass; that of
audio is crema.
"""


def bass_pool(arm):
    pool = config['songs'][arm]['pool']
    return some(min(labelled(arm), pool), pool)


rule choose_bass_pool:
    "As many songs of the pool as there are labelled ones"
    input: songs='billboard/store.done', split='billboard/split.json'
    output: 'billboard/pool-bass.json'
    params: at=folders, shares=bass_pool('billboard')
    shell: 'chordkd split {params.at.songs} {output} {params.shares} --ids {input.split}:pool'


use rule choose_bass_pool as choose_bass_pool_of_audio with:
    input: songs='audio/renders.done', split='audio/split.json'
    output: 'audio/pool-bass.json'
    params: at=folders, shares=bass_pool('audio')


rule label_bass_pool:
    input:
        songs='billboard/store.done',
        ids='billboard/pool-bass.json',
        teacher='billboard/teacher-bass.done'
    output: pool=touch('billboard/pool-bass.done')
    params: at=folders, teacher='billboard/teacher-bass'
    threads: config['workers']
    shell:
        'chordkd label {params.at.songs} {params.at.pool} --ids {input.ids}:chosen'
        ' --teacher {params.teacher} --no-labels --workers {threads} {DEVICE}'


use rule label_bass_pool as label_bass_pool_of_audio with:
    input: songs='audio/renders.done', ids='audio/pool-bass.json'
    output: pool=touch('audio/pool-bass.done')
    params: at=folders, teacher=config['teachers']['with_bass']


# From scratch on the teacher's chords and basses
use rule stage1 as stage1_with_bass with:
    input: pool='{arm}/pool-bass.done'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-stage1-bass.done')
    params: at=folders, set=settings('stage1-bass'), size=network_size
    wildcard_constraints: arm='billboard|audio'


use rule compose as compose_few with:
    output: corpus=touch('few.done')
    params: at=folders, songs=max(config['songs']['few'].values()), seconds=config['songs']['composed_seconds']


use rule store_composed as store_few with:
    input: corpus='few.done'
    output: store=touch('audio/songs-few.done')


rule choose_few:
    "About as much music as the labelled songs have"
    input: songs='{arm}/songs-few.done'
    output: '{arm}/songs-few.json'
    params:
        at=folders,
        shares=lambda w: some(config['songs']['few'][w.arm], max(config['songs']['few'].values()))
    wildcard_constraints: arm='billboard|audio'
    shell: 'chordkd split {params.at.songs} {output} {params.shares}'


rule composed_alone:
    "From scratch on composed songs"
    input: songs='{arm}/songs-few.done', ids='{arm}/songs-few.json'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-composed-bass.done')
    params: at=folders, set=settings('composed-bass'), size=network_size
    wildcard_constraints: arm='billboard|audio'
    shell:
        'chordkd train supervised {params.at.songs} --ids {input.ids}:chosen'
        ' --arch {wildcards.arch} --out {params.at.run} --seed {wildcards.seed}'
        ' {params.set} {params.size}'


rule bass_of_all:
    "From stage 1 on labelled and composed songs, with replay of the pool"
    input:
        store='{arm}/with-few.done',
        split=lambda w: f"{w.arm}/with-few-{w.n}-{w.seed}-first{config['songs']['few'][w.arm]}.json",
        student='{arm}/{kind}/seed{seed}/{arch}-stage1-bass.done',
        pool='{arm}/pool-bass.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-all-bass.done')
    params: at=folders, set=settings('all-bass')
    wildcard_constraints: arm='billboard|audio'
    shell:
        'chordkd train stage2 {params.at.store} --split {input.split} --preset best'
        ' --student {params.at.student} --replay {params.at.pool} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set}'


def bass_table(question, **others):
    "A row for each source, beside labels without a bass"
    arm = config['questions'][question]['arm']
    rows = {'labels': 'supervised-bass', 'the teacher': 'stage1-bass', 'composed songs': 'composed-bass',
            'all three': 'all-bass', 'labels, no bass': 'supervised'}
    models = {title: runs_of(question, f'btc-{row}') for title, row in rows.items()}
    table('bass', f'{arm}-bass', f'{arm}/test', models | others, '--reference labels')


bass_table('bass', **{'the teacher itself': ['billboard/teacher-bass']})
bass_table('audio_bass')
