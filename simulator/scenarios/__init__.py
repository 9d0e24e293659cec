"""Scenarios: the diversions that detectors must catch, and the look-alikes that they must not raise.

Law kept: each scenario takes units that play in no other, and returns the label that says what it did; a
province too small for a scenario does without it.
"""

from collections.abc import Callable
from typing import Final, Literal

from simulator.drafts import World
from simulator.labels import Label
from simulator.scenarios import (
    authority,
    balance,
    balances,
    behaviour,
    loads,
    making,
    numbers,
    order,
    permission,
    reporting,
    roads,
    storing,
    timing,
    transport,
)  # fmt: skip
from simulator.scenarios.scene import Scene

Staged = Callable[[Scene], Label | None]

DIVERSIONS: Final[tuple[Staged, ...]] = (
    balance.skimming, timing.falls_silent, timing.uploaded_next_day, authority.licence_runs_out,
    loads.one_vehicle, authority.off_the_list, authority.unlicensed_buyer, authority.double_booked,
    authority.expired_permit,
    authority.permit_reused, balance.overdrawn, balance.overfull, timing.night_work, balance.theft_of_items,
    balance.theft_from_tank, transport.short_delivery, transport.phantom_delivery,
    transport.sent_without_plan, transport.from_nowhere, transport.no_waybill, transport.detour,
    transport.tracker_off, transport.antenna_cut,
    balances.drained_overnight, balances.filled_up_unrecorded,
    numbers.numbers_twice, numbers.source_swapped, numbers.goods_go_round,
    loads.taken_elsewhere, loads.overloaded, loads.unfit_vehicle, loads.more_than_declared,
    permission.past_the_wholesaler, permission.signed_by_one, permission.certificate_ran_out,
    permission.sold_to_a_person, permission.over_the_quota, permission.driver_unqualified,
    permission.paid_in_cash, permission.licence_nears_its_end,
    roads.too_fast_or_at_wrong_hours, roads.roadside_stop, roads.through_the_town,
    reporting.uncounted, reporting.sold_unfiled, reporting.permit_kept, reporting.used_too_soon,
    reporting.back_filled, reporting.loss_kept_quiet,
    behaviour.hoarding_month, behaviour.split_month, behaviour.split_orders, behaviour.ordering_rush,
    behaviour.precursor_set,
    behaviour.doubtful_buyers, behaviour.far_stranger,
    storing.filing_runs_out, storing.one_room, storing.not_given_back, making.used_up, making.written_off,
    roads.long_overdue, roads.said_to_have_arrived, order.turns_back, order.leaves_out,
)  # fmt: skip
"""What is not innocent; those with the fewest candidates choose first."""

LOOK_ALIKES: Final[tuple[Staged, ...]] = (
    storing.filing_renewed, reporting.permit_back_on_the_last_day, reporting.filed_on_the_last_day,
    order.turns_in_a_yard, order.by_the_checkpoint,
    balance.steady_bias, timing.seldom_reports, timing.busy_week, timing.uploaded_before_midnight,
    authority.licence_renewed, authority.list_extended, authority.permit_used_up, authority.permit_renewed,
    loads.both_alike, authority.permit_on_both_ends, balance.receipt_reported_after_issue, balance.capacity_raised,
    balance.mistyped_issue, balance.slow_issue_report, transport.within_both_scales,
    transport.corrected_receipt, transport.late_within_grace, transport.issue_reported_last,
    transport.waybill_uploaded_late, transport.jumping_fixes, transport.permitted_stop,
    transport.second_route, transport.blind_zone, transport.tunnel,
    balances.flows_uploaded_at_night,
    numbers.numbers_handed_on, numbers.source_at_calibration, numbers.goods_come_back,
    loads.refused_at_the_gate, loads.loaded_to_the_limit, loads.filled_to_the_scale,
    permission.sent_back_up, permission.acid_signed_by_one, permission.certificate_renewed,
    permission.acid_to_a_person, permission.quota_raised, permission.driver_renewed,
    permission.cash_at_the_shop, permission.licence_renewed_early,
    roads.speed_spikes, roads.fills_up, roads.approved_for_the_town,
    reporting.counted_on_the_last_day,
    reporting.used_after_five_days, reporting.evening_batch, reporting.loss_declared_at_once,
    behaviour.large_delivery, behaviour.restocked, behaviour.standing_order, behaviour.school_laboratory,
    behaviour.stated_uses,
    behaviour.far_partner,
    storing.room_mistyped, storing.overtime, making.within_the_norm, making.always_destroys,
    roads.late_on_the_road, roads.seen_after_it_arrived,
)  # fmt: skip
"""What looks like it and is in order."""


def stage(world: World, turn: float = 0.0) -> None:
    """Stage every scenario as often as the configuration asks, and keep the labels.

    ``turn``, from 0 to 1, is how far down the list those stand that choose first: what comes last finds no free
    unit in a small province, and finds some where the turn is another.
    """
    every: list[tuple[Literal["diversion", "look_alike"], Staged, int]] = [
        *(("diversion", one, world.config.diversions) for one in DIVERSIONS),
        *(("look_alike", one, world.config.look_alikes) for one in LOOK_ALIKES),
    ]
    first = int(turn * len(every))
    for number in range(max(world.config.diversions, world.config.look_alikes)):
        for kind, scenario, times in (*every[first:], *every[:first]):
            if number >= times:
                continue
            label = scenario(Scene(world, kind, scenario.__name__, number))
            if label is not None:
                world.labels.append(label)
