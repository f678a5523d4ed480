"""`python -m accessplane_client.cli`: the `ap` command, where it is on no path."""

from accessplane_client.cli.app import main

main()
