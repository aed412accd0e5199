"""Field recordings: how often this device is wrong at home, written down for its owner alone."""
