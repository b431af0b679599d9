"""HubSpot: hubspot-api-client over one transport that speaks the dated API."""

from lockstep.systems.hubspot.system import HubSpotSystem
from lockstep.systems.hubspot.transport import HubSpotConnection

__all__ = ["HubSpotConnection", "HubSpotSystem"]
