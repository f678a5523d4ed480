"""What templates say of times and lengths."""
