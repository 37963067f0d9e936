"""Talk to others: mail, calendars and files; knows no tables."""
