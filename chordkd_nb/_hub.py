"Networks as the Hugging Face Hub knows them: `from_pretrained`, `save_pretrained`, `push_to_hub` and a card"
from dataclasses import replace
from typing import Any
from huggingface_hub import ModelCard, ModelCardData, PyTorchModelHubMixin

REPOSITORY = 'https://github.com/chordkd/chordkd_nb'
PAPER = 'https://arxiv.org/abs/2602.19778'
LICENCES = {  # as checkpoints have them, in lower case → as the Hub has them
    'cc0': 'cc0-1.0', **{name: name for name in (
        'apache-2.0', 'mit', 'bsd-2-clause', 'bsd-3-clause', 'gpl-2.0', 'gpl-3.0', 'cc0-1.0', 'cc-by-4.0',
        'cc-by-sa-4.0', 'cc-by-nc-4.0', 'cc-by-nc-sa-4.0')}}
CARD = '''---
{head}
---

# {network} for chords

A chord recogniser for [chordkd_nb]({repository}): {network} with {classes} classes.

```python
from chordkd_nb import recognize
print(recognize('song.mp3', '{name}'))
```

| | |
|---|---|
| input | `{contract}`: {features} features a frame, {rate} Hz, a frame every {frame:.1f} ms |
| normalisation | mean {mean:.4f}, standard deviation {std:.4f} |
| decoding | {decoding} |
| licence of the weights | {licence} |

`{network}.from_pretrained` loads the network alone, for PyTorch. The paper: [2602.19778]({paper}).

## Training

`config.json` holds all that is known of the training. In short: {training}.
'''


class HubModel(PyTorchModelHubMixin):
    "A network that is loaded and saved with everything needed to use it, see `Checkpoint`"
    checkpoint = None  # `Checkpoint` that the network was loaded with

    @classmethod
    def from_pretrained(cls,
        pretrained_model_name_or_path, # a folder or run, a bundled name, or 'user/repo' on the Hub
        *,
        revision=None, # branch, tag or commit on the Hub
        device='cpu', # where the network goes
        **hub, # token, cache_dir, local_files_only, force_download: see `huggingface_hub.snapshot_download`
    ):
        "Load a network, in evaluation mode; its `checkpoint` says what features it takes"
        from .checkpoint_files import CheckpointError
        from .published import load_checkpoint
        name = f'{pretrained_model_name_or_path}' + (f'@{revision}' if revision else '')
        ckpt:Any = load_checkpoint(name, device, **hub)
        if not isinstance(ckpt.model, cls):
            found = type(ckpt.model).__name__
            raise CheckpointError(f'{name} is a {found}, not a {cls.__name__}: use {found}.from_pretrained.')
        ckpt.model.checkpoint = ckpt
        return ckpt.model

    def save_pretrained(self, save_directory, **options):
        "Write weights, `config.json` and a card; options are those of `PyTorchModelHubMixin`"
        self.own_checkpoint()  # before anything is written
        return super().save_pretrained(save_directory, **options)

    def push_to_hub(self, repo_id, **options):
        "Write the same into a repository on the Hub, 'user/name'; options are those of `PyTorchModelHubMixin`"
        options['model_card_kwargs'] = dict(name=repo_id) | (options.get('model_card_kwargs') or {})
        self.own_checkpoint()
        return super().push_to_hub(repo_id, **options)

    def own_checkpoint(self):
        "Give the `Checkpoint` with the weights as they are now"
        if self.checkpoint is not None: return replace(self.checkpoint, model=self)
        name = type(self).__name__
        raise ValueError(f'This {name} does not know its features, their mean and its licence. '
                         f'Load it by {name}.from_pretrained(RUN), or set its attribute `checkpoint`.')

    def _save_pretrained(self, save_directory):
        from .checkpoints import save_checkpoint
        save_checkpoint(self.own_checkpoint(), save_directory, overwrite=True)

    def generate_model_card(self, **changes):
        return model_card(self.own_checkpoint().config(), **changes)


def model_card(
    config:dict, # what `config.json` holds
    name:str='USER/REPOSITORY', # on the Hub
)->ModelCard:
    "Describe a checkpoint for people and, in a YAML head, for the Hub"
    contract, provenance = config['contract'], config['provenance']
    network = {'btc': 'BTC', '2e1d': 'TwoE1D'}.get(config['arch'], config['arch'])
    decoding = ', '.join(f'{name} {value}' for name, value in config['decoding'].items()) or 'as usual'
    return ModelCard(CARD.format(
        head=card_head(config), name=name, repository=REPOSITORY, paper=PAPER,
        network=network, classes=config['vocabulary']['size'], contract=contract['name'],
        features=contract['n_features'], rate=contract['sr'], frame=1000*contract['hop']/contract['sr'],
        mean=config['mean'], std=config['std'], decoding=decoding, licence=config['licence'],
        training=in_short(provenance)))


def card_head(config):
    "Write the YAML head of a card"
    licence = LICENCES.get(config['licence'].lower())
    terms:dict = dict(license=licence) if licence else dict(license='other', license_name=config['licence'])
    tags = ['chord-recognition', 'music', 'audio', config['arch'], 'pytorch_model_hub_mixin']
    data = ModelCardData(library_name='chordkd_nb', pipeline_tag='audio-classification', tags=tags, **terms)
    return data.to_yaml()


def in_short(provenance):
    "Say in a line what is known of a training: regime, store, hours and teacher"
    teacher = provenance.get('teacher')
    found = {name: provenance[name] for name in ('regime', 'store', 'train_songs', 'train_hours') if name in provenance}
    if isinstance(teacher, dict) and 'name' in teacher: found['teacher'] = teacher['name']
    return ', '.join(f'{name.replace("_", " ")} {value}' for name, value in found.items()) or 'nothing'
