"""The only code that changes an application, its scores, outcomes and checks, each with its audit entry."""
