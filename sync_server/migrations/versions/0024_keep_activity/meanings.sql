-- What tables and columns meant when this revision was made; drawn from the declarations, and frozen.

COMMENT ON TABLE activity_log IS 'Sensitive changes of an organization, chained line by line; only ever added to. One part a month.';
COMMENT ON COLUMN activity_log.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN activity_log.seq IS 'Number of the line in its organization, from 1, without gaps.';
COMMENT ON COLUMN activity_log.received_on IS 'Day of `received_at`, UTC; the part it lies in.';
COMMENT ON COLUMN activity_log.received_at IS 'When it was written, by the clock of the database; never before the line in front of it.';
COMMENT ON COLUMN activity_log.act IS 'What was done, as `body` says: `device.revoked`.';
COMMENT ON COLUMN activity_log.row_id IS 'What it was done to, as `body` says. NULL: the organization itself.';
COMMENT ON COLUMN activity_log.actor_id IS 'Person who did it, as `body` says. NULL: the server or the command line.';
COMMENT ON COLUMN activity_log.body IS 'RFC 8785 text: act, actor, device, address, old and new values; personal ones as commitments.';
COMMENT ON COLUMN activity_log.previous_hash IS '`hash` of the line before; 64 zeros in front of the first.';
COMMENT ON COLUMN activity_log.hash IS 'SHA-256, hex, over organization, `seq`, `received_at`, `previous_hash` and the SHA-256 of `body`.';

COMMENT ON TABLE activity_value IS 'Personal values that lines of the activity log commit to, until they are forgotten.';
COMMENT ON COLUMN activity_value.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN activity_value.activity_seq IS 'Number of the line whose body commits to it.';
COMMENT ON COLUMN activity_value.path IS 'JSON pointer of the commitment in that body.';
COMMENT ON COLUMN activity_value.subject_id IS 'Person whom it is about, to forget it by. NULL: nobody known.';
COMMENT ON COLUMN activity_value.salt IS 'base64url; with it the value is proved. NULL: forgotten.';
COMMENT ON COLUMN activity_value.value IS 'JSON of the value itself. NULL: forgotten.';

COMMENT ON TABLE activity_head IS 'Where the activity log of an organization ends: locked by whoever adds a line, and by nobody else.';
COMMENT ON COLUMN activity_head.organization_id IS 'Organization that the row belongs to; first in every key, and what row level security compares.';
COMMENT ON COLUMN activity_head.seq IS 'Number of the last line; 0: none.';
COMMENT ON COLUMN activity_head.hash IS '`hash` of that line; 64 zeros in front of the first.';
COMMENT ON COLUMN activity_head.received_at IS 'When that line was written. NULL: there is none.';
