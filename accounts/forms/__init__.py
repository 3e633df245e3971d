"""Forms around signing in."""
