"""Salesforce and HubSpot on loopback: stateful servers that speak the vendors' real wire protocols.

Start with ``python -m sandbox``; see ``docs/sandbox.md``.
"""
