"""The systems' names in sentences for people."""

from lockstep.model import HUBSPOT, SALESFORCE

LABEL = {SALESFORCE: "Salesforce", HUBSPOT: "HubSpot"}
