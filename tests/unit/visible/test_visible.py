"""Who sees what of a person: every cell of the table against an expectation written down by itself."""

from itertools import product
from uuid import uuid4

import pytest

from exam_api.people import Login, Role
from exam_api.visible import Field, Relation, Show, Sight, relation_to_session, show

SIGNS = {"F": Show.FULL, "O": Show.OPENS, "M": Show.MASKED, "-": Show.NO}

COLUMNS = {
    "own": (Role.CANDIDATE, Relation.OWN),
    "adm/reg": (Role.INSTITUTION_ADMIN, Relation.REGISTERING),
    "adm/lend": (Role.INSTITUTION_ADMIN, Relation.LENDING),
    "adm/imp": (Role.INSTITUTION_ADMIN, Relation.IMPORTING),
    "inv/reg": (Role.INVIGILATOR, Relation.REGISTERING),
    "inv/lend": (Role.INVIGILATOR, Relation.LENDING),
    "clerk": (Role.EMPLOYER_CLERK, Relation.EMPLOYER),
    "officer": (Role.OFFICER, Relation.DEPARTMENT),
    "auditor": (Role.AUDITOR, Relation.AUDITOR),
}

MATRIX = """
              own adm/reg adm/lend adm/imp inv/reg inv/lend clerk officer auditor
name          F   F       M        F       F       M        F     F       F
id-number     F   O       -        O       M       -        M     O       M
phone         F   M       -        M       M       -        M     M       M
employment    F   F       -        F       -       -        F     F       F
given-by      F   -       -        -       -       -        -     F       F
registration  F   F       F        -       F       F        F     F       F
ticket        F   F       F        -       F       F        -     F       F
seat          F   F       F        -       F       F        -     F       F
live          F   F       F        -       F       F        -     F       -
incidents     F   F       F        -       F       F        -     F       F
photos        F   F       -        -       F       -        -     F       -
score         F   F       -        -       F       -        -     F       F
passed        F   F       -        -       F       -        F     F       F
answers       F   -       -        -       -       -        -     F       -
file          F   -       -        -       -       -        -     F       -
consents      F   -       -        -       -       -        -     F       F
log-ins       F   -       -        -       -       -        -     -       -
reasons       F   -       -        -       -       -        -     F       F
requests      F   F       -        -       -       -        -     F       F
"""
"""F whole, M masked, O masked and opened with a reason, - nothing. Every pair without a column: nothing."""


def expected() -> dict[tuple[Field, Role, Relation], Show]:
    head, *lines = [line.split() for line in MATRIX.strip().splitlines()]
    told = dict.fromkeys(product(Field, Role, Relation), Show.NO)
    for name, *signs in lines:
        for column, sign in zip(head, signs, strict=True):
            told[Field(name), *COLUMNS[column]] = SIGNS[sign]
    return told


@pytest.mark.parametrize("relation", Relation)
@pytest.mark.parametrize("role", Role)
def test_every_cell_of_the_table_is_as_written_down(role: Role, relation: Relation) -> None:
    told = expected()
    assert {field: show(field, role, relation) for field in Field} == {
        field: told[field, role, relation] for field in Field
    }


def test_the_written_matrix_names_every_field_once_and_the_table_has_all_cells() -> None:
    names = [line.split()[0] for line in MATRIX.strip().splitlines()[1:]]
    assert sorted(names) == sorted(Field)
    assert len(expected()) == len(Field) * len(Role) * len(Relation) == 1710


def test_of_several_relations_the_one_that_shows_more_counts() -> None:
    sight = Sight(Role.INSTITUTION_ADMIN, frozenset({Relation.LENDING, Relation.IMPORTING}))
    assert sight.text(Field.NAME, "张三丰", "张**") == "张三丰"
    assert sight.text(Field.ID_NUMBER, "630102199001010013", "630102********0013") == "630102********0013"
    assert sight.value(Field.SCORE, 6_000) is None


@pytest.mark.parametrize(
    ("role", "tenant", "relation"),
    [
        (Role.INSTITUTION_ADMIN, "own", Relation.REGISTERING),
        (Role.INVIGILATOR, "own", Relation.REGISTERING),
        (Role.INSTITUTION_ADMIN, "lends", Relation.LENDING),
        (Role.INSTITUTION_ADMIN, "other", Relation.NOBODY),
        (Role.OFFICER, "none", Relation.DEPARTMENT),
        (Role.AUDITOR, "none", Relation.AUDITOR),
        (Role.OPERATOR, "none", Relation.OPERATOR),
        (Role.EMPLOYER_CLERK, "none", Relation.NOBODY),
    ],
)
def test_what_a_login_has_to_do_with_a_session(role: Role, tenant: str, relation: Relation) -> None:
    ids = {"own": uuid4(), "lends": uuid4(), "other": uuid4(), "none": None}
    login = Login(
        id=uuid4(),
        role=role,
        subject_id=uuid4(),
        institution_id=ids[tenant],
        name="工作人员",
        since_ms=0,
        until_ms=1,
    )
    own, lends = ids["own"], ids["lends"]
    assert own is not None
    assert lends is not None
    assert relation_to_session(login, own, frozenset({lends})) == {relation}
