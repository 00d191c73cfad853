"""What several migrations do alike: wait for locks briefly, and make tables that only ever grow."""

from collections.abc import Sequence

from alembic import op

LOCK_TIMEOUT = "3s"
"""A migration that cannot get its lock gives up, so that the exam's own statements do not queue behind it."""

_WHY = "are never changed"

_REFUSE_PUBLISHED = """
CREATE FUNCTION refuse_change_of_published() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE held uuid := CASE WHEN TG_OP = 'INSERT' THEN NEW.pool_version_id ELSE OLD.pool_version_id END;
BEGIN
  IF (SELECT published_ms FROM pool_version WHERE id = held) > 0 THEN
    RAISE EXCEPTION 'rows of % are never changed once published', TG_TABLE_NAME USING ERRCODE = '23000';
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""

_REFUSE_BUT_OF_REHEARSALS = """
CREATE FUNCTION refuse_change_but_of_rehearsals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'DELETE' AND EXISTS (
    SELECT 1 FROM registration r JOIN session s ON s.id = r.session_id
    WHERE r.id = OLD.attempt_id AND s.rehearsal
  ) THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'rows of % are never changed', TG_TABLE_NAME USING ERRCODE = '23000';
END $$
"""

_OF_REHEARSAL = (
    "EXISTS (SELECT 1 FROM registration r JOIN session s ON s.id = r.session_id "
    "WHERE r.id = OLD.attempt_id AND s.rehearsal)"
)


def lock_briefly() -> None:
    """Give up waiting for a lock after `LOCK_TIMEOUT` (SQLite waits as its connection is told to)."""
    if is_postgres():
        op.execute(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT}'")


def is_postgres() -> bool:
    """Whether the database is PostgreSQL; else it is SQLite."""
    return op.get_bind().dialect.name == "postgresql"


def refusal_of_changes() -> None:
    """Create what `keep_rows` hangs on its tables."""
    if is_postgres():
        op.execute(
            "CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION 'rows of % {_WHY}', TG_TABLE_NAME USING ERRCODE = '23000'; END $$"
        )


def keep_rows(tables: Sequence[str]) -> None:
    """Refuse every UPDATE and DELETE of these tables' rows, whoever asks."""
    for table in tables:
        if is_postgres():
            op.execute(
                f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
            )
            continue
        for act in ("update", "delete"):
            op.execute(
                f"CREATE TRIGGER keep_{table}_{act} BEFORE {act.upper()} ON {table} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} {_WHY}'); END"
            )


def keep_published() -> None:
    """Refuse changes to what a published pool version holds, and to the version itself."""
    if is_postgres():
        _keep_published_postgres()
        return
    own = "OLD.published_ms > 0"
    for act in ("update", "delete"):
        _sqlite_trigger(f"keep_published_pool_version_{act}", act, "pool_version", own)
    for table in ("pool_version_item", "pool_version_set"):
        for act, row in (("insert", "NEW"), ("update", "OLD"), ("delete", "OLD")):
            held = f"(SELECT published_ms FROM pool_version WHERE id = {row}.pool_version_id) > 0"  # noqa: S608 - as above
            _sqlite_trigger(f"keep_published_{table}_{act}", act, table, held)


def _sqlite_trigger(name: str, act: str, table: str, when: str) -> None:
    op.execute(
        f"CREATE TRIGGER {name} BEFORE {act.upper()} ON {table} WHEN {when} "
        f"BEGIN SELECT RAISE(ABORT, 'rows of {table} {_WHY} once published'); END"
    )


def _keep_published_postgres() -> None:
    op.execute(_REFUSE_PUBLISHED)
    op.execute(
        "CREATE TRIGGER keep_published_pool_version BEFORE UPDATE OR DELETE ON pool_version "
        "FOR EACH ROW WHEN (OLD.published_ms > 0) EXECUTE FUNCTION refuse_change()"
    )
    for table in ("pool_version_item", "pool_version_set"):
        op.execute(
            f"CREATE TRIGGER keep_published_{table} BEFORE INSERT OR UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_published()"
        )


def free_rehearsals(tables: Sequence[str]) -> None:
    """In place of what `keep_rows` hung there: refuse as before, but let attempts of rehearsals go."""
    if is_postgres():
        op.execute(_REFUSE_BUT_OF_REHEARSALS)
    for table in tables:
        if is_postgres():
            op.execute(f"DROP TRIGGER keep_{table} ON {table}")
            op.execute(
                f"CREATE TRIGGER keep_{table} BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change_but_of_rehearsals()"
            )
            continue
        op.execute(f"DROP TRIGGER keep_{table}_delete")
        op.execute(
            f"CREATE TRIGGER keep_{table}_delete BEFORE DELETE ON {table} WHEN NOT {_OF_REHEARSAL} "
            f"BEGIN SELECT RAISE(ABORT, 'rows of {table} {_WHY}'); END"
        )


def keep_rehearsals_as_they_are() -> None:
    """No session becomes a rehearsal or ceases to be one, and no registration moves to another session."""
    for name, table, column in (
        ("keep_rehearsal", "session", "rehearsal"),
        ("keep_session_of_registration", "registration", "session_id"),
    ):
        if is_postgres():
            op.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} FOR EACH ROW "
                f"WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION refuse_change()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {name} BEFORE UPDATE ON {table} WHEN OLD.{column} <> NEW.{column} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table} {_WHY}'); END"
            )


def drop_function(name: str) -> None:
    """Drop a function of PostgreSQL; SQLite has none."""
    if is_postgres():
        op.execute(f"DROP FUNCTION {name}()")
