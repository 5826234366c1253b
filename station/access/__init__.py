"""Who may do what, and how a person or a program proves who it is. Pure: no tables, no web."""
