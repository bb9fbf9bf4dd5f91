"""The Time and place page of an order: visits with what happened on them and the evidence of it."""
