"The link from a training run to accelerate's trackers: TensorBoard, Weights & Biases, or one of your own"
from dataclasses import asdict


class Trackers:
    "A callback of the trainer; trackers take numbers and text only, so other settings of the recipe become text"
    def __init__(self, accelerator, name, recipe):
        self.accelerator = accelerator
        config = asdict(recipe)
        for key, value in config.items():
            if not isinstance(value, (int, float, str)): config[key] = str(value)
        accelerator.init_trackers('chordkd', config, dict(wandb=dict(name=name)))

    def on_step(self, metrics): self._log('step', metrics)
    def on_epoch(self, metrics): self._log('epoch', metrics)

    def _log(self, kind, metrics):
        named = {f'{kind}/{key}': value for key, value in metrics.items()}
        self.accelerator.log(named, metrics['step'])

    def on_end(self):
        for tracker in self.accelerator.trackers: tracker.finish()
