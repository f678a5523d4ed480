"""What a call costs the server: `make bench` prints the tables."""
