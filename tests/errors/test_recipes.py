"Recipes that are refused, each for its reason"
import pytest
from chordkd_nb.recipes import recipe


@pytest.mark.parametrize('change', [
    dict(epochs='ten'), dict(epochs=0), dict(epochs=1.5), dict(epochs=True), dict(batch_size=-1), dict(batch_size=None),
    dict(lr='x'), dict(lr=0), dict(lr=float('nan')), dict(lr=float('inf')), dict(lr=[1]),
    dict(stride=0), dict(stride=109), dict(jitter=-1), dict(jitter=109), dict(seed=-1),
    dict(shifts=3), dict(shifts=(1,)), dict(shifts=(-40, 40)), dict(shifts=(6, -5)), dict(shifts=(.5, 1)),
    dict(shifts='all'),
    dict(max_grad_norm=0), dict(temperature=0), dict(confidence_temperature='x'), dict(confidence_temperature=0),
    dict(loss=3), dict(loss='mse'), dict(kd='some'), dict(kd=None), dict(schedule='linear'), dict(keep='first'),
    dict(mixed_precision='fp8'), dict(targets='crowd'), dict(average='mean'), dict(ema=1), dict(ema=-.1),
    dict(alpha=1.5), dict(logit_adjustment=-1), dict(replay_ratio=-1), dict(teacher_delay_frames=.5), dict(colour=1),
    dict(clip=1.), dict(balance=.5), dict(replay=1.), dict(delay=1), dict(slope=.5)], ids=str)
def test_a_setting_that_cannot_be_is_named(change):
    with pytest.raises(ValueError) as error: recipe('laptop', 'supervised', **change)
    assert next(iter(change)) in str(error.value)
    assert '\n' not in str(error.value)


@pytest.mark.parametrize('regime, change', [
    ('supervised', dict(gamma=3.)),
    ('supervised', dict(temperature=2.)),
    ('supervised', dict(teacher_delay_frames=1)),
    ('stage1', dict(kd='plain', alpha=.5, kd_slope=.5)),
    ('stage1', dict(plateau_factor=.5)),
    ('stage1', dict(kd='plain', alpha=1., loss='focal')),
    ('stage2', dict(min_confidence=.5)),
    ('stage2', dict(warmup_from=1e-5)),
    ('stage2', dict(mix_songs=8, replay_ratio=1.)),
    ('stage2', dict(keep='last', patience=3))], ids=str)
def test_a_setting_without_effect_is_refused(regime, change):
    with pytest.raises(ValueError, match='would change nothing'): recipe('laptop', regime, **change)


@pytest.mark.parametrize('preset, regime, change, says', [
    ('paper', 'stage3', {}, 'no recipe'),
    ('best', 'supervised', {}, 'for supervised; there are paper, laptop'),
    ('paper', 'stage1', dict(alhpa=1), 'alhpa'),
    ('paper', 'stage2', dict(kd='none'), 'alpha=0.3'),
    ('laptop', 'stage1', dict(kd='plain'), 'alpha=0.0'),
    ('laptop', 'stage1', dict(lr=5e-5), 'warmup_from'),
    ('laptop', 'stage1', dict(warmup_from=0.), 'warmup_from'),
    ('laptop', 'stage1', dict(epochs=1), 'warmup_epochs'),
    ('laptop', 'stage2', dict(warmup_epochs=3), 'only schedule'),
    ('paper', 'stage2', dict(kd_low=.95), 'kd_low=0.95 is above kd_high=0.9'),
    ('laptop', 'stage1', dict(epoch=9), "no setting 'epoch'; it has epochs")])
def test_settings_that_contradict_each_other_are_refused(preset, regime, change, says):
    with pytest.raises(ValueError, match=says): recipe(preset, regime, **change)


@pytest.mark.parametrize('change', [
    dict(lr=1), dict(temperature=2, kd='plain', alpha=1), dict(shifts=None), dict(shifts=(0, 0)), dict(ema=0),
    dict(jitter=0), dict(confidence_temperature=None), dict(stride=1), dict(gamma=0., loss='focal'),
    dict(weight_decay=0), dict(min_lr=0)], ids=str)
def test_the_ends_of_a_range_are_allowed(change):
    recipe('laptop', 'supervised', **change)
