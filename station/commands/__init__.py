"""The commands of the command line: one module each, with `add_to` (its arguments) and `run`."""
