"""Salesforce: simple-salesforce for authentication and sessions; own thin calls for data."""

from lockstep.systems.salesforce.connection import SalesforceConnection
from lockstep.systems.salesforce.system import SalesforceOptions, SalesforceSystem

__all__ = ["SalesforceConnection", "SalesforceOptions", "SalesforceSystem"]
