"""`python -m nijigan.core` is the `nijigan` command, for where scripts are not on the path."""

from nijigan.core.cli import main

main()
