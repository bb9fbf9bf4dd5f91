"""What orders cost, line by line. Each is an aggregate of its own: who holds an order need not see what it cost."""

from sqlalchemy.orm import Mapped

from sync_server.contract.column_types import BigInteger, Guid, Text
from sync_server.contract.fields import Merge, SyncedEntity, synced

COST_KINDS = ("labour", "part", "travel", "other")
_CODES = """
AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CLP
CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG HUF
IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA MKD
MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB
RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
UYU UZS VED VES VND VUV WST XAF XCD XOF XPF YER ZAR ZMW
"""
CURRENCIES = tuple(_CODES.split())
"""Currencies of ISO 4217 in which people pay."""


class WorkOrderCostFields(SyncedEntity):
    """One amount that an order cost. Its author sees it, and the office of the site; nobody else who has the order.

    Entered and taken back, never changed: a correction is a new line.
    """

    entity = "work_order_cost"
    aggregates = ("work_order_cost",)
    since = 4

    work_order_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="work_order", since=4)
    """Order that it was for."""
    site_id: Mapped[str] = synced(Guid, merge=Merge.FIXED, references="site", since=4)
    """Where it arose: the order's site when it was entered; decides whose office sees it, also when the order moves."""
    kind: Mapped[str] = synced(Text, merge=Merge.FIXED, since=4, words=COST_KINDS)
    """What it was for."""
    amount_minor: Mapped[int] = synced(BigInteger, merge=Merge.FIXED, since=4, at_least=1, at_most=10**12)
    """How much, in the smallest unit of the currency (cents of EUR, whole JPY)."""
    currency: Mapped[str] = synced(Text, merge=Merge.FIXED, since=4, words=CURRENCIES)
    """Its code by ISO 4217."""
    note: Mapped[str | None] = synced(Text, merge=Merge.FIXED, since=4, characters=1000)
    """What it was paid for. None: the kind says it all."""
