"""The measurement library: arrays in, findings out."""
