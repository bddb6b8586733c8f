"""Discord: reads its messages, draws its answers, and speaks its protocol."""
