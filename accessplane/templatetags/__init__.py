"""What the templates of every page need of the frame."""
