"""The groups of commands, and what every command begins and ends with."""
