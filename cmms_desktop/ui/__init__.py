"""The window: what a person sees and touches. It keeps nothing and waits for nothing; see README.md."""
