"Arguments of the wrong kind are refused before any work begins"
import re
import pytest
from judging import chordkd

BAD_OPTIONS = {
    'recognize x.wav': [
        '--penalty nan', '--penalty -1', '--penalty inf',
        '--overlap 1', '--overlap -0.1', '--overlap nan',
        '--min-duration nan', '--min-duration -2',
        '--top-k 0', '--top-k -3', '--top-k 1.5',
        '--workers -1',
        '--confidence 2', '--confidence nan',
        '--reach -1', '--reach inf',
        '--format pdf'],
    'corpus demo out': [
        '--songs 0', '--songs -1',
        '--seconds nan', '--seconds inf', '--seconds 0',
        '--workers -1',
        '--seed -1'],
    'corpus pop909 out': ['--versions 0'],
    'label in out --teacher x': ['--limit -1', '--limit 0', '--workers -2', '--probs all'],
    'train stage1 store --out o': ['--seed -5', '--save-every -1', '--set lr', '--size x'],
    'split in o.json': ['a=nan', 'a=-1', 'a=x', 'a', 'a=1e999', 'a=true'],
    'evaluate s --model': ['x', 'x=', '=y'],
}


BAD_LINES = [f'{command} {option}' for command, options in BAD_OPTIONS.items() for option in options]


@pytest.mark.parametrize('line', BAD_LINES)
def test_a_bad_argument_is_refused_by_name(line):
    result = chordkd(*line.split())
    assert result.status == 2
    assert re.search(r': argument .*(expected|invalid)', result.err.splitlines()[0])
