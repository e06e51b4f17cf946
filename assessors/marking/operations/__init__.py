"""What marking changes: leases and judgement drafts (pencil), decisions, returns and concerns (ink)."""
