"""Tasks: how one kind of request becomes tensors, goes through a network, and becomes a result."""
