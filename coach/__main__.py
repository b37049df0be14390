"""``python -m coach`` is ``kikitori``."""

from coach.cli import main

main()
