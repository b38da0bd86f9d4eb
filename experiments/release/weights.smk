"""The recognisers that ship: one recipe for both networks

They learn from labelled songs of many kinds, most of them made here, and from recordings that teachers have
labelled together. Stage 1 trains a network on the recordings, stage 2 on the songs. Stage 2 has three rounds, each
with more songs of POP909. From the second on, the students of the first have helped to label the recordings.
"""
import json

RELEASE = config['release']
MADE = RELEASE['made']            # kind → how many songs, seconds, seed
PERFORMED = RELEASE['performed']  # kind → as above, for the chords of McGill Billboard
NEW_SONGS = [*(f'performed-{kind}' for kind in PERFORMED), 'sheets']  # real chords that no earlier network knew
WITH_BAND, AS_PIANO = '--seed 3', "--style 'as written' --seed 4"
POP909_KINDS = {
    'pop909': WITH_BAND, 'piano': AS_PIANO, 'pop909-more': WITH_BAND, 'pop909-rest': WITH_BAND, 'piano-more': AS_PIANO}
FIRST_KINDS = [*MADE, *NEW_SONGS, 'pop909', 'piano']
ROUNDS = {  # its songs
    'labelled': FIRST_KINDS,
    'labelled-again': [*FIRST_KINDS, 'pop909-more'],
    'all': [*FIRST_KINDS, 'pop909-more', 'pop909-rest', 'piano-more']}
KINDS = ROUNDS['all']
RECORDINGS = 'music', 'more'
STUDENTS = [f'release/{arch}-stage2' for arch in NETWORKS]
AGAIN = '+'.join([RELEASE['again']['teacher'], *STUDENTS])    # teachers of the second round
EARLIER = [f'release/earlier/{name}' for name in RELEASE['earlier']]  # one of them is a teacher


def songs_option(songs):
    return f"--songs {songs['songs']} --seconds {songs['seconds']} --seed {songs['seed']}"


rule release_made:
    input: fonts='fonts.done'
    output: corpus=touch('release/{kind}.done')
    params: at=folders, songs=lambda w: songs_option(MADE[w.kind])
    wildcard_constraints: kind='|'.join(MADE)
    threads: config['workers']
    shell:
        'chordkd corpus demo {params.at.corpus} --kind {wildcards.kind} {params.songs}'
        ' --soundfonts {FONTS} --workers {threads}'


rule release_chords:
    "Songs of McGill Billboard, whose chords the bands perform; each kind of band has songs of its own"
    input: store='billboard/store.done'
    output: 'release/chords.json'
    params: at=folders, shares=pairs({kind: 1 for kind in PERFORMED})
    shell: 'chordkd split {params.at.store} {output} {params.shares}'


rule release_performed:
    input: fonts='fonts.done', store='billboard/store.done', split='release/chords.json'
    output: corpus=touch('release/performed-{kind}.done')
    params: at=folders, songs=lambda w: songs_option(PERFORMED[w.kind])
    wildcard_constraints: kind='|'.join(PERFORMED)
    threads: config['workers']
    shell:
        'chordkd corpus demo {params.at.corpus} --chords {params.at.store} --ids {input.split}:{wildcards.kind}'
        ' --kind {wildcards.kind} {params.songs} --soundfonts {FONTS} --workers {threads}'


rule release_sheet_chords:
    input: GIVEN_OPENEWLD
    output: chords=touch('release/sheet-chords.done')
    params: at=folders
    shell: 'python {SCRIPTS}/steps/lead_sheets.py {OPENEWLD} {params.at.chords}'


rule release_sheets:
    "Old songs with many sevenths, as bands play them"
    input: fonts='fonts.done', chords='release/sheet-chords.done'
    output: corpus=touch('release/sheets.done')
    params: at=folders, songs=songs_option(RELEASE['sheets'])
    threads: config['workers']
    shell:
        'chordkd corpus demo {params.at.corpus} --chords {params.at.chords} {params.songs}'
        ' --soundfonts {FONTS} --workers {threads}'


rule release_parts:
    "The parts of `audio`, and the rest of POP909"
    input: GIVEN_POP909, split='audio/split.json'
    output: 'release/parts.json'
    run:
        from chordkd_nb.pop909 import pop909_songs
        parts = json.loads(Path(input.split).read_text())
        known = {id.partition('_v')[0] for ids in parts.values() for id in ids}
        rest = [f'{song}_v0' for song in pop909_songs(POP909) if song not in known]
        Path(output[0]).write_text(json.dumps(parts | dict(rest=rest)))


rule release_pop909:
    "Songs that are not tested, each with another band, or as plain piano with the pedal of the file"
    input: GIVEN_POP909, fonts='fonts.done', split='release/parts.json'
    output: corpus=touch('release/{kind}.done')
    params: at=folders, parts=lambda w: RELEASE[w.kind], how=lambda w: POP909_KINDS[w.kind]
    wildcard_constraints: kind='|'.join(POP909_KINDS)
    threads: config['workers']
    shell:
        'chordkd corpus pop909 {params.at.corpus} --source {POP909} --soundfonts {FONTS}'
        ' --ids {input.split}:{params.parts} --lossy {params.how} --workers {threads}'


rule release_store:
    "Features and annotations"
    input: corpus='release/{name}.done'
    output: store=touch('release/stores/{name}.done')
    params: at=folders
    wildcard_constraints: name='|'.join(KINDS)
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --teacher none --workers {threads}'


rule release_songs:
    "The songs of a round of stage 2"
    input: lambda w: done(f'release/stores/{name}' for name in ROUNDS[w.round])
    output: store=touch('release/{round}.done')
    params: at=folders, stores=lambda w: ' '.join(f'release/stores/{name}' for name in ROUNDS[w.round])
    wildcard_constraints: round='|'.join(ROUNDS)
    shell: 'chordkd store merge {params.at.store} {params.stores} --prefix'


rule release_versions:
    "Most songs of POP909 are there twice: with a band and as a piano"
    input: store='release/labelled.done'
    output: 'release/versions.json'
    params: at=folders
    run:
        from chordkd_nb.store import Store
        songs = [i for i in Store(params.at.store).ids if i.partition('/')[0] in ('pop909', 'piano')]
        Path(output[0]).write_text(json.dumps({i: i.partition('/')[2] for i in songs}))


rule release_split:
    "A small part of the songs for validation and decoding"
    input: store='release/labelled.done', versions='release/versions.json'
    output: 'release/split.json'
    params: at=folders, shares=pairs(RELEASE['split'])
    shell: 'chordkd split {params.at.store} {output} {params.shares} --groups {input.versions}'


rule release_split_later:
    "Later rounds have the same songs for validation, and learn all others"
    input: 'release/split.json', store='release/{round}.done'
    output: 'release/split-{round}.json'
    params: at=folders
    run:
        from chordkd_nb.store import Store
        valid = json.loads(Path(input[0]).read_text())['valid']
        train = [i for i in Store(params.at.store).ids if i not in set(valid)]
        Path(output[0]).write_text(json.dumps(dict(train=train, valid=valid)))


rule release_recordings:
    "Recordings, as the teachers hear them together"
    input:
        corpus='debian/{corpus}.done', ids='debian/{corpus}.json',
        earlier=done(EARLIER)
    output: pool=touch('release/pools/{corpus}.done')
    params: at=folders, teacher=RELEASE['teacher']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.pool} --ids {input.ids}:keep --no-labels'
        ' --teacher {params.teacher} --workers {threads}'


use rule release_recordings as release_recordings_again with:
    input: done(STUDENTS), corpus='debian/{corpus}.done', ids='debian/{corpus}.json'
    output: pool=touch('release/pools-again/{corpus}.done')
    params: at=folders, teacher=AGAIN


rule release_pool:
    input: expand('release/pools{{again}}/{corpus}.done', corpus=RECORDINGS)
    output: pool=touch('release/pool{again}.done')
    params: at=folders, stores=expand('release/pools{{again}}/{corpus}', corpus=RECORDINGS)
    wildcard_constraints: again='(-again)?'
    shell: 'chordkd store merge {params.at.pool} {params.stores} --prefix'


rule pool_by_package:
    "Recordings of each Debian package: how many are learned, how many hours, and why others are left out"
    input: checked=expand('debian/{corpus}.json', corpus=RECORDINGS), pool='release/pool.done'
    output: f'{RESULTS}/weights/pool.csv'
    params: at=folders
    run:
        import pandas as pd
        from chordkd_nb.store import Store
        songs = Store(params.at.pool).manifest['songs'].items()
        hours = pd.Series([song['seconds']/3600 for _, song in songs], [id.split('/')[1] for id, _ in songs])
        checked = [json.loads(Path(file).read_text()).items() for file in input.checked]
        found = [(id.split('/')[0], why) for parts in checked for why, ids in parts for id in ids]
        table = pd.crosstab(*map(pd.Series, zip(*found)))
        table.assign(hours=hours.groupby(level=0).sum().round(2)).to_csv(output[0], index_label='package')


results('weights', 'weights/pool.csv')


rule release_stage1:
    input: pool='release/pool.done'
    output: run=touch('release/{arch}-stage1.done')
    params:
        at=folders,
        set=lambda w: set_option(RELEASE['stage1'][w.arch]),
        size=lambda w: size_option(RELEASE['sizes'][w.arch])
    shell:
        'chordkd train stage1 {params.at.pool} --preset best --arch {wildcards.arch}'
        ' --out {params.at.run} {params.set} {params.size}'


rule earlier_weights:
    "A recogniser that came with an earlier version of the package; needs a clone with the whole history"
    output: checkpoint=touch('release/earlier/{name}.done')
    params: at=folders, commit=RELEASE['earlier_commit']
    shell:
        'mkdir -p {params.at.checkpoint};'
        ' git -C {ROOT} archive {params.commit} data/weights/{wildcards.name}'
        ' | tar -x --strip-components 3 -C {params.at.checkpoint}'


rule release_stage2:
    input:
        store='release/labelled.done', split='release/split.json', pool='release/pool.done',
        student='release/{arch}-stage1.done'
    output: run=touch('release/{arch}-stage2.done')
    params: at=folders, set=lambda w: set_option(RELEASE['stage2'][w.arch])
    shell:
        'chordkd train stage2 {params.at.store} --split {input.split} --preset best'
        ' --student {params.at.student} --replay {params.at.pool} --out {params.at.run}'
        ' {params.set}'


use rule release_stage2 as release_again with:
    input:
        store='release/labelled-again.done', split='release/split-labelled-again.json',
        pool='release/pool-again.done', student='release/{arch}-stage2.done'
    output: run=touch('release/{arch}-again.done')
    params: at=folders, set=lambda w: set_option(RELEASE['stage2'][w.arch] | RELEASE['again']['set'])


use rule release_stage2 as release_last with:
    input:
        store='release/all.done', split='release/split-all.json', pool='release/pool-again.done',
        student='release/{arch}-again.done'
    output: run=touch('release/{arch}.done')
    params: at=folders, set=lambda w: set_option(RELEASE['stage2'][w.arch] | RELEASE['last']['set'])


rule release_prior:
    "How much of the class prior to put back, on validation songs whose chords come from real songs"
    input: store='release/all.done', split='release/split-all.json', run='release/{arch}.done'
    output: f'{RESULTS}/decoding/{{arch}}-prior.csv'
    params: at=folders, taus=RELEASE['taus'], kinds=' '.join(NEW_SONGS)
    shell:
        'python {SCRIPTS}/measure/class_prior.py {params.at.store} {input.split}:valid'
        ' {params.at.store} {output} {wildcards.arch}={params.at.run} --taus {params.taus}'
        ' --only {params.kinds}'


rule label_aside:
    "Recordings that no network has learned from"
    input: corpus='debian/aside.done', earlier=done(EARLIER)
    output: pool=touch('release/aside.done')
    params: at=folders, teacher=RELEASE['teacher']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.pool} --no-labels --teacher {params.teacher}'
        ' --workers {threads}'


rule choose_decoding:
    input:
        store='release/all.done', run='release/{arch}.done', aside='release/aside.done',
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


BEFORE_AND_AFTER = [*EARLIER, *(f'release/shipped/{arch}' for arch in NETWORKS)]


rule kinds_of_songs:
    "How validation songs of each kind are heard, by the networks before this training and after it"
    input: store='release/all.done', split='release/split-all.json', runs=done(BEFORE_AND_AFTER)
    output: f'{RESULTS}/weights/kinds.csv'
    params: at=folders, runs=' '.join(f'{Path(run).name}={run}' for run in BEFORE_AND_AFTER)
    shell: 'python {SCRIPTS}/measure/kinds.py {params.at.store} {input.split}:valid {output} {params.runs}'


results('weights', 'weights/kinds.csv')
for arch in NETWORKS:
    for run in (f'{arch}-stage1', f'{arch}-stage2', f'{arch}-again', arch):
        keep('weights', f'weights/history/{run}.csv', f'release/{run}.done', f'release/{run}/history.csv')
    results('weights', f'decoding/{arch}.csv')
