"""The admin's site, and what it shows of the plane itself."""
