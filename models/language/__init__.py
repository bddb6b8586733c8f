"""In which language a message is written. `identifier` answers; the other files are what it weighs."""
