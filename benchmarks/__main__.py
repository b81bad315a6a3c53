"""`python -m benchmarks`: the whole table."""

from benchmarks.compare import main

main()
