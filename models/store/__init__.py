"""Where models from a hub lie on this machine: fetched, locked, verified, carried to other machines."""
