"""Work orders from other systems' files, planned before anything is written.

file_text and reading turn a file into rows of cells, guessing finds out which column is what, converting makes a draft
or a reason of each row, planning compares the drafts with what is stored, report shows the plan. All of it is pure but
for the one look at the file, so that a dry run and the real one cannot differ.
"""
