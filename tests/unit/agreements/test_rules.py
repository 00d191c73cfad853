"""Acts of two persons: another person, with the right, in time, the same act, once."""

from uuid import UUID, uuid4

import msgspec
import pytest

from exam_api.agreements.errors import AgreementNotGood, NoSuchAgreement, SecondPersonNeeded
from exam_api.agreements.rules import (
    LIFE_MS,
    PARTIES,
    RULES,
    Agreement,
    Answer,
    Matter,
    TwoPersonAct,
    answered,
    asked,
    check_use,
    concerns,
    waits_for,
)
from exam_api.people import Login, Role

NOW = 1_800_000_000_000
SCHOOL, OTHER = uuid4(), uuid4()
VOID = Matter(
    act=TwoPersonAct.VOID, object=f"attempt:{uuid4()}", org=SCHOOL, body={"session": "s", "reason": "替考"}
)
PAPER = msgspec.structs.replace(VOID, act=TwoPersonAct.SHOW_PAPER)


def person(role: Role = Role.OFFICER, institution_id: UUID | None = None) -> Login:
    return Login(
        id=uuid4(),
        role=role,
        subject_id=uuid4(),
        institution_id=institution_id,
        name="何主任",
        since_ms=NOW,
        until_ms=NOW + 1,
    )


ASKER, SECOND = person(), person()


def question(matter: Matter = VOID) -> Agreement:
    return asked(uuid4(), matter, ASKER, NOW)


def agreed(matter: Matter = VOID) -> Agreement:
    return answered(question(matter), Answer.AGREED, SECOND, NOW + 1)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("act", TwoPersonAct)
def test_only_those_with_the_right_ask(act: TwoPersonAct, role: Role) -> None:
    matter = msgspec.structs.replace(VOID, act=act)
    if role in RULES[act].ask:
        assert asked(uuid4(), matter, person(role, SCHOOL), NOW).until_ms == NOW + LIFE_MS
        return
    with pytest.raises(SecondPersonNeeded):
        asked(uuid4(), matter, person(role, SCHOOL), NOW)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("own", [True, False])
@pytest.mark.parametrize("matter", [VOID, PAPER], ids=["void", "paper"])
def test_only_those_with_the_right_agree(matter: Matter, role: Role, own: bool) -> None:  # noqa: FBT001 - a case
    second = person(role, SCHOOL if own else OTHER)
    may = role is Role.OFFICER or (role is Role.INSTITUTION_ADMIN and own and matter is VOID)
    asked_now = question(matter)
    assert waits_for(asked_now, second, NOW + 1) is may
    assert concerns(asked_now, second) is may
    if may:
        assert answered(asked_now, Answer.AGREED, second, NOW + 1).answered_by == second.subject_id
        return
    with pytest.raises(NoSuchAgreement):
        answered(asked_now, Answer.AGREED, second, NOW + 1)


@pytest.mark.parametrize("answer", [Answer.AGREED, Answer.DECLINED])
def test_nobody_answers_their_own_question(answer: Answer) -> None:
    with pytest.raises(SecondPersonNeeded) as refused:
        answered(question(), answer, ASKER, NOW + 1)
    assert refused.value.reason == "own"
    assert not waits_for(question(), ASKER, NOW + 1)


def test_a_second_log_in_of_the_same_person_is_the_same_person() -> None:
    again = msgspec.structs.replace(ASKER, id=uuid4())
    with pytest.raises(SecondPersonNeeded):
        answered(question(), Answer.AGREED, again, NOW + 1)


def test_only_who_asked_withdraws() -> None:
    with pytest.raises(SecondPersonNeeded):
        answered(question(), Answer.WITHDRAWN, SECOND, NOW + 1)
    assert answered(question(), Answer.WITHDRAWN, ASKER, NOW + 1).answer is Answer.WITHDRAWN


@pytest.mark.parametrize("first", [Answer.AGREED, Answer.DECLINED])
def test_an_answer_stands(first: Answer) -> None:
    told = answered(question(), first, SECOND, NOW + 1)
    with pytest.raises(AgreementNotGood) as refused:
        answered(told, Answer.DECLINED, person(), NOW + 2)
    assert refused.value.reason == "answered"


def test_nobody_answers_after_a_quarter_of_an_hour() -> None:
    assert answered(question(), Answer.AGREED, SECOND, NOW + LIFE_MS - 1).answer is Answer.AGREED
    with pytest.raises(AgreementNotGood) as refused:
        answered(question(), Answer.AGREED, SECOND, NOW + LIFE_MS)
    assert refused.value.reason == "over"
    assert not waits_for(question(), SECOND, NOW + LIFE_MS)


def test_what_was_agreed_to_may_be_done() -> None:
    check_use(agreed(), VOID, ASKER, NOW + LIFE_MS - 1)


OTHERS = {
    "other-person": (agreed(), VOID, SECOND, NOW + 2),
    "over": (agreed(), VOID, ASKER, NOW + LIFE_MS),
    "waiting": (question(), VOID, ASKER, NOW + 2),
    "declined": (answered(question(), Answer.DECLINED, SECOND, NOW + 1), VOID, ASKER, NOW + 2),
    "withdrawn": (answered(question(), Answer.WITHDRAWN, ASKER, NOW + 1), VOID, ASKER, NOW + 2),
    "used": (msgspec.structs.replace(agreed(), used_ms=NOW + 2), VOID, ASKER, NOW + 3),
}


@pytest.mark.parametrize("reason", OTHERS)
def test_nothing_else_is_good_enough(reason: str) -> None:
    with pytest.raises(AgreementNotGood) as refused:
        check_use(*OTHERS[reason])
    assert refused.value.reason == reason


@pytest.mark.parametrize(
    "other",
    [
        PAPER,
        msgspec.structs.replace(VOID, object=f"attempt:{uuid4()}"),
        msgspec.structs.replace(VOID, body={"session": "s", "reason": "另一个理由"}),
        msgspec.structs.replace(VOID, body={"session": "t", "reason": "替考"}),
    ],
    ids=["act", "object", "reason", "session"],
)
def test_an_agreement_is_good_for_its_own_matter_only(other: Matter) -> None:
    with pytest.raises(AgreementNotGood) as refused:
        check_use(agreed(), other, ASKER, NOW + 2)
    assert refused.value.reason == "other-act"


def test_the_digest_depends_on_meaning_not_on_order() -> None:
    turned = msgspec.structs.replace(VOID, body=dict(reversed(VOID.body.items())))
    assert turned.digest() == VOID.digest()


def test_the_parties_are_those_of_the_rules() -> None:
    assert set(PARTIES) == {Role.OFFICER, Role.INSTITUTION_ADMIN}
