# Sizes of the published networks, as `--size` takes them, and a recipe for them in batches for a GPU; for the other scripts to source.
export SIZE_btc='hidden_size=128 num_layers=8 num_heads=4 total_key_depth=128 total_value_depth=128 filter_size=128' SIZE_2e1d='f_layer=3 t_layer=4 d_layer=3' published_set='batch_size=64 lr=5e-4 warmup_epochs=2'
