"Settings of pytest"


def pytest_configure(config):
    config.addinivalue_line('markers', 'slow: takes minutes (make slow)')
