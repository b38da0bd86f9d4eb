"One change at a time, for one seed. Most rows are those of students.smk with other settings (config)."


# Real recordings

rule everything:
    "From scratch on all songs with experts' labels but the test songs: the ceiling"
    input: store='billboard/store.done', split='billboard/split.json'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings(), size=network_size
    wildcard_constraints: row='everything(-long)?', arm='billboard'
    shell:
        'chordkd train supervised {params.at.store} --arch {wildcards.arch}'
        ' --ids {input.split}:teacher+pool+labelled+more --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set} {params.size}'


rule choose_pool:
    input: pool='{arm}/pool.done'
    output: '{arm}/pool-{percent}.json'
    params: at=folders, shares=lambda w: some(int(w.percent), 100)
    shell: 'chordkd split {params.at.pool} {output} {params.shares}'


rule stage1_on_less:
    "Stage 1 on a part of the pool"
    input: pool='{arm}/pool.done', ids='{arm}/pool-{percent}.json'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-stage1-{percent}percent.done')
    params:
        at=folders, size=network_size,
        set=lambda w: settings(f'stage1-{w.percent}percent')(w)
    shell:
        'chordkd train stage1 {params.at.pool} --ids {input.ids}:chosen --arch {wildcards.arch}'
        ' --out {params.at.run} --seed {wildcards.seed} {params.set} {params.size}'


rule on:
    "A student goes on without replay"
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json',
        student=student_of
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-{student}-on.done')
    params: at=folders, set=lambda w: settings(f'{w.student}-on')(w)
    wildcard_constraints: student='stage2'
    shell:
        'chordkd train stage2 {params.at.labelled} --ids {input.chosen}:chosen --preset best'
        ' --student {params.at.student} --out {params.at.run} --seed {wildcards.seed}'
        ' {params.set}'


rule label_by_long:
    "The teacher and a student that was trained for long label the pool together"
    input:
        songs='billboard/store.done',
        split='billboard/split.json',
        teacher='billboard/teacher.done',
        student='billboard/{kind}/{n}-labelled/seed{seed}/btc-stage1-long-replay.done'
    output: pool=touch('billboard/{kind}/{n}-labelled/seed{seed}/pool-long.done')
    params: at=folders
    threads: config['workers']
    shell:
        'chordkd label {params.at.songs} {params.at.pool} --ids {input.split}:pool+more'
        ' --teacher {params.at.teacher}+{params.at.student} --no-labels'
        ' --workers {threads} {DEVICE}'


use rule best as second_round_of_long with:
    input:
        labelled='{arm}/labelled.done',
        chosen='{arm}/labelled-{n}.json',
        student='{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-stage1-long-replay.done',
        pool='{arm}/{kind}/{n}-labelled/seed{seed}/pool-long.done'
    output:
        run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-stage1-long-replay-again.done')
    params: at=folders, set=settings('stage1-long-replay-again')


rule distillation_share:
    "Which share of the labelled frames selective distillation uses"
    input: labelled='billboard/labelled.done'
    output: f'{RESULTS}/billboard-ablations/shares.csv'
    params: at=folders
    shell: 'python {SCRIPTS}/measure/distillation_share.py {params.at.labelled} {output}'


def hearing(): return first('bass', 'btc-supervised-bass')


rule bass_penalty:
    "What a change of the bass should cost, on songs that are in no other table"
    input: store='billboard/store.done', split='billboard/split.json', run=done(hearing())
    output: f'{RESULTS}/decoding/bass-penalty.csv'
    params: at=folders, run=hearing()
    shell:
        'python {SCRIPTS}/measure/bass_penalty.py {params.at.store} {input.split}:more {params.run} {output}'


def ablation(name, rows, options='', question='ablations', store=None):
    "Declare the table of one ablation: rows map names to BTC's rows"
    arm = config['questions'][question]['arm']
    models = {title: first(question, f'btc-{row}') for title, row in rows.items()}
    folder = f'{arm}-ablations/{name}'
    table('ablations', folder, store or f'{arm}/test', models, options)


def ablations_on_recordings():
    most, fewer = labelled('billboard'), config['fewer_labels']
    ablation('alpha', {'0': 'stage2-alpha0', '0.1': 'stage2-alpha0.1', '0.3 (paper)': 'stage2',
                       '0.5': 'stage2-alpha0.5'})
    ablation('confidence', {'at T 3 (paper)': 'stage2', 'at T 1': 'stage2-confidence1'})
    few, half = config['pool_percent']
    ablation('stage1', {
        'all of the pool, hard targets (paper)': 'stage1',
        'a quarter of the pool': f'stage1-{few}percent',
        'half of the pool': f'stage1-{half}percent', 'soft targets': 'stage1-soft'})
    ablation('best', {
        'stage 2 (paper)': 'stage2', 'longer, running mean': 'stage2-on',
        '+ replay of the pool as the teacher labelled it': 'stage2-replay',
        'replay as teacher and students labelled it': 'best-unbalanced',
        '+ adjustment, τ 0.3 (best)': 'best'})
    stages = {'stage 1': 'stage1', 'stage 2 with KD': 'stage2', 'stage 2 without': 'stage2-alpha0',
              'best': 'best'}
    ablation('forgetting-truth', stages)
    ablation('forgetting', stages, '--truth teacher')
    ablation('longer', {
        'supervised': 'supervised-long', 'stage 1': 'stage1-long', 'best': 'stage1-long-replay',
        'all 549 songs': 'everything-long'}, '--teacher --reference teacher')
    ablation('second-round', {
        'best': 'stage1-long-replay', 'eight more epochs': 'stage1-long-replay-replay',
        'second round': 'stage1-long-replay-again'}, '--teacher --reference teacher')

    models = {}
    for title, row in {'supervised': 'supervised', 'stage 2': 'stage2'}.items():
        for n in [*fewer, most]:
            songs = ' songs' if n == fewer[0] else ''
            models[f'{title}, {n}{songs}'] = first('ablations', f'btc-{row}', n)
    models['supervised, all 549'] = first('ablations', 'btc-everything')
    table('ablations', 'billboard-ablations/labels', 'billboard/test', models)
    rows = {'chords alone': 'btc-supervised', 'and the bass': 'btc-supervised-bass'}
    models = {title: runs_of('bass', row) for title, row in rows.items()}
    table('ablations', 'billboard-ablations/bass', 'billboard/test', models)
    results('ablations', 'billboard-ablations/shares.csv', 'decoding/bass-penalty.csv')


ablations_on_recordings()


# Audio

rule compose_plus:
    "Eighty composed songs"
    input: fonts='fonts.done'
    output: corpus=touch('composed-plus.done')
    params:
        at=folders, songs=config['songs']['composed_plus'],
        seconds=config['songs']['composed_seconds']
    threads: config['workers']
    shell:
        'chordkd corpus demo {params.at.corpus} --songs {params.songs} --seconds {params.seconds}'
        ' --seed 1 --soundfonts {FONTS} --workers {threads}'


rule label_plus:
    input: corpus='composed-plus.done'
    output: store=touch('audio/songs-plus.done')
    params: at=folders, teacher=config['teachers']['main']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --teacher {params.teacher}'
        ' --probs full --workers {threads}'


rule add_plus:
    "They join the labelled songs, with the teacher's answers"
    input: labelled='audio/labelled.done', plus='audio/songs-plus.done'
    output: store=touch('audio/labelled-plus.done')
    params: at=folders
    shell: 'chordkd store merge {params.at.store} {params.at.labelled} {params.at.plus}'


rule supervised_plus:
    input: store='audio/labelled-plus.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings(), size=network_size
    wildcard_constraints: row='supervised-plus(-long)?', arm='audio'
    shell:
        'chordkd train supervised {params.at.store} --arch {wildcards.arch} --out {params.at.run}'
        ' --seed {wildcards.seed} {params.set} {params.size}'


rule best_plus:
    input:
        store='audio/labelled-plus.done',
        student='{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-stage2.done',
        pool='{arm}/{kind}/{n}-labelled/seed{seed}/pool.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings()
    wildcard_constraints: row='best-plus(-long)?', arm='audio'
    shell:
        'chordkd train stage2 {params.at.store} --student {params.at.student} --preset best'
        ' --replay {params.at.pool} --out {params.at.run} --seed {wildcards.seed} {params.set}'


rule label_by_plus:
    "Both networks of supervised training label the pool together, without a teacher"
    input:
        songs='audio/pool.done',
        btc='{arm}/{kind}/{n}-labelled/seed{seed}/btc-supervised-plus-long.done',
        twoe1d='{arm}/{kind}/{n}-labelled/seed{seed}/2e1d-supervised-plus-long.done'
    output: pool=touch('{arm}/{kind}/{n}-labelled/seed{seed}/pool-plus.done')
    params: at=folders
    wildcard_constraints: arm='audio'
    threads: config['workers']
    shell:
        'chordkd label {params.at.songs} {params.at.pool} --no-labels'
        ' --teacher {params.at.btc}+{params.at.twoe1d} --workers {threads} {DEVICE}'


# On from supervised training, with replay of that pool
use rule best_plus as plus_self with:
    input:
        store='audio/labelled-plus.done',
        student='{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-supervised-plus-long.done',
        pool='{arm}/{kind}/{n}-labelled/seed{seed}/pool-plus.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-plus-self.done')
    params: at=folders, set=settings('plus-self')
    wildcard_constraints: arm='audio'


rule plus_on:
    "As many steps without it"
    input:
        store='audio/labelled-plus.done',
        student='{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-supervised-plus-long.done'
    output: run=touch('{arm}/{kind}/{n}-labelled/seed{seed}/{arch}-plus-on.done')
    params: at=folders, set=settings('plus-on')
    wildcard_constraints: arm='audio'
    shell:
        'chordkd train stage2 {params.at.store} --student {params.at.student} --preset best'
        ' --out {params.at.run} --seed {wildcards.seed} {params.set}'


TEACHERS = dict(main=config['teachers']['main'],
                both=f"{config['teachers']['main']}+{config['teachers']['other_quick']}")
CORPORA = dict(music=MUSIC, renders='audio/renders')


rule choose_quarter:
    input: pool='audio/pool-{corpus}.done'
    output: 'audio/{corpus}-quarter.json'
    params: at=folders
    shell: 'chordkd split {params.at.pool} {output} chosen=1 rest=3'


rule label_quarter:
    "One teacher or two"
    input: corpus=lambda w: f'{CORPORA[w.corpus]}.done', ids='audio/{corpus}-quarter.json'
    output: store=touch('audio/{corpus}-of-{teachers}.done')
    params: at=folders, teachers=lambda w: TEACHERS[w.teachers]
    wildcard_constraints: corpus='music|renders', teachers='main|both'
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --ids {input.ids}:chosen --no-labels'
        ' --teacher {params.teachers} --workers {threads}'


rule quarter:
    input: music='audio/music-of-{teachers}.done', renders='audio/renders-of-{teachers}.done'
    output: pool=touch('audio/quarter-of-{teachers}.done')
    params: at=folders
    shell: 'chordkd store merge {params.at.pool} {params.at.music} {params.at.renders}'


# Stage 1 on a quarter of the pool
use rule stage1 as stage1_of_teachers with:
    input: pool='audio/quarter-of-{teachers}.done'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-stage1-of-{teachers}.done')
    params: at=folders, set=lambda w: settings(f'stage1-of-{w.teachers}')(w), size=network_size
    wildcard_constraints: arm='audio'


rule test_of_both:
    "The test songs, labelled by both teachers"
    input: corpus='audio/renders.done', split='audio/split.json'
    output: store=touch('audio/test-of-both.done')
    params: at=folders, teachers=TEACHERS['both']
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.store} --ids {input.split}:test'
        ' --teacher {params.teachers} --probs full --workers {threads}'


# Stage 1 without recordings
use rule stage1 as stage1_on_renders with:
    input: pool='audio/pool-renders.done'
    output: run=touch('{arm}/{kind}/seed{seed}/{arch}-{row}.done')
    params: at=folders, set=settings(), size=network_size
    wildcard_constraints: row=r'stage1-renders(-\w+)?', arm='audio'


def both_networks(name, rows, options=''):
    "Declare the table of one ablation on audio for both networks; a row may have (name, labelled songs)"
    q, models = 'audio_ablations', {}
    for arch in NETWORKS:
        for title, row in rows.items():
            row, n = row if isinstance(row, tuple) else (row, None)
            models[f'{arch} {title}'] = first(q, f'{arch}-{row}', n)
    table('ablations', f'audio-ablations/{name}', 'audio/test', models, options)


def ablations_on_audio():
    q, with_teacher = 'audio_ablations', '--teacher --reference teacher'
    both_networks('generated', {
        'supervised': 'supervised', 'supervised, generated too': 'supervised-plus', 'best': 'best',
        'best, generated too': 'best-plus'})
    both_networks('composed', {
        'supervised': 'supervised', 'best, composed too': 'best-plus-long',
        'supervised, composed too': 'supervised-plus-long',
        'supervised, composed too, and on': 'plus-on',
        'the same with own labels of the pool': 'plus-self'}, with_teacher)
    n = config['few_labels'][0]
    both_networks('scarce', {
        f'supervised, {n} songs': ('supervised', n), f'stage 2, {n} songs': ('stage2', n),
        f'best, {n} songs': ('stage1-replay', n)}, '--teacher')
    both_networks('late', {
        'stage 1': 'stage1', 'stage 1, a frame later': 'stage1-late', 'replay': 'stage1-replay',
        'replay, a frame later': 'stage1-late-replay'}, with_teacher)
    ablation('filter', {
        'all frames (paper)': 'stage1', 'confidence at least 0.5': 'stage1-sure0.5',
        'at least 0.7': 'stage1-sure0.7'}, question=q)
    table('ablations', 'audio-ablations/mixed', 'audio/test', {
        'windows of all songs': runs_of('audio', 'btc-stage1'),
        'of 64 songs at a time': runs_of('audio', 'btc-stage1-mixed')})
    colours = {'': 'stage1-renders', ', equaliser': 'stage1-renders-equalised', ', noise': 'stage1-renders-noisy',
               ', equaliser and noise': 'stage1-renders-coloured'}
    models = {f'btc{title}': runs_of('audio', f'btc-{row}') for title, row in colours.items()}
    models |= {f'2e1d{title}': runs_of('audio', f'2e1d-{colours[title]}') for title in ('', ', equaliser and noise')}
    table('ablations', 'audio-ablations/colours', 'audio/pool-music', models, '--truth teacher')
    table('ablations', 'audio-ablations/colours-renders', 'audio/test', models)
    ablation('balance', {'τ 0': 'best-tau0', 'τ 0.3 (best)': 'best', 'τ 1': 'best-tau1'}, question=q)
    ablation('teachers', {'student of crema': 'stage1-of-main', 'student of both': 'stage1-of-both'},
             '--teacher', q, 'audio/test-of-both')
    valid = f"{first(q, 'btc-stage1')[0]}/split.json:valid"
    ablation('forgetting', {
        'stage 1': 'stage1', 'stage 2 with KD': 'stage2', 'stage 2 without': 'stage2-alpha0'},
        f'--truth teacher --ids {valid}', q, 'audio/pool')


ablations_on_audio()
