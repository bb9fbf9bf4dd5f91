"""The Photos page of an order: what was photographed, where the bytes are, and adding a photo."""
