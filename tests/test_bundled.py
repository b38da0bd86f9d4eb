"The checkpoints in the package give the same answers with and without torch"
import numpy as np, pytest, torch
from chordkd_nb.checkpoint_files import BUNDLED
from chordkd_nb.numpy_networks import load_lean
from chordkd_nb.published import load_checkpoint


@pytest.mark.parametrize('name', BUNDLED)
def test_answers_without_torch(name):
    x = np.random.default_rng(0).normal(size=(2, 108, 144)).astype(np.float32)
    real = np.arange(108) < [[108], [70]]
    model = load_checkpoint(name).model
    with torch.inference_mode(): logits = model(torch.from_numpy(x), torch.from_numpy(real)).numpy()
    np.testing.assert_allclose(load_lean(name)(x, real)[real], logits[real], atol=1e-3)
