"What labelling and training cost: benchmarks/scale.py"

SCALE = {part: f'scale/{part}.json' if part == 'ray' else f'scale/{part}.csv'
         for part in config['scale']['parts']}


rule scale_part:
    "Measured alone, so that no other job disturbs the times"
    input: corpus=f'{MUSIC}.done'
    output: f'{RESULTS}/scale/{{part}}.{{ending}}'
    params: at=folders, songs=config['scale']['songs'], options=config['scale']['options']
    wildcard_constraints: part='label|long|split|training|ray', ending='csv|json'
    threads: workflow.cores or 1
    shell:
        'python {ROOT}/benchmarks/scale.py {params.at.corpus} scale --only {wildcards.part}'
        ' --songs {params.songs} --results {RESULTS}/scale {params.options}'


use rule scale_part as scale_part_of_store with:
    input: f'{RESULTS}/scale/label.csv', corpus=f'{MUSIC}.done'
    wildcard_constraints: part='windows|processes|even', ending='csv'


results('scale', *SCALE.values())
