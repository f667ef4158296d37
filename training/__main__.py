"""python -m training train | evaluate | export | ablate | train-public | evaluate-public | ..."""

from .command import main

raise SystemExit(main())
