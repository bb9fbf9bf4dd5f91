"""Follows an organization's own rules: what they do is written with the unit in which their event happened.

Exactly once, because verdicts, changes and what rules make of them are one transaction. Never again on what a rule
did. Whatever is wrong with a rule, nobody's work is refused for it: it is switched off with a sentence, and the unit is
finished without it. A unit without an event asks nothing of the database; one of an organization without rules asks
one index.
"""

import logging

import psycopg

from sync_server.application.rule_actions import facts_of, rows_of_action
from sync_server.application.rule_events import Event, events_of
from sync_server.application.unit_of_work import UnitOfWork
from sync_server.contract.fields import Row
from sync_server.contract.rules.automation import hold, read_conditions
from sync_server.contract.rules.draft import Key
from sync_server.errors import EnvironmentFailure, Refused
from sync_server.storage import activity_log, own_rules
from sync_server.storage.activity_log import Entry
from sync_server.storage.org_clock import Commit
from sync_server.storage.own_rules import OwnRule
from sync_server.storage.translation import translation

log = logging.getLogger(__name__)

MOST_AT_ONCE = 100
"""Records that a rule acts on in one commit; one that wanted more has most likely run wild."""
NOT_STORED = "What it did could not be stored, alone or together with what other rules did."
NOT_FOLLOWED = "The server could not follow it, which is a fault to be reported."


def finish(work: UnitOfWork) -> Commit | None:
    """Finish a unit in which rules have something to do; None: none has, and the caller finishes it.

    Not to be called within a pipeline: what rules did is taken back alone when it cannot be stored.
    """
    events = events_of(work)
    rules = own_rules.live(work.connection, work.organization_id, {each.word for each in events}) if events else []
    if not rules:
        return None
    before, broken, commit = work.changed, dict[str, str](), None
    while rules and commit is None:
        acted = set[str]()
        try:
            with work.connection.transaction():
                work.changed = dict(before)
                _act(work, rules, events, acted=acted, broken=broken)
                commit = work.finish()
        except Exception as error:
            if not acted or _is_passing(error):
                raise  # whoever pushed has to hear of it, or tries again
            log.info("what rules of %s did was not stored", work.organization_id, exc_info=error)
            broken |= dict.fromkeys(acted, NOT_STORED)
            rules, work.changed = [each for each in rules if each.id not in broken], before
    commit = commit or work.finish()
    _switch_off(work, broken, commit)
    return commit


def _act(
    work: UnitOfWork, rules: list[OwnRule], events: list[Event], *, acted: set[str], broken: dict[str, str]
) -> None:
    """Lay what rules do over the unit; those after it see what one before has done, but nothing happens by it."""
    for rule in rules:
        try:
            changes = _changes(work, rule, [each for each in events if each.word == rule.event])
        except (psycopg.Error, EnvironmentFailure):
            acted.clear()
            acted.add(rule.id)  # the transaction answers nothing more: the others are tried again without it
            raise
        except Exception as error:  # whatever a rule provokes in our own code, too
            broken[rule.id] = _sentence(work, error)
        else:
            if changes:
                acted.add(rule.id)
                work.put(changes)


def _sentence(work: UnitOfWork, error: Exception) -> str:
    if isinstance(error, Refused):
        return error.sentence
    if isinstance(error, ValueError):
        return str(error)
    log.error("a rule of %s could not be followed", work.organization_id, exc_info=error)
    return NOT_FOLLOWED


def _changes(work: UnitOfWork, rule: OwnRule, events: list[Event]) -> dict[Key, Row]:
    conditions = read_conditions(rule.conditions, event=rule.event, action=rule.action)
    meant = [each for each in events if hold(conditions, facts_of(work, each))]
    if len(meant) > MOST_AT_ONCE:
        said = (
            f"It would have acted on {len(meant)} records at once, and may on {MOST_AT_ONCE}. It acted on none of them."
        )
        raise Refused("not_allowed", said)
    changes: dict[Key, Row] = {}
    for event in meant:
        changes.update(rows_of_action(work, rule, event))
    return changes


def _is_passing(error: Exception) -> bool:
    """Whether the same may go well the next time."""
    return isinstance(translation(error) if isinstance(error, psycopg.Error) else error, EnvironmentFailure)


def _switch_off(work: UnitOfWork, broken: dict[str, str], commit: Commit) -> None:
    """Switch off what is broken, with a line of the activity log: after the clock, as every line."""
    told = []
    for rule_id, because in broken.items():
        if own_rules.switch_off(work.connection, work.organization_id, rule_id, because=because):
            log.warning("the rule %s of %s was switched off: %s", rule_id, work.organization_id, because)
            new = {"off_because": because}
            told.append(Entry("rule.switched_off", row_id=rule_id, new=new, commit_seq=commit.seq))
    activity_log.append(work.connection, told)
