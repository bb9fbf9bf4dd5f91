"""Counts the numbers of each site that the office is shown, once a night, and keeps them until the next one.

Only counts: what can be added up for several sites by whoever reads them.
"""

from datetime import datetime, timedelta

from sync_server.storage.engine import Database
from sync_server.storage.membership import FINISHED
from sync_server.storage.tables_dashboard import METRICS

RECENTLY = timedelta(days=30)

_COUNTED = """
select site_id, 'open_orders' as metric, count(*) from work_order o where {open} group by 1
union all select site_id, 'unassigned_orders', count(*) from work_order o where {open} and status = 'new' group by 1
union all select site_id, 'on_hold_orders', count(*) from work_order o where {open} and status = 'on_hold' group by 1
union all select site_id, 'overdue_orders', count(*) from work_order o
  where {open} and status <> 'completed' and due_at < %(at)s group by 1
union all select site_id, 'orders_to_review', count(*) from work_order o
  where {open} and status = 'completed' group by 1
union all select site_id, 'orders_closed_in_30_days', count(*) from work_order o
  where {there} and status = 'closed' and closed_at > %(recent)s and closed_at <= %(at)s group by 1
union all select o.site_id, 'waiting_part_requests', count(*) from part_request r
  join work_order o on o.organization_id = %(organization)s and o.id = r.work_order_id
  where r.organization_id = %(organization)s and r.deleted_at is null and r.status in ('open', 'ordered') and {open}
  group by 1
union all select p.site_id, 'levels_below_zero', count(*) from stock_level l
  join stock_location p on p.organization_id = %(organization)s and p.id = l.stock_location_id
  where l.organization_id = %(organization)s and l.deleted_at is null and l.quantity < 0 group by 1
"""
_THERE = "o.organization_id = %(organization)s and o.deleted_at is null"
_KEEP = f"""
with counted (site_id, metric, value) as ({_COUNTED})
insert into dashboard_metrics_cache (organization_id, site_id, metric, value, computed_at)
select s.organization_id, s.id, m.metric, coalesce(c.value, 0), %(at)s
from site s cross join unnest(%(metrics)s::text[]) as m (metric)
left join counted c on c.site_id = s.id and c.metric = m.metric
where s.organization_id = %(organization)s and s.deleted_at is null order by s.id, m.metric
on conflict (organization_id, site_id, metric)
do update set value = excluded.value, computed_at = excluded.computed_at
""".format(there=_THERE, open=f"{_THERE} and o.status <> all (%(finished)s)")


def count_metrics(database: Database, organization_id: str, *, at: datetime) -> dict[str, int]:
    """Count every metric of every site as of a moment, in one statement; give how many numbers were written.

    A site that is deleted keeps its last ones, which nobody is shown.
    """
    asked = {
        "organization": organization_id,
        "at": at,
        "recent": at - RECENTLY,
        "metrics": list(METRICS),
        "finished": list(FINISHED),
    }
    with database.transaction("worker", organization_id) as connection:
        return {"numbers": connection.execute(_KEEP.encode(), asked).rowcount}
