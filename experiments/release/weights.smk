"""The recognisers that ship: one recipe for both networks

They learn from labelled songs of many kinds, most of them made here, and from recordings that two teachers have
labelled together. `release.start` names the recogniser from which a network goes on. Without it, stage 1 trains
the network on the recordings first.
"""
import json

RELEASE = config['release']
MADE = RELEASE['made']            # kind → how many songs, seconds, seed
PERFORMED = RELEASE['performed']  # kind → as above, for the chords of McGill Billboard
NEW_SONGS = [*(f'performed-{kind}' for kind in PERFORMED), 'sheets']  # real chords that no earlier network knew
POP909_KINDS = {'pop909': '--seed 3', 'piano': "--style 'as written' --seed 4"}
KINDS = [*MADE, *NEW_SONGS, *POP909_KINDS]


def songs_option(songs): return f"--songs {songs['songs']} --seconds {songs['seconds']} --seed {songs['seed']}"


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


rule release_pop909:
    "Songs that are not tested, each with another band, or as plain piano with the pedal of the file"
    input: GIVEN_POP909, fonts='fonts.done', split='audio/split.json'
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


rule release_labelled:
    input: stores=expand('release/stores/{name}.done', name=KINDS)
    output: store=touch('release/labelled.done')
    params: at=folders, stores=expand('release/stores/{name}', name=KINDS)
    shell: 'chordkd store merge {params.at.store} {params.stores} --prefix'


rule release_versions:
    "Most songs of POP909 are there twice: with a band and as a piano"
    input: store='release/labelled.done'
    output: 'release/versions.json'
    params: at=folders
    run:
        from chordkd_nb.store import Store
        songs = [i for i in Store(params.at.store).ids if i.partition('/')[0] in POP909_KINDS]
        Path(output[0]).write_text(json.dumps({i: i.partition('/')[2] for i in songs}))


rule release_split:
    "A small part of the songs for validation and decoding"
    input: store='release/labelled.done', versions='release/versions.json'
    output: 'release/split.json'
    params: at=folders, shares=pairs(RELEASE['split'])
    shell: 'chordkd split {params.at.store} {output} {params.shares} --groups {input.versions}'


rule release_pool:
    "Recordings, as the teachers hear them together"
    input: corpus='debian/music.done', ids='debian/music.json'
    output: pool=touch('release/pool.done')
    params: at=folders, teacher=RELEASE['teacher']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.pool} --ids {input.ids}:keep --no-labels'
        ' --teacher {params.teacher} --workers {threads}'


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
    "A recogniser that came with an earlier version of the package, out of the history of the repository"
    output: checkpoint=touch('release/start/{name}.done')
    params: at=folders, commit=RELEASE['start_commit']
    shell:
        'mkdir -p {params.at.checkpoint};'
        ' git -C {ROOT} archive {params.commit} data/weights/{wildcards.name}'
        ' | tar -x --strip-components 3 -C {params.at.checkpoint}'


def start(arch):
    "Where a network goes on from"
    earlier = RELEASE['start'].get(arch)
    return f'release/start/{earlier}' if earlier else f'release/{arch}-stage1'


rule release_stage2:
    input:
        lambda w: f'{start(w.arch)}.done', store='release/labelled.done',
        split='release/split.json', pool='release/pool.done'
    output: run=touch('release/{arch}.done')
    params: at=folders, set=lambda w: set_option(RELEASE['stage2'][w.arch]), student=lambda w: start(w.arch)
    shell:
        'chordkd train stage2 {params.at.store} --split {input.split} --preset best'
        ' --student {params.student} --replay {params.at.pool} --out {params.at.run}'
        ' {params.set}'


rule release_prior:
    "How much of the class prior to put back, on validation songs whose chords come from real songs"
    input: store='release/labelled.done', split='release/split.json', run='release/{arch}.done'
    output: f'{RESULTS}/decoding/{{arch}}-prior.csv'
    params: at=folders, taus=RELEASE['taus'], kinds=' '.join(NEW_SONGS)
    shell:
        'python {SCRIPTS}/measure/class_prior.py {params.at.store} {input.split}:valid'
        ' {params.at.store} {output} {wildcards.arch}={params.at.run} --taus {params.taus}'
        ' --only {params.kinds}'


rule label_aside:
    "Recordings that no network has learned from"
    input: corpus='debian/aside.done'
    output: pool=touch('release/aside.done')
    params: at=folders, teacher=RELEASE['teacher']
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


def before_and_after():
    earlier = sorted(map(start, RELEASE['start']))
    return [*earlier, *(f'release/shipped/{arch}' for arch in NETWORKS)]


rule kinds_of_songs:
    "How validation songs of each kind are heard, by the networks before this training and after it"
    input: store='release/labelled.done', split='release/split.json', runs=done(before_and_after())
    output: f'{RESULTS}/weights/kinds.csv'
    params: at=folders, runs=' '.join(f'{Path(run).name}={run}' for run in before_and_after())
    shell: 'python {SCRIPTS}/measure/kinds.py {params.at.store} {input.split}:valid {output} {params.runs}'


results('weights', 'weights/kinds.csv')
for arch in NETWORKS:
    keep('weights', f'weights/history/{arch}.csv', f'release/{arch}.done', f'release/{arch}/history.csv')
    results('weights', f'decoding/{arch}.csv')
