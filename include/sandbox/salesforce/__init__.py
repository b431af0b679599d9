"""Salesforce's REST, Bulk 2.0, OAuth and SOAP-login APIs over one in-memory organisation."""

from sandbox.salesforce.app import Salesforce

__all__ = ["Salesforce"]
