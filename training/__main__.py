"""Entry point of `python -m training`: see command.py."""

from .command import main

raise SystemExit(main())
