"""Each protection of the product turned off, one at a time, in a copy of the tree: the tests named for it must go red.

`sh packaging/run mutants [NAME ...]` shows that they do. The product has no switch for any of it: a mutant is a
replacement of exact text, and one whose text is not there any more is a failure of its own.
"""
