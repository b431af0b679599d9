"""Conversions: what keeps milestones from being imported, how far each conversion has come, a click's passport, and why Google's
number differs from HubSpot's (GA-00, GA-26, AT-05)."""
