-- What columns mean from this revision on; drawn from the declarations, and frozen.

COMMENT ON TABLE work_order_assignment IS 'Who does it: a person, a team or a company, never two of them.';
COMMENT ON COLUMN work_order_assignment.person_id IS 'Who does it. NULL: a team or a company does.';
COMMENT ON COLUMN work_order_assignment.team_id IS 'The team that does it. NULL: a person or a company does.';
COMMENT ON COLUMN work_order_assignment.contractor_id IS 'The company that does it, of those the server alone keeps; nobody holds the order by it. NULL: one of us does.';
COMMENT ON COLUMN work_order_assignment.contractor_name IS 'What the company was called when it was given the order, written by the server. NULL: no company has it.';
COMMENT ON COLUMN work_order.actual_minutes IS 'Work that it took, as entered before visits told it; the release before reads it (D-194). NULL: nothing was.';
