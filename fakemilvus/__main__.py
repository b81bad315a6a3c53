"""``python -m fakemilvus`` is the command line."""

import sys

from fakemilvus.cli import main

sys.exit(main())
