"""The students of the main tables, for each network, seed, size, precision and number of labelled songs.

A pool has the answers of a teacher and no labels; `labelled` and `test` have both. Names that begin like a
row (supervised-long, stage1-soft) are the same row with other settings.
"""

ARMS = {}  # name → pool, its teacher and its split, with the ingredients of composed_songs.smk


rule supervised:
    "From scratch on the labelled songs, transposed at random"
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings(same_steps=True), size=network_size
    wildcard_constraints: row='supervised(-adjusted|-long|-bass)?'
    shell:
        'chordkd train supervised {params.at.labelled} --ids {input.chosen}:chosen'
        ' --arch {wildcards.arch} --out {params.at.run} --seed {wildcards.seed}'
        ' {params.set} {params.size}'


rule stage1:
    "From scratch on the teacher's class of every frame of the pool"
    input: pool='{arm}/pool.done'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings(), size=network_size
    wildcard_constraints: row=r'stage1(-soft|-long|-late|-mixed|-sure[\d.]+)?'
    shell:
        'chordkd train stage1 {params.at.pool} --arch {wildcards.arch}'
        ' --out {params.at.run} --seed {wildcards.seed} {params.set} {params.size}'


rule stage2:
    "Then on the labelled songs, with the paper's selective distillation"
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json',
        student='{arm}/{kind}/seed{seed}/{arch}-stage1.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings(same_steps=True)
    wildcard_constraints: row=r'stage2(-alpha[\d.]+|-confidence1)?'
    shell:
        'chordkd train stage2 {params.at.labelled} --ids {input.chosen}:chosen'
        ' --student {params.at.student} --out {params.at.run} --seed {wildcards.seed}'
        ' {params.set}'


rule label_again:
    "The teacher and both students label the pool together"
    input:
        songs=lambda w: ARMS[w.arm].songs,
        teacher=lambda w: ARMS[w.arm].teacher,
        btc='{arm}/{kind}/{n}-labelled/seed{seed}/btc-stage2.done',
        twoe1d='{arm}/{kind}/{n}-labelled/seed{seed}/2e1d-stage2.done'
    output: pool=touch('{arm}/{kind}/{n}-labelled/seed{seed}/pool.done')
    params: at=folders, ids=lambda w: ARMS[w.arm].ids
    threads: config['workers']
    shell:
        'chordkd label {params.at.songs} {params.at.pool} {params.ids} --no-labels'
        ' --teacher {params.at.teacher}+{params.at.btc}+{params.at.twoe1d}'
        ' --workers {threads} {DEVICE}'


rule best:
    "Stage 2 goes on with replay of that pool, a running mean and mild logit adjustment"
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json',
        student='{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-stage2.done',
        pool='{arm}/{kind}/{n}-labelled/seed{seed}/pool.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings()
    wildcard_constraints: row=r'best(-unbalanced|-tau\d)?'
    shell:
        'chordkd train stage2 {params.at.labelled} --ids {input.chosen}:chosen'
        ' --student {params.at.student} --preset best --replay {params.at.pool}'
        ' --out {params.at.run} --seed {wildcards.seed} {params.set}'


def student_of(w):
    "The run that a row named {student}-replay, -again or -on goes on from"
    where = place(w.student, w.n, w.seed)
    return f'{w.arm}/{w.kind}/{where}/{w.arch}-{w.student}.done'


# A student goes on with replay of the pool as the teacher alone labelled it
use rule best as replay with:
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json',
        student=student_of,
        pool='{arm}/pool.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-{student}-replay.done')
    params:
        at=folders,
        set=lambda w: settings(f'{w.student}-replay', same_steps=True)(w)


def main_tables(question):
    "The table of the four regimes, scored in two ways, and what the report shows of the runs"
    arm = config['questions'][question]['arm']
    rows = [f'{arch} {row}' for arch in NETWORKS for row in ('supervised', 'stage1', 'stage2', 'best')]
    models = {row: runs_of(question, row.replace(' ', '-')) for row in rows}
    table(question, arm, f'{arm}/test', models, '--teacher --reference teacher')
    table(question, f'{arm}-paper-protocol', f'{arm}/test', models,
          '--teacher --reference teacher --protocol paper')
    keep(question, f'{arm}/split.json', ARMS[arm].split, ARMS[arm].split)
    keep(question, f'{arm}/statistics.csv', f'{arm}/pool.done', f'{arm}/pool/statistics.csv')
    for run in (runs[0] for runs in models.values()): keep_history(question, arm, run)


def keep_history(question, name, run):
    "The loss curve of a run"
    file = f'{name}/history/{Path(run).name}.csv'
    keep(question, file, f'{run}.done', f'{run}/history.csv')
