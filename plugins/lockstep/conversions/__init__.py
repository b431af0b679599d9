"""Conversions: milestones of the CRM become conversions of Google Ads (GA-00 to GA-28). docs/conversions.md explains the file.

`definition` says what is wanted, `files` reads it from YAML, `milestones` finds what happened (pure), `identifiers` says by
what Google can know the click. `lockstep.store.conversions` keeps them, `lockstep.steps` finds and uploads them.
"""

from lockstep.conversions.definition import Conversions, Milestone

__all__ = ["Conversions", "Milestone"]
