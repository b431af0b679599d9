"""Google Ads: accounts and conversion actions are read, conversions uploaded through either of Google's two APIs."""

from lockstep.systems.google_ads.connection import GoogleAdsConnection
from lockstep.systems.google_ads.system import GoogleAdsSystem

__all__ = ["GoogleAdsConnection", "GoogleAdsSystem"]
