"""Input that cannot be used."""


class Refused(ValueError):
    """One sentence for a person: which file, which field, what was expected.

    The command line ends with exit code 2, the API answers with a 4xx problem document, and nothing
    is stored.
    """
