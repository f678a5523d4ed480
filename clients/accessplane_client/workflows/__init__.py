"""Custom workflows in Python: programs that judge what the plane asks them."""
