"Real recordings: McGill Billboard as NNLS chroma with experts' labels; the teacher is a BTC of our own"

for arm in ('billboard', 'billboard-full'):
    ARMS[arm] = SimpleNamespace(
        songs='billboard/store.done', ids='--ids billboard/split.json:pool+more',
        teacher=f'{arm}/teacher.done', split='billboard/split.json',
        synthetic='bands-composed', replay=f'{arm}/pool.done')


rule billboard:
    input: GIVEN_BILLBOARD
    output: store=touch('billboard/store.done')
    params: at=folders
    shell:
        'chordkd corpus billboard {params.at.store} --source {BILLBOARD} --contract nnls-chroma-6'


rule split_billboard:
    input: store='billboard/store.done'
    output: 'billboard/split.json'
    params: at=folders, shares=pairs(config['songs']['billboard'])
    shell: 'chordkd split {params.at.store} {output} {params.shares}'


rule teacher:
    "From scratch on songs of its own, in single precision"
    input:
        store='billboard/store.done',
        split='billboard/split.json'
    output: run=touch('{arm}/teacher{bass}.done')
    params: at=folders, options=lambda w: teacher_options(w.arm, f'teacher{w.bass}')
    shell:
        'chordkd train supervised {params.at.store} --ids {input.split}:teacher --arch btc'
        ' --out {params.at.run} {params.options}'


def teacher_options(arm, row):
    size = 'published' if arm.endswith('-full') else 'small'
    chosen = settings_of(arm, size, row, 'btc')
    return f"{set_option(chosen)} {size_option(config['sizes'][size]['btc'])}"


rule label_billboard_pool:
    "Songs whose labels nobody looks at, with the teacher's answers"
    input:
        store='billboard/store.done',
        split='billboard/split.json',
        teacher='{arm}/teacher.done'
    output: pool=touch('{arm}/pool.done')
    params: at=folders
    wildcard_constraints: arm='billboard|billboard-full'
    threads: config['workers']
    shell:
        'chordkd label {params.at.store} {params.at.pool} --ids {input.split}:pool+more'
        ' --teacher {params.at.teacher} --no-labels --workers {threads} {DEVICE}'


rule label_billboard:
    "Songs with labels and all of the teacher's probabilities"
    input:
        songs='billboard/store.done',
        split='billboard/split.json',
        teacher='{arm}/teacher.done'
    output: store=touch('{arm}/{part}.done')
    params: at=folders
    wildcard_constraints: part='labelled|test', arm='billboard|billboard-full'
    threads: config['workers']
    shell:
        'chordkd label {params.at.songs} {params.at.store} --ids {input.split}:{wildcards.part}'
        ' --teacher {params.at.teacher} --probs full --workers {threads} {DEVICE}'


main_tables('real_recordings')


# Published sizes: a second round of labelling, by the students of all seeds

rule label_by_best:
    "The teacher and the best students of all seeds label the pool together"
    input:
        store='billboard/store.done',
        split='billboard/split.json',
        teacher='{arm}/teacher.done',
        students=lambda w: done(all_best(w))
    output: pool=touch('{arm}/{kind}/{n}-labelled/pool-best.done')
    params: at=folders, students=lambda w: joined(all_best(w))
    threads: config['workers']
    shell:
        'chordkd label {params.at.store} {params.at.pool} --ids {input.split}:pool+more'
        ' --no-labels --teacher {params.at.teacher}+{params.students}'
        ' --workers {threads} {DEVICE}'


def all_best(w):
    rows = [f'{arch}-best' for arch in NETWORKS]
    return [run for row in rows for run in runs_of('real_recordings', row, w.n)]


# The best students go on with replay of the pool as they labelled it together
use rule best as second_round with:
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json',
        student='{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-best.done',
        pool='{arm}/{kind}/{n}-labelled/pool-best.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-best-again.done')
    params: at=folders, set=settings('best-again')


if config['published_sizes']:
    arm = config['questions']['real_recordings']['arm']
    table('real_recordings', f'{arm}/second-round', f'{arm}/test', {
        f'{arch} {name}': runs_of('real_recordings', f'{arch}-{row}') for arch in NETWORKS
        for name, row in {'best': 'best', 'second round': 'best-again'}.items()
    }, '--teacher --reference teacher')
