"Drawn examples are always the same, so that a result can be repeated"
from hypothesis import HealthCheck, settings

settings.register_profile('repeatable', deadline=None, max_examples=60, derandomize=True, database=None,
                          suppress_health_check=list(HealthCheck))
settings.load_profile('repeatable')
