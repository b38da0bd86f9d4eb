"""Charts instead of labels with times: what does a student lose that learns from alignments?

The charts are the labels of McGill Billboard without their times, as they are and with damage. A student of stage 1
places them in the recordings. In a second round, the student that learned from them places them again.
"""
STUDY = config['study_of_charts']
CHART_KIND = kind('real_recordings')
CHART_ARM = config['questions']['real_recordings']['arm']


# How good are alignments?

ALIGNER = f"{CHART_ARM}/{CHART_KIND}/seed{STUDY['seeds'][0]}/btc-stage1"


rule renders_with_charts:
    "The test songs of the audio arm, which no network learned from"
    input: GIVEN_POP909, fonts='fonts.done', split='audio/split.json'
    output: corpus=touch('charts/renders.done')
    params: at=folders
    threads: config['workers']
    shell:
        'chordkd corpus pop909 {params.at.corpus} --source {POP909} --ids {input.split}:test'
        ' --soundfonts {FONTS} --lossy --no-pedal --workers {threads}'


rule aligned_renders:
    "By the recogniser of the package"
    input: corpus='charts/renders.done'
    output: f'{RESULTS}/alignment/pop909.csv'
    params: at=folders
    shell: 'python {SCRIPTS}/measure/align_costs.py {params.at.corpus} {output}'


rule aligned_chroma:
    "By a weak student"
    input: labelled=f'{CHART_ARM}/labelled.done', run=f'{ALIGNER}.done'
    output: f'{RESULTS}/alignment/billboard.csv'
    params: at=folders
    shell:
        'python {SCRIPTS}/measure/align_costs.py {params.at.labelled} {output} --model {params.at.run}'
        ' --damage 0 .1'


rule plain_path:
    "How far the simplest path comes with the same student"
    input: labelled=f'{CHART_ARM}/labelled.done', run=f'{ALIGNER}.done'
    output: f'{RESULTS}/alignment/plain-billboard.csv'
    params: at=folders
    shell: 'python {SCRIPTS}/measure/plain_path.py {params.at.labelled} {output} {params.at.run}'


results('charts', *(f'alignment/{name}.csv' for name in ('pop909', 'billboard', 'plain-billboard')))


# What do students learn from them?

rule align_charts:
    input:
        labelled=f'{CHART_ARM}/labelled.done',
        student=f'{CHART_ARM}/{{kind}}/seed{{seed}}/btc-stage1.done'
    output:
        store=touch('charts/{kind}/seed{seed}/damaged-{damage}.done'),
        table='charts/{kind}/seed{seed}/damaged-{damage}.csv'
    params: at=folders, damage=lambda w: int(w.damage)/100
    wildcard_constraints: damage=r'\d+'
    shell:
        'python {SCRIPTS}/steps/charts.py {params.at.labelled} {params.at.student} {params.at.store}'
        ' {output.table} {params.damage}'


use rule align_charts as align_charts_again with:
    input:
        labelled=f'{CHART_ARM}/labelled.done',
        student='charts/{kind}/seed{seed}/btc-stage2-{damage}.done'
    output:
        store=touch('charts/{kind}/seed{seed}/damaged-{damage}-again.done'),
        table='charts/{kind}/seed{seed}/damaged-{damage}-again.csv'


def of_charts(row):
    "The option --set of a row on charts: that of the same row with labels"
    def option(w):
        size, precision = w.kind.split('-')
        return set_option(settings_of(CHART_ARM, size, row, w.arch) | dict(mixed_precision=precision))
    return option


rule supervised_on_charts:
    input: labelled='charts/{kind}/seed{seed}/damaged-{damage}.done'
    output: run=touch('charts/{kind}/seed{seed}/{arch}-supervised-{damage}.done')
    params: at=folders, set=of_charts('supervised'), size=network_size
    wildcard_constraints: damage=r'\d+'
    shell:
        'chordkd train supervised {params.at.labelled} --arch {wildcards.arch} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set} {params.size}'


rule stage2_on_charts:
    input:
        labelled='charts/{kind}/seed{seed}/damaged-{damage}.done',
        student=f'{CHART_ARM}/{{kind}}/seed{{seed}}/{{arch}}-stage1.done'
    output: run=touch('charts/{kind}/seed{seed}/{arch}-stage2-{damage}.done')
    params: at=folders, set=of_charts('stage2')
    wildcard_constraints: damage=r'\d+(-again)?'
    shell:
        'chordkd train stage2 {params.at.labelled} --student {params.at.student} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set}'


def chart_runs(arch, row, damage):
    return [f'charts/{CHART_KIND}/seed{seed}/{arch}-{row}-{damage}' for seed in STUDY['seeds']]


def timed_runs(arch, row):
    where = [place(row, labelled(CHART_ARM), seed) for seed in STUDY['seeds']]
    return [f'{CHART_ARM}/{CHART_KIND}/{folder}/{arch}-{row}' for folder in where]


def chart_table():
    models = {}
    for arch in NETWORKS:
        for row in ('stage1', 'supervised', 'stage2'): models[f'{arch} {row}'] = timed_runs(arch, row)
        for damage in STUDY['supervised']:
            models[f'{arch} supervised, charts {damage} %'] = chart_runs(arch, 'supervised', damage)
        for damage in STUDY['damage']:
            models[f'{arch} stage2, charts {damage} %'] = chart_runs(arch, 'stage2', damage)
        for damage in STUDY['second_round']:
            models[f'{arch} stage2, charts {damage} %, second round'] = chart_runs(arch, 'stage2', f'{damage}-again')
    table('charts', 'charts', f'{CHART_ARM}/test', models, '--teacher --reference teacher')


chart_table()


ROUNDS = [*STUDY['damage'], *(f'{damage}-again' for damage in STUDY['second_round'])]
ALIGNED = [f'charts/{CHART_KIND}/seed{seed}/damaged-{damage}.csv' for seed in STUDY['seeds'] for damage in ROUNDS]


rule alignments:
    "How much of each song was right, by damage and aligner"
    input: ALIGNED
    output: f'{RESULTS}/charts/alignments.csv'
    shell: '(head -n 1 {input[0]}; tail -q -n +2 {input}) > {output}'


results('charts', 'charts/alignments.csv')
