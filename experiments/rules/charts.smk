"""Charts instead of labels with times: what does a student lose that learns from alignments?

The charts are the labels of McGill Billboard and of POP909 without their times, as they are and with damage. A student
of stage 1 places them in the recordings. In a second round, the student that learned from them places them again.
`late`: a student places them that has learned the teacher's answers a frame later, where crema should have had them.
`sure`: only what the alignment is sure of becomes a label.
"""
# How good are alignments?

CHROMA = config['questions']['real_recordings']['arm']
ALIGNER = first('real_recordings', 'btc-stage1')[0]


rule aligned_renders:
    "By the recogniser of the package, on songs that no network learned from"
    input: test='audio/test.done'
    output: f'{RESULTS}/alignment/pop909.csv'
    params: at=folders
    shell: 'python {SCRIPTS}/measure/align_costs.py {params.at.test} {output}'


use rule aligned_renders as aligned_piano with:
    "Other songs, on which no constant was chosen: plain piano with the pedal"
    input: test='peers/piano/songs.done'
    output: f'{RESULTS}/alignment/piano.csv'


rule aligned_chroma:
    "By a weak student"
    input: labelled=f'{CHROMA}/labelled.done', run=f'{ALIGNER}.done'
    output: f'{RESULTS}/alignment/billboard.csv'
    params: at=folders
    shell:
        'python {SCRIPTS}/measure/align_costs.py {params.at.labelled} {output} --model {params.at.run}'
        ' --damage 0 0.1 triads'


def second_run(question, row):
    "The run of the second seed, or of the only one; the first aligns in the other tables"
    return runs_of(question, row)[:2][-1]


rule right_charts:
    "What tells a right chart from that of another song? By students that have not learned from these labels"
    input:
        chroma='billboard/store.done',
        renders='audio/renders.done',
        splits=['billboard/split.json', 'audio/split.json'],
        weak=f"{second_run('real_recordings', 'btc-stage1')}.done",
        good=f"{second_run('audio', 'btc-supervised')}.done"
    output: f'{RESULTS}/alignment/right-charts.csv'
    params: at=folders, songs=config['songs']['right_charts']
    shell:
        'python {SCRIPTS}/measure/right_charts.py {output}'
        ' --set {params.at.chroma} {params.at.weak} billboard/split.json:teacher {params.songs}'
        ' --set {params.at.renders} {params.at.good} audio/split.json:pool {params.songs}'


rule plain_path_of_renders:
    "How far the simplest path comes with the same recogniser"
    input: test='audio/test.done'
    output: f'{RESULTS}/alignment/plain-pop909.csv'
    params: at=folders
    shell: 'python {SCRIPTS}/measure/plain_path.py {params.at.test} {output}'


rule plain_path:
    "The same with the weak student"
    input: labelled=f'{CHROMA}/labelled.done', run=f'{ALIGNER}.done'
    output: f'{RESULTS}/alignment/plain-billboard.csv'
    params: at=folders
    shell: 'python {SCRIPTS}/measure/plain_path.py {params.at.labelled} {output} {params.at.run}'


ALIGNMENTS = 'pop909', 'piano', 'billboard', 'plain-pop909', 'plain-billboard', 'right-charts'
results('charts', *(f'alignment/{name}.csv' for name in ALIGNMENTS))


# What do students learn from them?

STUDENT = '{arm}/{kind}/seed{seed}/btc-stage1'
USUAL, SURE = (config['least_confidence'][name] for name in ('usual', 'sure'))
STUDENT_OF_CHARTS = 'charts/{arm}/{kind}/seed{seed}/btc-stage2-{damage}'
WAYS = {  # ending of a store of charts → how it is called in tables, who aligned it, least confidence of a chord
    '': SimpleNamespace(title='', aligner=STUDENT, least=USUAL),
    '-sure': SimpleNamespace(title=', sure', aligner=STUDENT, least=SURE),
    '-late': SimpleNamespace(title=', late', aligner=f'{STUDENT}-late', least=USUAL),
    '-again': SimpleNamespace(title=', second round', aligner=STUDENT_OF_CHARTS, least=USUAL)}
ENDINGS = '|'.join(WAYS)


def way(name):
    "How the charts of a store such as 0-sure were aligned"
    damage = str(name).partition('-')[0]
    return WAYS[str(name).removeprefix(damage)]


rule align_charts:
    input: labelled='{arm}/labelled.done', student=lambda w: WAYS[w.by].aligner.format(**w) + '.done'
    output:
        store=touch('charts/{arm}/{kind}/seed{seed}/damaged-{damage}{by}.done'),
        table='charts/{arm}/{kind}/seed{seed}/damaged-{damage}{by}.csv'
    params: at=folders, damage=lambda w: int(w.damage)/100, least=lambda w: WAYS[w.by].least
    wildcard_constraints: damage=r'\d+', by=ENDINGS
    shell:
        'python {SCRIPTS}/steps/charts.py {params.at.labelled} {params.at.student} {params.at.store}'
        ' {output.table} {params.damage} {params.least}'


rule supervised_on_charts:
    input: labelled='charts/{arm}/{kind}/seed{seed}/damaged-{damage}.done'
    output: run=touch('charts/{arm}/{kind}/seed{seed}/{arch}-supervised-{damage}.done')
    params: at=folders, set=settings('supervised'), size=network_size, least=USUAL
    wildcard_constraints: damage=r'\d+'
    shell:
        'chordkd train supervised {params.at.labelled} --arch {wildcards.arch} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.size} {params.set} min_alignment={params.least}'


rule stage2_on_charts:
    input:
        labelled='charts/{arm}/{kind}/seed{seed}/damaged-{damage}.done',
        student='{arm}/{kind}/seed{seed}/{arch}-stage1.done'
    output: run=touch('charts/{arm}/{kind}/seed{seed}/{arch}-stage2-{damage}.done')
    params: at=folders, set=settings('stage2'), least=lambda w: way(w.damage).least
    wildcard_constraints: damage=rf'\d+({ENDINGS})'
    shell:
        'chordkd train stage2 {params.at.labelled} --student {params.at.student} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set} min_alignment={params.least}'


def on_charts(question, name):
    "The runs or stores of charts with this name, one for each seed"
    arm = config['questions'][question]['arm']
    return [f'charts/{arm}/{kind(question)}/seed{seed}/{name}' for seed in seeds(question)]


def rows_on_charts(question, arch):
    "The rows of a network: with times, and from charts by their damage in percent"
    models = {row: runs_of(question, f'{arch}-{row}') for row in ('stage1', 'supervised', 'stage2')}
    for row, charts in config['study_of_charts'][question].items():
        for name in charts: models[f'{row}, charts {title(name)}'] = on_charts(question, f'{arch}-{row}-{name}')
    return {f'{arch} {row}': runs for row, runs in models.items()}


def title(name):
    "0 %; 0 %, second round"
    return f"{str(name).partition('-')[0]} %{way(name).title}"


def charts_of(question):
    "The stores of charts of a question"
    charts = config['study_of_charts'][question]['stage2']
    return [store for name in charts for store in on_charts(question, f'damaged-{name}')]


def chart_tables(question):
    arm = config['questions'][question]['arm']
    models = {name: runs for arch in NETWORKS for name, runs in rows_on_charts(question, arch).items()}
    table('charts', f'{arm}-charts', f'{arm}/test', models, '--teacher --reference teacher')
    results('charts', f'{arm}-charts/alignments.csv')
    ALIGNED[arm] = [f'{store}.csv' for store in charts_of(question)]


ALIGNED = {}  # arm → a table for each store of charts
for question in config['study_of_charts']: chart_tables(question)


rule alignments:
    "How much of each song was right, by damage and aligner"
    input: lambda w: ALIGNED[w.arm]
    output: f'{RESULTS}/{{arm}}-charts/alignments.csv'
    shell: '(head -n 1 {input[0]}; tail -q -n +2 {input}) > {output}'
