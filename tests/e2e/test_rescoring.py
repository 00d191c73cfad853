"""A wrong key is found after the exam: previewed, ruled on by two people, seen by candidates, taken back."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import httpx
import msgspec
import pytest_asyncio
from sqlalchemy import select

from exam_api.record import Result
from exam_api.store.engine import Database
from exam_api.store.tables import METADATA
from tests.e2e.after import asked, first_right, over, score_of, sit, small_sitting
from tests.e2e.device import Device
from tests.e2e.world import MINUTE, Sitting, World

REASON = "依据 JGJ 130 第 6.4.3 条，原答案有误"


@dataclass
class Faulty:
    """A finished session with an item whose key is wrong."""

    sitting: Sitting
    devices: Sequence[Device]
    version: str
    old: int
    new: int

    @property
    def path(self) -> str:
        return f"/api/sessions/{self.sitting.id}/rulings"

    def correction(self, remedy: str = "new_key") -> dict[str, Any]:
        keys = {"new_key": [self.new], "accept_several": [self.old, self.new]}.get(remedy, [])
        return {"version": self.version, "remedy": remedy, "keys": keys}


@pytest_asyncio.fixture
async def faulty(world: World) -> Faulty:
    """Four candidates: two that the new key moves over the pass line, each way, one it lowers, one blank."""
    sitting = await small_sitting(world, people=5)
    keys = await world.keys(sitting.id)
    version = min(one for one, key in keys.items() if key > 2)
    old, new = keys[version], 1
    devices = [
        await sit(world, sitting, person, first_right(keys, right, but={version: chosen}))
        for person, right, chosen in zip(sitting.people, (5, 5, 9, 9), (new, old, old, 0), strict=False)
    ]
    await over(world, sitting)
    return Faulty(sitting, devices, version, old, new)


async def agreed(world: World, faulty: Faulty, remedy: str = "new_key") -> httpx.AsyncClient:
    """A ruling that one officer proposed and the one given back agreed to."""
    one, other = await world.staff("officer"), await world.staff("officer")
    await asked(one, faulty.path, {"corrections": [faulty.correction(remedy)], "reason": REASON})
    await asked(other, f"{faulty.path}/1/decide", {"agree": True})
    return other


async def scores(faulty: Faulty) -> list[tuple[int, bool, int]]:
    people = faulty.sitting.people
    return [await score_of(device, person.id) for device, person in zip(faulty.devices, people, strict=False)]


async def newest(world: World, faulty: Faulty) -> list[Result]:
    found = await world.wired.parts.console.book.of_session(faulty.sitting.id)
    return sorted(found, key=lambda one: one.attempt_id)


async def every_row(database: Database) -> dict[str, list[Any]]:
    async with database.reading() as connection:
        return {
            name: [tuple(row) for row in await connection.execute(select(table))]
            for name, table in METADATA.tables.items()
        }


async def test_the_preview_shows_every_remedy_and_changes_nothing(world: World, faulty: Faulty) -> None:
    officer = await world.staff("officer")
    before = await every_row(world.wired.database)
    body = {"version": faulty.version, "newKey": faulty.new}
    told = await asked(officer, f"{faulty.path}/preview", body)
    assert await every_row(world.wired.database) == before
    figures = {
        way["remedy"]: (way["changed"], way["won"], way["lost"], way["certificates"]) for way in told["ways"]
    }
    assert figures == {
        "new_key": (3, 1, 1, 0),
        "accept_several": (1, 1, 0, 0),
        "full_marks": (2, 1, 0, 0),
        "remove_rescale": figures["remove_rescale"],  # whatever the draw of right answers makes of it
    }
    assert (told["candidates"], told["saw"], told["passed"]) == (4, 4, 3)
    assert {pick["mask"]: pick["count"] for pick in told["picks"]} == {0: 1, faulty.new: 1, faulty.old: 2}
    flips = [(row["name"], row["passesAfter"]) for row in told["ways"][0]["rows"][:2]]
    people = faulty.sitting.people
    assert sorted(flips) == sorted([(people[0].name, True), (people[1].name, False)])


async def test_a_ruling_needs_a_second_officer_and_the_candidates_see_it(
    world: World, faulty: Faulty
) -> None:
    assert [one[:2] for one in await scores(faulty)] == [
        (5_000, False),
        (6_000, True),
        (10_000, True),
        (9_000, True),
    ]
    officer, second = await world.staff("officer"), await world.staff("officer")
    proposed = await asked(officer, faulty.path, {"corrections": [faulty.correction()], "reason": REASON})
    assert [(one["number"], one["state"], one["own"]) for one in proposed["rulings"]] == [
        (1, "proposed", True)
    ]
    refused = await asked(officer, f"{faulty.path}/1/decide", {"agree": True}, status=409)
    assert refused["type"] == "/problems/second-officer-needed"
    waits = await asked(
        officer, faulty.path, {"corrections": [faulty.correction()], "reason": REASON}, status=409
    )
    assert waits["type"] == "/problems/ruling-waits"
    assert [one[2] for one in await scores(faulty)] == [1, 1, 1, 1]

    decided = await asked(second, f"{faulty.path}/1/decide", {"agree": True, "reason": "同意"})
    assert [(one["state"], one["runs"], one["inForce"]) for one in decided["rulings"]] == [
        ("agreed", 3, True)
    ]
    assert await scores(faulty) == [
        (6_000, True, 2),
        (5_000, False, 2),
        (9_000, True, 2),
        (9_000, True, 1),
    ]
    table = await asked(second, f"/api/sessions/{faulty.sitting.id}/results")
    assert sorted(row["scoreCenti"] for row in table["rows"] if row["scoreCenti"] is not None) == [
        5_000, 6_000, 9_000, 9_000,
    ]  # fmt: skip
    wall = await asked(second, f"/api/sessions/{faulty.sitting.id}/live")
    assert {row["id"]: row["scoreCenti"] for row in wall["rows"]}[str(faulty.sitting.people[0].id)] == 6_000
    again = await asked(second, f"{faulty.path}/1/decide", {"agree": True}, status=404)
    assert again["type"] == "/problems/no-such-ruling"


async def test_taking_back_gives_the_scores_of_before_to_the_byte(world: World, faulty: Faulty) -> None:
    before = await newest(world, faulty)
    officer = await agreed(world, faulty, "remove_rescale")
    assert [one.score for one in await newest(world, faulty)] != [one.score for one in before]
    back = await asked(officer, faulty.path, {"corrections": [], "reason": "原答案经专家复核无误"})
    assert back["rulings"][0]["takesBack"] == 1
    assert [one.score for one in await newest(world, faulty)] != [one.score for one in before]
    third = await world.staff("officer")
    history = (await asked(third, f"{faulty.path}/2/decide", {"agree": True}))["rulings"]
    assert [(one["number"], one["state"], one["inForce"]) for one in history] == [
        (2, "agreed", False),
        (1, "agreed", False),
    ]
    after = await newest(world, faulty)
    assert [msgspec.json.encode(one.score) for one in after] == [
        msgspec.json.encode(one.score) for one in before
    ]
    attempt = faulty.sitting.people[0].id
    runs = (await asked(third, f"/api/sessions/{faulty.sitting.id}/attempts/{attempt}/runs"))["runs"]
    assert [(one["run"], one["cause"], one["ruling"]) for one in runs] == [
        (1, "hand-in", None),
        (2, "rescored", 1),
        (3, "rescored", 2),
    ]


async def test_who_hands_in_after_the_ruling_is_scored_under_it(world: World) -> None:
    sitting = await small_sitting(world, people=2)
    keys = await world.keys(sitting.id)
    version = min(one for one, key in keys.items() if key > 2)
    answer = first_right(keys, 5, but={version: 1})
    await sit(world, sitting, sitting.people[0], answer)
    late = await sit(world, sitting, sitting.people[1], answer, hand_in=False)
    await over(world, sitting)
    faulty = Faulty(sitting, [], version, keys[version], 1)
    await agreed(world, faulty)
    await world.expire()
    assert await score_of(late, sitting.people[1].id) == (6_000, True, 2)
    wall = await asked(await world.staff("officer"), f"/api/sessions/{sitting.id}/live")
    assert {row["scoreCenti"] for row in wall["rows"]} == {6_000}


async def test_late_answers_accepted_after_the_ruling_are_scored_under_it(world: World) -> None:
    sitting = await small_sitting(world, people=1)
    person = sitting.people[0]
    keys = await world.keys(sitting.id)
    version = min(one for one, key in keys.items() if key > 2)
    device = await sit(world, sitting, person, lambda _version, _key: 0, hand_in=False)
    for slot, item in enumerate(device.paper["items"]):
        device.choose(slot, 1 if item["version"] == version else keys[item["version"]])
    await over(world, sitting)
    await world.expire()
    assert (await device.sync()).json()["took"] == "late"
    await world.drain()
    officer = await agreed(world, Faulty(sitting, [], version, keys[version], 1))
    await asked(officer, f"/api/late/{person.id}/decide", {"accept": True, "reason": "基站停电"})
    assert await score_of(device, person.id) == (10_000, True, 2)
    assert (await world.exam.results.of_attempt(person.id))[-1].ruling == 1


async def test_two_items_can_be_corrected_in_one_ruling(world: World, faulty: Faulty) -> None:
    keys = await world.keys(faulty.sitting.id)
    void = max(one for one in keys if one != faulty.version)
    both = [faulty.correction(), {"version": void, "remedy": "full_marks", "keys": []}]
    officer, second = await world.staff("officer"), await world.staff("officer")
    body = {"version": faulty.version, "newKey": faulty.new, "others": both[1:]}
    told = await asked(officer, f"{faulty.path}/preview", body)
    foreseen = {row["id"]: row["afterCenti"] for row in told["ways"][0]["rows"]}
    before = {str(one.attempt_id): one.score.total_centi for one in await newest(world, faulty)}
    await asked(officer, faulty.path, {"corrections": both, "reason": REASON})
    await asked(second, f"{faulty.path}/1/decide", {"agree": True})
    after = {str(one.attempt_id): one.score.total_centi for one in await newest(world, faulty)}
    assert after == before | foreseen
    assert after != before


async def test_what_cannot_be_a_correction_is_refused(world: World, faulty: Faulty) -> None:
    officer = await world.staff("officer")
    for keys in ([0b11], [1 << 7], [], [1, 2]):
        correction = {"version": faulty.version, "remedy": "new_key", "keys": keys}
        refused = await asked(
            officer, faulty.path, {"corrections": [correction], "reason": REASON}, status=400
        )
        assert refused["type"] == "/problems/correction-not-sound", keys
    unknown = {"version": "0" * 32, "remedy": "full_marks", "keys": []}
    await asked(officer, faulty.path, {"corrections": [unknown], "reason": REASON}, status=400)
    nothing = await asked(officer, faulty.path, {"corrections": [], "reason": REASON}, status=400)
    assert nothing["type"] == "/problems/correction-not-sound"


async def test_a_removal_that_leaves_nothing_is_named_and_refused(world: World, faulty: Faulty) -> None:
    singles = [
        one for one, key in (await world.keys(faulty.sitting.id)).items() if one == faulty.version or key > 2
    ]
    officer = await world.staff("officer")
    marking = await world.exam.shelf.marking(faulty.sitting.id)
    singles = [one for one, kind in marking.book.kinds.items() if kind == "single"]
    others = [{"version": one, "remedy": "remove_rescale", "keys": []} for one in singles]
    mine = [one for one in others if one["version"] != faulty.version]
    told = await asked(
        officer, f"{faulty.path}/preview", {"version": faulty.version, "newKey": None, "others": mine}
    )
    assert {way["remedy"]: way["impossible"] for way in told["ways"]} == {
        "full_marks": 0,
        "remove_rescale": 4,
    }
    refused = await asked(officer, faulty.path, {"corrections": others, "reason": REASON}, status=409)
    assert refused["type"] == "/problems/nothing-left"


async def test_nothing_is_ruled_while_the_session_is_open(world: World) -> None:
    sitting = await small_sitting(world, people=1)
    officer = await world.staff("officer")
    keys = await world.keys(sitting.id)
    body = {"version": min(keys), "newKey": None}
    refused = await asked(officer, f"/api/sessions/{sitting.id}/rulings/preview", body, status=409)
    assert refused["type"] == "/problems/session-not-over"


async def test_a_declined_ruling_changes_nothing_and_makes_room(world: World, faulty: Faulty) -> None:
    officer, second = await world.staff("officer"), await world.staff("officer")
    ask = {"corrections": [faulty.correction()], "reason": REASON}
    await asked(officer, faulty.path, ask)
    declined = await asked(second, f"{faulty.path}/1/decide", {"agree": False, "reason": "依据不足"})
    assert [(one["state"], one["decidedReason"]) for one in declined["rulings"]] == [("declined", "依据不足")]
    await asked(officer, faulty.path, ask)
    await asked(officer, f"{faulty.path}/2/decide", {"agree": False})  # withdrawn by who proposed it
    assert [one[2] for one in await scores(faulty)] == [1, 1, 1, 1]


async def test_keys_and_names_stay_with_those_who_may_rule(world: World, faulty: Faulty) -> None:
    """The pool is the department's: nobody else sees its keys, not even the session's institution."""
    paths = (
        f"/api/sessions/{faulty.sitting.id}/statistics",
        f"/api/sessions/{faulty.sitting.id}/statistics.xlsx",
        faulty.path,
    )
    admin = await world.staff("institution-admin")
    for path in paths:
        assert (await admin.get(path)).status_code == 404, path
    preview = {"version": faulty.version, "newKey": None}
    assert (await admin.post(f"{faulty.path}/preview", json=preview)).status_code == 404
    author = await world.staff("item-author")
    assert (await author.get(paths[0])).status_code == 200
    assert (await author.get(faulty.path)).status_code == 403
    for role in ("invigilator", "operator", "employer-clerk"):
        client = await world.staff(role)
        for path in paths:
            assert (await client.get(path)).status_code in {401, 403}, (role, path)
    for path in (*paths, "/api/statistics", "/api/reviews"):
        assert (await faulty.devices[0].http.get(path)).status_code == 403, path


async def test_the_statistics_name_the_suspect_key_first(world: World) -> None:
    sitting = await small_sitting(world, people=50)
    keys = await world.keys(sitting.id)
    version = min(one for one, key in keys.items() if key > 2)
    for n, person in enumerate(sitting.people):
        able = n % 2 == 0
        # The able choose what is right in the world, the others what the key says.
        but = {version: 1 if able else keys[version]}
        await sit(world, sitting, person, first_right(keys, 8 if able else 1 + n % 3, but=but))
    await over(world, sitting)
    author = await world.staff("item-author")
    listed = (await asked(author, "/api/statistics"))["sessions"]
    assert [(one["id"], one["scored"], one["mayRule"]) for one in listed] == [(str(sitting.id), 50, False)]
    told = await asked(author, f"/api/sessions/{sitting.id}/statistics")
    suspect = told["items"][0]
    assert (suspect["version"], told["candidates"], told["complete"]) == (version, 50, True)
    assert "suspect_key" in suspect["flags"]
    assert (suspect["p"], suspect["seen"], suspect["medianMs"]) == (0.5, 50, 10_000)
    assert sum(option["count"] for option in suspect["options"]) + suspect["blank"] == 50
    assert [option["right"] for option in suspect["options"]].count(True) == 1
    assert told["alpha"] is not None
    names = {person.name for person in sitting.people}
    assert not any(name in str(told) for name in names)
    book = await author.get(f"/api/sessions/{sitting.id}/statistics.xlsx")
    assert book.content.startswith(b"PK")


async def test_statistics_after_a_removal_use_marks_that_are_not_rescaled(
    world: World, faulty: Faulty
) -> None:
    officer = await world.staff("officer")
    path = f"/api/sessions/{faulty.sitting.id}/statistics"
    before = (await asked(officer, path))["items"]
    await agreed(world, faulty, "remove_rescale")
    after = (await asked(officer, path))["items"]
    assert [one.pop("correctedBy") for one in after if one["version"] == faulty.version] == ["voided"]
    for one in (*before, *after):
        one.pop("correctedBy", None)
    assert after == before


async def test_the_waiting_ruling_is_named_to_the_second_officer_only(world: World, faulty: Faulty) -> None:
    officer = await world.staff("officer")
    await asked(officer, faulty.path, {"corrections": [faulty.correction()], "reason": REASON})
    world.clock.at += MINUTE
    listed = await asked(await world.staff("officer"), "/api/rescoring/waiting")
    assert [(one["sessionId"], one["number"]) for one in listed["rulings"]] == [(str(faulty.sitting.id), 1)]
    assert (await asked(officer, "/api/rescoring/waiting"))["rulings"] == []


async def test_who_is_scored_after_a_ruling_keeps_one_run_and_one_receipt(world: World) -> None:
    sitting = await small_sitting(world, people=2)
    keys = await world.keys(sitting.id)
    version = min(one for one, key in keys.items() if key > 2)
    answer = first_right(keys, 5, but={version: 1})
    first = await sit(world, sitting, sitting.people[0], answer)
    last = await sit(world, sitting, sitting.people[1], answer, hand_in=False)
    await over(world, sitting)
    await agreed(world, Faulty(sitting, [first, last], version, keys[version], 1))
    told = (await last.submit()).json()
    again = (await last.submit()).json()
    assert (told["durable"], told["result"]["run"], told["result"]["scoreCenti"]) == (True, 2, 6_000)
    assert (again["result"], again["receipt"]) == (told["result"], told["receipt"])
