"""The public's room: search, item guides, applying, one's own cases, tracking."""
