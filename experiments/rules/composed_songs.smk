"""Composed songs next to the labelled ones, and a second round of labelling

Their labels cost nothing, and they contain the qualities that neither the teacher nor the labelled songs know.
"""


# The songs

rule compose:
    "Songs over all fourteen qualities"
    input: fonts='fonts.done'
    output: corpus=touch('composed.done')
    params: at=folders, songs=config['songs']['composed'], seconds=config['songs']['composed_seconds']
    threads: config['workers']
    shell:
        'chordkd corpus demo {params.at.corpus} --songs {params.songs} --seconds {params.seconds}'
        ' --seed 11 --soundfonts {FONTS} --workers {threads}'


rule bands:
    "Songs of POP909 with bands"
    input: GIVEN_POP909, fonts='fonts.done'
    output: corpus=touch('bands.done')
    params: at=folders, songs=config['songs']['bands']
    threads: config['workers']
    shell:
        'chordkd corpus pop909 {params.at.corpus} --source {POP909} --songs {params.songs}'
        ' --lossy --seed 3 --soundfonts {FONTS} --workers {threads}'


rule nnls_chroma:
    "The features of McGill Billboard, by the plugin that made them"
    input: corpus='{corpus}.done'
    output: chroma=touch('{corpus}-nnls.done')
    params: at=folders, program=config['nnls']
    wildcard_constraints: corpus='composed|bands|few'
    threads: config['workers']
    shell:
        'here=$PWD; cd {ROOT};'
        ' {params.program} $here/{params.at.corpus} $here/{params.at.chroma} --jobs {threads}'


rule store_nnls:
    input: chroma='{corpus}-nnls.done'
    output: store=touch('billboard/songs-{corpus}.done')
    params: at=folders
    shell:
        'chordkd corpus billboard {params.at.store} --source {params.at.chroma}'
        ' --contract nnls-chroma-6'


rule store_composed:
    input: corpus='composed.done'
    output: store=touch('audio/songs-composed.done')
    params: at=folders
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --teacher none --workers {threads}'


def song_stores(w): return [f'{w.arm}/songs-{name}' for name in w.songs.split('-')]


rule add_songs:
    "One store of labelled and composed songs; only their annotations are used"
    input: labelled='{arm}/labelled.done', others=lambda w: done(song_stores(w))
    output: store=touch('{arm}/with-{songs}.done')
    params: at=folders, others=lambda w: ' '.join(song_stores(w))
    shell:
        'chordkd store merge {params.at.store} {params.at.labelled} {params.others} --no-answers'


rule split_with:
    "Validation on the labelled songs of every other row of a seed, everything else for training"
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json',
        both='{arm}/with-{songs}.done'
    output: '{arm}/with-{songs}-{n}-{seed}{limit}.json'
    params:
        at=folders,
        shares=lambda w: train_valid(int(w.n)),
        limit=lambda w: f"--extra-songs {w.limit.removeprefix('-first')}" if w.limit else ''
    wildcard_constraints: limit=r'(-first\d+)?'
    shell:
        'chordkd split {params.at.labelled} {output} {params.shares} --seed {wildcards.seed}'
        ' --ids {input.chosen}:chosen --extra train={params.at.both} {params.limit}'


# The rows

rule supervised_with:
    "From scratch on labelled and composed songs, without a teacher: the control"
    input:
        store='{arm}/with-{songs}.done',
        split='{arm}/with-{songs}-{n}-{seed}.json'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-supervised-with-{songs}.done')
    params:
        at=folders, size=network_size,
        set=lambda w: settings(f'supervised-with-{w.songs}')(w)
    shell:
        'chordkd train supervised {params.at.store} --split {input.split} --arch {wildcards.arch}'
        ' --out {params.at.run} --seed {wildcards.seed} {params.set} {params.size}'


rule synthetic:
    "From stage 1 on labelled and composed songs, with replay of the pool"
    input:
        store='{arm}/with-{songs}.done',
        split='{arm}/with-{songs}-{n}-{seed}.json',
        student='{arm}/{kind}/seed{seed}/{arch}-stage1.done',
        pool=lambda w: ARMS[w.arm].replay
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-with-{songs}.done')
    params: at=folders, set=lambda w: settings(f'with-{w.songs}')(w)
    shell:
        'chordkd train stage2 {params.at.store} --split {input.split} --preset best'
        ' --student {params.at.student} --replay {params.at.pool} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set}'


def all_students(question, row, n):
    "The students of all seeds and both networks, which label songs together"
    rows = [f'{arch}-{row}' for arch in reversed(NETWORKS)]
    return [run for row in rows for run in runs_of(question, row, n)]


def billboard_students(w): return all_students('composed_songs', 'with-bands-composed', w.n)


rule label_billboard_by_students:
    "The teacher and the students label the pool together"
    input:
        songs='billboard/store.done',
        split='billboard/split.json',
        teacher='billboard/teacher.done',
        students=lambda w: done(billboard_students(w))
    output: pool=touch('billboard/{n}-labelled/pool-students.done')
    params: at=folders, students=lambda w: joined(billboard_students(w))
    threads: config['workers']
    shell:
        'chordkd label {params.at.songs} {params.at.pool} --ids {input.split}:pool+more'
        ' --no-labels --teacher {params.at.teacher}+{params.students}'
        ' --workers {threads} {DEVICE}'


def labelling(songs, row='with-composed', other='', options='--no-labels'):
    "Songs, a row of students of all seeds, perhaps one more teacher, and options of `chordkd label`"
    return SimpleNamespace(songs=songs, row=row, other=[other] if other else [], options=options)


# store in audio/N-labelled; on audio the teacher does not join in, as crema is a frame early
BY_STUDENTS = {
    'pool-students': labelling('audio/pool'),
    'music': labelling('audio/pool-music'),
    'renders-other': labelling('audio/pool-renders', other='audio/renders-other'),
    'dev': labelling('audio/dev', options='--probs full'),
    'pool-again': labelling('audio/pool', 'second-with-students'),
    'dev-again': labelling('audio/dev', 'second-with-students', options=''),
    'pool-more': labelling(
        'audio/renders', 'second-with-students', options='--no-labels --ids audio/more.json:more')}


def audio_teachers(w):
    job = BY_STUDENTS[w.store]
    return all_students('audio', job.row, w.n) + job.other


rule label_audio_by_students:
    "The students label songs together"
    input:
        songs=lambda w: f'{BY_STUDENTS[w.store].songs}.done',
        ids='audio/more.json',
        teachers=lambda w: done(audio_teachers(w))
    output: store=touch('audio/{n}-labelled/{store}.done')
    params:
        at=folders,
        teachers=lambda w: joined(audio_teachers(w)),
        options=lambda w: BY_STUDENTS[w.store].options
    wildcard_constraints: store='|'.join(BY_STUDENTS)
    threads: config['workers']
    shell:
        'chordkd label {params.at.songs} {params.at.store} --teacher {params.teachers}'
        ' {params.options} --workers {threads} {DEVICE}'


# Then on the labelled songs alone, with replay of the pool as they labelled it
use rule best as second with:
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json',
        student=lambda w: f'{w.arm}/{w.kind}/{w.n}-labelled/seed{w.seed}/'
                          f'{w.arch}-with-{ARMS[w.arm].synthetic}.done',
        pool='{arm}/{n}-labelled/pool-students.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings()
    wildcard_constraints: row='second(-less)?'


rule second_with:
    "The same, with a part of the composed songs"
    input:
        store='audio/with-composed.done',
        split=f"audio/with-composed-{{n}}-{{seed}}-first{config['songs']['composed_second']}.json",
        student='audio/{kind}/{n}-labelled/seed{seed}/{arch}-with-composed.done',
        pool='audio/{n}-labelled/pool-{pool}.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-second-with-{pool}.done')
    params: at=folders, set=settings('second-with')
    wildcard_constraints: arm='audio', pool='students|other|larger'
    shell:
        'chordkd train stage2 {params.at.store} --split {input.split} --preset best'
        ' --student {params.at.student} --replay {params.at.pool} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set}'


# Tables: real recordings

def composed_tables_on_recordings():
    q = 'composed_songs'
    rows = {'supervised': 'supervised', 'supervised, adjusted': 'supervised-adjusted',
            'stage1': 'stage1', 'synthetic': 'with-bands-composed', 'second': 'second'}
    models = {f'{arch} {name}': runs_of(q, f'{arch}-{row}')
              for arch in NETWORKS for name, row in rows.items()}
    table(q, 'billboard-synthetic', 'billboard/test', models, '--teacher --reference teacher')
    pool = f"billboard/{labelled('billboard')}-labelled/pool-students"
    keep(q, 'billboard-synthetic/statistics.csv', f'{pool}.done', f'{pool}/statistics.csv')

    rows = {'best, real songs alone': 'stage1-replay', '+ songs with bands': 'with-bands',
            '+ composed songs': 'with-composed', '+ both': 'with-bands-composed',
            '+ both, second round, less adjusted': 'second-less', '+ both, second round': 'second',
            'supervised': 'supervised', 'supervised, + both': 'supervised-with-bands-composed'}
    models = {name: first(q, f'btc-{row}') for name, row in rows.items()}
    table(q, 'billboard-ablations/synthetic', 'billboard/test', models,
          "--teacher --reference 'best, real songs alone'")
    results(q, 'billboard-ablations/balance.csv')


def published_tables_on_recordings():
    q, large = 'composed_songs', 'published_billboard'
    rows = {'synthetic': 'with-bands-composed', 'second, less adjusted': 'second-less',
            'second': 'second'}
    models = {}
    for arch in NETWORKS:
        models[f'{arch} second'] = runs_of(q, f'{arch}-second')
        models |= {f'{arch} published, {name}': runs_of(large, f'{arch}-{row}') for name, row in rows.items()}
    table(q, 'billboard-synthetic-full', 'billboard/test', models, '--teacher --reference teacher')
    for arch in NETWORKS:
        for row in ('stage1', *rows.values()):
            keep_history(q, 'billboard-synthetic-full', first(large, f'{arch}-{row}')[0])


def swept_on_recordings():
    rows = {'supervised': 'supervised', 'second, less adjusted': 'second-less', 'second': 'second'}
    return {f'{arch} {name}': runs_of('composed_songs', f'{arch}-{row}')
            for arch in NETWORKS for name, row in rows.items()}


def swept_on_audio():
    return {f'{arch} second': runs_of('audio', f'{arch}-second-with-students') for arch in NETWORKS}


def all_runs(swept): return done([run for runs in swept.values() for run in runs])


rule class_prior_on_recordings:
    "How much of the class prior to take out, on songs that no student has learned from"
    input:
        store='billboard/store.done', split='billboard/split.json',
        labelled='billboard/labelled.done', runs=all_runs(swept_on_recordings())
    output: f'{RESULTS}/billboard-ablations/balance.csv'
    params: at=folders, systems=systems(swept_on_recordings())
    shell:
        'python {SCRIPTS}/measure/class_prior.py {params.at.store} {input.split}:teacher'
        ' {params.at.labelled} {output} {params.systems}'


composed_tables_on_recordings()
if config['published_sizes']: published_tables_on_recordings()


# Tables: audio

def composed_tables_on_audio():
    q = 'composed_songs'
    rows = {'supervised': 'supervised', 'stage1': 'stage1', 'synthetic': 'with-composed',
            'second': 'second-with-students'}
    models = {f'{arch} {name}': runs_of('audio', f'{arch}-{row}')
              for arch in NETWORKS for name, row in rows.items()}
    table(q, 'audio-synthetic', 'audio/test', models, '--teacher --reference teacher')
    pool = f"audio/{labelled('audio')}-labelled/pool-students"
    keep(q, 'audio-synthetic/statistics.csv', f'{pool}.done', f'{pool}/statistics.csv')
    results(q, 'audio-synthetic/balance.csv')

    rows = {'supervised': 'supervised', 'supervised, composed too': 'supervised-with-composed',
            'synthetic': 'with-composed', 'second, labelled songs alone': 'second',
            'second': 'second-with-students'}
    models = {f'{arch} {name}': first('audio', f'{arch}-{row}')
              for arch in NETWORKS for name, row in rows.items()}
    table(q, 'audio-ablations/synthetic', 'audio/test', models, '--teacher --reference teacher')


rule split_more:
    "Forty songs from which no run learns"
    input: corpus='audio/renders.done', split='audio/split.json'
    output: 'audio/more.json'
    params: at=folders, shares=pairs(config['songs']['audio_more'])
    shell:
        'chordkd split {params.at.corpus} {output} {params.shares} --ids {input.split}:more'


rule store_dev:
    input: corpus='audio/renders.done', ids='audio/more.json'
    output: store=touch('audio/dev.done')
    params: at=folders
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --ids {input.ids}:dev --teacher none'
        ' --workers {threads}'


rule class_prior_on_audio:
    input:
        store='audio/dev.done', ids='audio/more.json', labelled='audio/with-composed.done',
        runs=all_runs(swept_on_audio())
    output: f'{RESULTS}/audio-synthetic/balance.csv'
    params: at=folders, systems=systems(swept_on_audio())
    shell:
        'python {SCRIPTS}/measure/class_prior.py {params.at.store} {input.ids}:dev'
        ' {params.at.labelled} {output} {params.systems}'


composed_tables_on_audio()


# Audio, published size of 2E1D: more songs in the pool, labelled by the students of the second round

rule larger_pool:
    input:
        again='audio/{n}-labelled/pool-again.done',
        more='audio/{n}-labelled/pool-more.done'
    output: pool=touch('audio/{n}-labelled/pool-larger.done')
    params: at=folders
    shell: 'chordkd store merge {params.at.pool} {params.at.again} {params.at.more}'


def published_tables_on_audio():
    q, large = 'composed_songs', 'published_audio'
    small = {f'2e1d {name}': runs_of('audio', f'2e1d-{row}')
             for name, row in {'supervised': 'supervised', 'second': 'second-with-students'}.items()}
    rows = {'supervised': 'supervised', 'stage1': 'stage1', 'synthetic': 'with-composed',
            'second': 'second-with-larger'}
    models = {f'2e1d published, {name}': runs_of(large, f'2e1d-{row}') for name, row in rows.items()}
    table(q, 'audio-synthetic-full', 'audio/test', small | models, '--teacher --reference teacher')
    ends = {name: runs for name, runs in models.items() if name.endswith(('supervised', 'second'))}
    table(q, 'audio-synthetic-full/dev', f"audio/{labelled('audio')}-labelled/dev-again",
          small | ends, '--teacher --reference teacher')


if config['published_sizes']: published_tables_on_audio()
