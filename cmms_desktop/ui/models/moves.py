"""The fewest moves from one order to another, for a model that tells them one by one."""

from collections.abc import Hashable

MOST_MOVES = 24
"""Rows that are moved one by one; beyond, the whole order is told at once, which costs less."""


def plan_moves(present: list[Hashable], order: list[Hashable]) -> list[tuple[int, int]]:
    """Plan single moves (from, to) that turn one order into the other; stops when there are too many."""
    now = [*present]
    moves: list[tuple[int, int]] = []
    for target, row_id in enumerate(order):
        if now[target] == row_id:
            continue
        if now[target + 1 : target + 2] == [row_id]:  # one row goes down: move it rather than all after it up
            moving = now[target]
            source, target_of_it = target, order.index(moving)
            now.insert(target_of_it, now.pop(source))
            moves.append((source, target_of_it))
        else:
            source = now.index(row_id)
            now.insert(target, now.pop(source))
            moves.append((source, target))
        if len(moves) > MOST_MOVES:
            break
    return moves
