"""The readers of a sentence, and the words they know; ``rules/sentences`` asks them all."""
