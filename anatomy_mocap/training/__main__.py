"""python -m anatomy_mocap.training train | evaluate | export"""

from .command import main

raise SystemExit(main())
