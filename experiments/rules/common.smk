"What the rules share: settings of a run, folders, and tables"


# Settings

def settings(row=None, same_steps=False):
    """Make the option --set of `chordkd train` for a row of a table, by default that of the wildcard `row`

    Returns a function of wildcards, for `params`. same_steps: more epochs if there are fewer songs.
    """
    def option(w):
        size, precision = w.kind.split('-')
        name = row or w.row
        chosen = settings_of(w.arm, size, name, w.get('arch')) | dict(mixed_precision=precision)
        if same_steps: chosen |= more_epochs(w.arm, int(w.n), name, chosen['epochs'])
        return set_option(chosen)
    return option


def settings_of(arm, size, row, arch):
    "The settings of a row, with those of one network"
    found = config['settings'][arm][size][row]
    common = {name: value for name, value in found.items() if name not in ('btc', '2e1d')}
    return common | found.get(arch, {})


def more_epochs(arm, n, row, epochs):
    "Epochs and patience with `n` labelled songs instead of all"
    most = labelled(arm)
    if n == most: return {}
    epochs = epochs*most//n
    share = config['patience'].get(arm, {}).get(row)
    return dict(epochs=epochs) | (dict(patience=int(share*epochs)) if share else {})


def network_size(w): return size_option(config['sizes'][w.kind.split('-')[0]][w.arch])


def set_option(chosen): return f"--set {pairs(chosen | config.get('quick', {}))}"
def size_option(size): return f'--size {pairs(size)}' if size else ''
def pairs(named): return ' '.join(f'{name}={value}' for name, value in named.items())


# Folders and songs

def folders(wildcards, input, output):
    "The folders of named inputs and outputs: {params.at.NAME}"
    named = [*input.items(), *output.items()]
    return SimpleNamespace(**{name: str(path).removesuffix('.done') for name, path in named})


def labelled(arm): return config['songs'][arm.removesuffix('-full')]['labelled']


def some(n, total):
    "Shares for `chordkd split`: `chosen` has n of all songs, and a smaller n is a part of it"
    return f'chosen={n}' if n == total else f'chosen={n} rest={total-n}'


def train_valid(n):
    "Shares for `chordkd split`: one song in eight for validation, at least one, as `train` draws them"
    valid = max(1, round(n/8))
    return f'train={n-valid} valid={valid}'


rule choose_labelled:
    input: labelled='{arm}/labelled.done'
    output: '{arm}/labelled-{n}.json'
    params: at=folders, shares=lambda w: some(int(w.n), labelled(w.arm))
    shell: 'chordkd split {params.at.labelled} {output} {params.shares}'


# Questions

def kind(question):
    "Size and precision of a question's networks, as they are in paths"
    q = config['questions'][question]
    return f"{q['size']}-{q['precision']}"


def seeds(question):
    "Seeds of a question; `--config seeds=1` chooses them for all questions"
    chosen = config.get('seeds', config['questions'][question]['seeds'])
    return chosen if isinstance(chosen, list) else [chosen]


def run_of(question, row, seed, n=None):
    "The folder of a run, e.g. billboard/small-no/100-labelled/seed1/btc-best"
    arm = config['questions'][question]['arm']
    return f'{arm}/{kind(question)}/{place(row, n or labelled(arm), seed)}/{row}'


def place(row, n, seed):
    "Stage 1, the ceiling and composed songs alone do not depend on the number of labelled songs"
    is_alone = any(name in row for name in ('stage1', 'everything', 'composed-bass'))
    fixed = is_alone and not row.endswith(('-replay', '-again', '-on'))
    return f'seed{seed}' if fixed else f'{n}-labelled/seed{seed}'


def runs_of(question, row, n=None):
    "The runs of a row, one for each seed"
    return [run_of(question, row, seed, n) for seed in seeds(question)]


def first(question, row, n=None): return [run_of(question, row, seeds(question)[0], n)]


def done(paths): return [f'{path}.done' for path in paths]
def joined(runs): return '+'.join(runs)  # several teachers label together


# Results: files that answer a question

QUESTIONS = {}  # question → files in `results`
TABLES = {}     # folder in `results` → store, models and options of `chordkd evaluate`
KEPT = {}       # file in `results` → (input that it waits for, file to copy)


def results_of(question): return [f'{RESULTS}/{name}' for name in QUESTIONS[question]]


def results(question, *names): QUESTIONS.setdefault(question, []).extend(names)


def table(question, name, store, models, options=''):
    "Declare a table: models map the name of a row to its runs"
    TABLES[name] = SimpleNamespace(store=store, models=models, options=options)
    results(question, f'{name}/table.csv')


def keep(question, name, wait_for, file):
    "Declare a file that a report reads as it is"
    KEPT[name] = wait_for, file
    results(question, name)


def inputs_of_table(w):
    "The store and all runs; recognisers of the package need no rule"
    t = TABLES[w.table]
    return done([t.store, *(run for runs in t.models.values() for run in runs if '/' in run)])


def systems(models):
    "NAME=RUN,RUN for each system, for a command"
    return ' '.join(f"'{name}={','.join(runs)}'" for name, runs in models.items())


rule evaluate:
    "Score the rows of a table on the same songs"
    input: inputs_of_table
    output: f'{RESULTS}/{{table}}/table.csv'
    params:
        store=lambda w: TABLES[w.table].store,
        models=lambda w: systems(TABLES[w.table].models),
        options=lambda w: TABLES[w.table].options,
        out=lambda w, output: Path(output[0]).parent
    wildcard_constraints: table='(?!peers/).+'
    shell:
        'chordkd evaluate {params.store} --model {params.models} {params.options} {DEVICE}'
        ' --out {params.out}'


rule keep_file:
    input: lambda w: KEPT[w.name][0]
    output: f'{RESULTS}/{{name}}'
    params: file=lambda w: KEPT[w.name][1]
    wildcard_constraints: name=r'.+/(history/[^/]+\.csv|statistics\.csv|split\.json)'
    shell: 'cp {params.file} {output}'
