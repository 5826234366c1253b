"""The application: command line, capture sets, store, web."""
