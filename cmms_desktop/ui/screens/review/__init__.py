"""The supervisor's review: a queue with exceptions first, one order with everything he needs, approve or return."""
