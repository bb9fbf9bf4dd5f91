-- What columns meant before this revision; frozen.

COMMENT ON TABLE work_order_assignment IS 'Who does it: a person or a team, never both.';
COMMENT ON COLUMN work_order_assignment.person_id IS 'Who does it. NULL: a team does.';
COMMENT ON COLUMN work_order_assignment.team_id IS 'The team that does it. NULL: a person does.';
COMMENT ON COLUMN work_order.actual_minutes IS 'Work that it took, as it was entered before visits told it (D-194); nobody writes it now. NULL: nothing was.';
