import { describe, expect, it } from "vitest";

import type { LiveOut, LiveRow, SessionRow } from "../wire";
import { attention, figures, lookOf, LOST_AFTER_MS, matches, remainingMs, tenths } from "./look";
import { happenings, KEPT, written } from "./journal";
import { EventCutter } from "./stream";
import { fromWhole, isAfter, withRow, withRows, withSeen, withTick } from "./table";

const SESSION: SessionRow = {
  id: "s",
  title: "安全员 C2",
  institution: "西宁建安培训学校",
  channel: "desk",
  profile: "c2",
  profileConfirmed: true,
  opensMs: 0,
  closesMs: 0,
  latestEntryMs: 0,
  lengthMs: 5_400_000,
  passCenti: 6000,
  fullCenti: 10_000,
  state: "OPEN",
  registrations: 2,
  armed: true,
  roomCode: "123456",
  lent: false,
};

function row(id: string, given: Partial<LiveRow> = {}): LiveRow {
  return {
    id,
    name: `考生${id}`,
    ticketNo: `2501201${id}`,
    seat: "",
    state: "running",
    answered: 10,
    slots: 100,
    fence: 1,
    startedMs: 1000,
    deadlineMs: 900_000,
    lastSeenMs: 100_000,
    closedMs: 0,
    closeKind: null,
    scoreCenti: null,
    passed: null,
    durable: false,
    lateOps: 0,
    sideOps: 0,
    takeoverAskedMs: 0,
    hidden: 0,
    ...given,
  };
}

function whole(rows: LiveRow[], event = "e1.5"): LiveOut {
  return { serverMs: 100_000, event, session: SESSION, rows };
}

describe("the live table", () => {
  it("stands in the order of the seats, counted as people count", () => {
    const table = fromWhole(
      whole([row("a", { seat: "2-10" }), row("b", { seat: "2-2" }), row("c", { seat: "1-1" }), row("d")]),
      0,
    );
    expect(table.order).toEqual(["c", "b", "a", "d"]);
  });

  it("changes rows in place and keeps every seat where it was", () => {
    const table = fromWhole(whole([row("a", { seat: "1-1" }), row("b", { seat: "1-2" })]), 0);
    const after = withRows(table, { serverMs: 100_500, rows: [row("b", { seat: "0-9", answered: 11 })] }, "e1.6", 0);
    expect(after.order).toBe(table.order);
    expect(after.rows.get("b")?.answered).toBe(11);
    expect(after.rows.get("a")).toBe(table.rows.get("a"));
  });

  it("adds a late registration at the end", () => {
    const table = fromWhole(whole([row("a", { seat: "1-2" })]), 0);
    const after = withRows(table, { serverMs: 1, rows: [row("n", { seat: "1-1" })] }, "e1.6", 0);
    expect(after.order).toEqual(["a", "n"]);
  });

  it("does not apply an event twice after a resume", () => {
    const table = fromWhole(whole([row("a", { answered: 12 })], "e1.7"), 0);
    expect(withRows(table, { serverMs: 1, rows: [row("a", { answered: 3 })] }, "e1.7", 0)).toBe(table);
    expect(withRows(table, { serverMs: 1, rows: [row("a", { answered: 3 })] }, "e1.6", 0)).toBe(table);
  });

  it("takes newer signs of life, and no other change with them", () => {
    const table = fromWhole(whole([row("a", { answered: 12, lastSeenMs: 50 }), row("b", { lastSeenMs: 90 })]), 0);
    const after = withSeen(table, { serverMs: 100_500, seen: { a: 70, b: 80, unknown: 5 } }, "e1.6", 0);
    expect(after.rows.get("a")).toEqual({ ...table.rows.get("a"), lastSeenMs: 70 });
    expect(after.rows.get("b")).toBe(table.rows.get("b"));
    expect([after.rows.size, after.event]).toEqual([2, "e1.6"]);
    expect(withSeen(after, { serverMs: 1, seen: { a: 99 } }, "e1.6", 0)).toBe(after);
  });

  it("takes the whole again with the places people remember", () => {
    const table = fromWhole(whole([row("a", { seat: "1-1" }), row("b", { seat: "1-2" })]), 0);
    const moved = whole([row("b", { seat: "1-1" }), row("c", { seat: "0-1" }), row("a", { seat: "9-9" })], "e2.1");
    expect(fromWhole(moved, 0, table).order).toEqual(["a", "b", "c"]);
  });

  it("drops a row that the new whole no longer has", () => {
    const table = fromWhole(whole([row("a"), row("b")]), 0);
    expect(fromWhole(whole([row("b")], "e2.1"), 0, table).order).toEqual(["b"]);
  });

  it("forgets the places of another session", () => {
    const table = fromWhole(whole([row("b", { seat: "9" }), row("a", { seat: "8" })]), 0);
    const other = { ...whole([row("b", { seat: "1" }), row("a", { seat: "2" })]), session: { ...SESSION, id: "t" } };
    expect(fromWhole(other, 0, table).order).toEqual(["b", "a"]);
  });

  it("takes the reply of an own act only for a row it holds", () => {
    const table = fromWhole(whole([row("a")]), 0);
    expect(withRow(table, row("a", { state: "paused" })).rows.get("a")?.state).toBe("paused");
    expect(withRow(table, row("z"))).toBe(table);
  });

  it("follows the clock of the service", () => {
    expect(withTick(fromWhole(whole([]), 0), 7000, 2000).aheadMs).toBe(5000);
  });

  it.each([
    ["e1.6", "e1.5", true],
    ["e1.10", "e1.9", true],
    ["e1.5", "e1.5", false],
    ["e2.1", "e1.9", true],
    ["", "e1.9", true],
  ])("event %s after %s: %s", (event, held, after) => {
    expect(isAfter(event, held)).toBe(after);
  });
});

describe("how a candidate stands", () => {
  it("is lost only after three missed heartbeats", () => {
    expect(lookOf(row("a"), 100_000 + LOST_AFTER_MS)).toBe("running");
    expect(lookOf(row("a"), 100_001 + LOST_AFTER_MS)).toBe("lost");
  });

  it("is not lost once handed in", () => {
    expect(lookOf(row("a", { state: "closed" }), 9e9)).toBe("closed");
  });

  it("has time left while the clock runs, and none told while it stands", () => {
    expect(remainingMs(row("a"), 100_000)).toBe(800_000);
    expect(remainingMs(row("a"), 1_000_000)).toBe(0);
    expect(remainingMs(row("a", { state: "paused" }), 100_000)).toBeNull();
  });

  it("is found by name, seat and ticket number", () => {
    expect(["考生", "3-7", "250120"].map((words) => matches(row("1", { seat: "3-7" }), words))).toEqual([
      true,
      true,
      true,
    ]);
    expect(matches(row("1"), "王")).toBe(false);
  });
});

describe("what needs a person", () => {
  it("is nothing in a calm room", () => {
    expect(attention([row("a"), row("b", { state: "closed", hidden: 9 })], 100_000)).toEqual([]);
  });

  it("puts the one who waits for a code before silence", () => {
    const found = attention([row("a", { lastSeenMs: 1 }), row("b", { takeoverAskedMs: 99_000 })], 100_000);
    expect(found.map((f) => f.reason)).toEqual(["takeover", "lost"]);
  });

  it("says many lost at once as one sentence", () => {
    const silent = ["a", "b", "c", "d", "e"].map((id) => row(id, { lastSeenMs: 1 }));
    expect(attention(silent, 100_000)).toMatchObject([{ reason: "lost-many", count: 5 }]);
    expect(attention(silent.slice(1), 100_000)).toHaveLength(4);
  });

  it("counts the room", () => {
    const rows = [
      row("a"),
      row("b", { answered: 90, lastSeenMs: 1 }),
      row("c", { state: "closed", passed: true }),
      row("d", { state: "ready" }),
    ];
    expect(figures(rows, 100_000)).toEqual({
      all: 4,
      arrived: 3,
      running: 2,
      paused: 0,
      closed: 1,
      lost: 1,
      passed: 1,
      medianAnswered: 10,
      slots: 100,
      remainingMs: 800_000,
    });
  });

  it("bars a paper by tenths", () => {
    expect(tenths([row("a", { answered: 100 }), row("b"), row("c", { state: "ready" })])).toEqual([
      0, 1, 0, 0, 0, 0, 0, 0, 0, 1,
    ]);
  });
});

describe("the journal", () => {
  it("says a hand-in with its score and the time it was made", () => {
    const after = row("a", { state: "closed", closedMs: 77, scoreCenti: 8400, passed: true });
    expect(happenings(row("a"), after, 100)).toMatchObject([{ what: "handed-in", atMs: 77, scoreCenti: 8400 }]);
  });

  it("says a hand-in once, with the score that came after it", () => {
    const closed = row("a", { state: "closed", closedMs: 77 });
    const scored = row("a", { state: "closed", closedMs: 77, scoreCenti: 3300, passed: false });
    const first = written([], happenings(row("a"), closed, 100));
    expect(first).toMatchObject([{ what: "handed-in", scoreCenti: null }]);
    expect(written(first, happenings(closed, scored, 101))).toMatchObject([{ what: "handed-in", scoreCenti: 3300 }]);
    expect(happenings(scored, { ...scored, scoreCenti: 6100 }, 102)).toMatchObject([{ what: "rescored" }]);
  });

  it("says more time by how much", () => {
    expect(happenings(row("a"), row("a", { deadlineMs: 1_200_000 }), 100)).toMatchObject([
      { what: "extended", ms: 300_000 },
    ]);
  });

  it("says nothing of a deadline that a resume moved", () => {
    const found = happenings(row("a", { state: "paused" }), row("a", { deadlineMs: 1_200_000 }), 100);
    expect(found.map((f) => f.what)).toEqual(["resumed"]);
  });

  it("says nothing of answers", () => {
    expect(happenings(row("a"), row("a", { answered: 11 }), 100)).toEqual([]);
  });

  it("keeps the newest first and not more than it should", () => {
    const news = Array.from({ length: KEPT + 5 }, (_, i) =>
      happenings(row("a"), row("a", { state: "paused" }), i),
    ).flat();
    const kept = written([], news);
    expect(kept).toHaveLength(KEPT);
    expect(kept[0]?.atMs).toBe(KEPT + 4);
  });
});

describe("the event stream", () => {
  it("is cut into events wherever the net cuts it", () => {
    const cutter = new EventCutter();
    expect(cutter.push("id: e1.6\nevent: ro")).toEqual([]);
    expect(cutter.push('ws\ndata: {"a":\ndata: 1}\n\n: beat\n\nev')).toEqual([
      { id: "e1.6", name: "rows", data: '{"a":\n1}' },
      { id: "", name: "comment", data: "" },
    ]);
    expect(cutter.push("ent: again\ndata: {}\n\n")).toEqual([{ id: "", name: "again", data: "{}" }]);
  });
});
