"""Speed on this machine, always as a ratio against a reference that is measured in the same run."""
