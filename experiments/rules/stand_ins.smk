"Small generated data instead of what we would fetch or be given, for config/smoke.yaml"


rule soundfonts:
    output: fonts=touch('fonts.done')
    params: at=folders
    shell: 'python {SCRIPTS}/steps/stand_ins.py soundfont {params.at.fonts}'


rule debian_music:
    output: corpus=touch('debian/{corpus}.done')
    params: at=folders, seed=lambda w: list(config['debian']).index(w.corpus)
    shell:
        'chordkd corpus demo {params.at.corpus} --songs 3 --seconds 12 --seed {params.seed};'
        ' rm -rf {params.at.corpus}/chordlab'


rule given_data:
    output: billboard=BILLBOARD, pop909=touch(f'{POP909}.done'), sheets=touch(f'{OPENEWLD}.done')
    params: at=folders, songs=config['stand_ins']
    shell:
        'python {SCRIPTS}/steps/stand_ins.py billboard {output.billboard} {params.songs};'
        ' python {SCRIPTS}/steps/stand_ins.py pop909 {params.at.pop909} {params.songs};'
        ' python {SCRIPTS}/steps/stand_ins.py sheets {params.at.sheets} {params.songs}'
