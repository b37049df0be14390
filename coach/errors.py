"""Everything that Kikitori raises on purpose.

CoachError                  base: the message is Japanese, names the thing and says what to do next
├── BadInput                the user's input can be corrected (command line: exit 2)
│   ├── CasebaseError       a card, process or list has a mistake: file, line, field, what is allowed
│   └── NotesError          notes cannot be read
└── Unavailable             the machine or a service stands in the way (command line: exit 1)
    ├── StoreError          the data folder or database cannot be used
    └── ModelError          the language model did not give a usable answer
"""


class CoachError(Exception):
    """Root of the tree; ``str(error)`` can be shown to the user as it is."""


class BadInput(CoachError):
    """The input has to be changed by the user."""


class CasebaseError(BadInput):
    """A file of the casebase breaks its format."""


class NotesError(BadInput):
    """Notes could not be read."""


class Unavailable(CoachError):
    """Something outside the program is missing, locked, full or away."""


class StoreError(Unavailable):
    """Hearings cannot be read or written."""


class ModelError(Unavailable):
    """The language model refused, was late or answered something unusable."""
