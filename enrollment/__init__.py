"""Who may sit: identity numbers, rosters and what is shown of a person."""
