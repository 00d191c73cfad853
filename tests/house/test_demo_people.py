"""Each person of the demo belongs to one browser story: a code a minute, an exam once."""

import re
from collections import defaultdict
from pathlib import Path

from exam_api.demo.load import DESK_PEOPLE, PHONE_PEOPLE

STORIES = Path(__file__).parents[1] / "browser"


def test_no_two_browser_stories_share_a_person() -> None:
    users: defaultdict[str, set[str]] = defaultdict(set)
    for story in STORIES.glob("*.py"):
        text = story.read_text(encoding="utf-8")
        for name in (*PHONE_PEOPLE, *DESK_PEOPLE):
            if f'"{name}"' in text:
                users[name].add(story.name)
        for place in re.findall(r"DESK_PEOPLE\[(\d+)\]", text):
            users[DESK_PEOPLE[int(place)]].add(story.name)
    assert {name: sorted(files) for name, files in users.items() if len(files) > 1} == {}
    assert users
