"""The Comments page of an order: remarks and answers to them."""
