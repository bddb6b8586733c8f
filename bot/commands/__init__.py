"""What each subcommand of `parley` does; the command line itself is `bot.__main__`."""
