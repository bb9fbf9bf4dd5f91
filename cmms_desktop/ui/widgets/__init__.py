"""Parts that every page is made of. None of them knows a query, a presenter or the replica."""
