"""Access Plane for agents, over the Model Context Protocol: they ask, people decide.

Needs the extra `accessplane-client[mcp]`; nothing else of the client imports it.
"""
