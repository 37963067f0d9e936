"""Change: every INSERT, UPDATE and DELETE; each flushes, none commits."""
