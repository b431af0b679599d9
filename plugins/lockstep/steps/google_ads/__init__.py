"""push_conversions, part of push_updates: conversions are planned into requests, uploaded, followed to Google's verdict, adjusted."""

from lockstep.steps.google_ads.apply import apply_conversions
from lockstep.steps.google_ads.plan import plan_conversions

__all__ = ["apply_conversions", "plan_conversions"]
