"""A team's own models: an entry of the catalogue goes on learning from their examples, and becomes an entry of its own."""
