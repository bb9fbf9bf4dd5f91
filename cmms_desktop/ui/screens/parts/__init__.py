"""Parts and where they lie: the own van and the stores of the sites."""
