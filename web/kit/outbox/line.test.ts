import { expect, it } from "vitest";

import { Problem } from "../api";
import { newLine, refusedBy } from "./line";

it("a line that came late stays open while the room's lost time is looked at", () => {
  const late = { ...newLine(1, { seq: 0, head: null }, []), mode: "late" as const };
  const awaited = new Problem("verdict-awaited", 503, {}, 3_000);
  expect(refusedBy(late, awaited).line.mode).toBe("open");
  expect(refusedBy(late, new Problem("live-away", 503, {}, 3_000)).line.mode).toBe("late");
});
