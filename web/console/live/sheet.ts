/** The rows of a sitting as a workbook: instants instead of ages, as a file is looked at later. */
import { clockTime, points, span } from "../days";
import type { DataColumn } from "../parts/column";
import { say } from "../say";
import type { LiveRow } from "../wire";
import { lookOf, remainingMs } from "./look";
import { sayLook } from "./words";

export function liveSheet(serverNowMs: number): DataColumn<LiveRow>[] {
  const rest = (row: LiveRow): string => {
    const ms = remainingMs(row, serverNowMs);
    return ms === null ? "" : span(ms);
  };
  return [
    { key: "seat", label: say("people.seat"), width: "" },
    { key: "name", label: say("people.name"), width: "" },
    { key: "ticketNo", label: say("people.ticket"), width: "" },
    { key: "state", label: say("live.col.state"), width: "", words: (row) => sayLook(row, lookOf(row, serverNowMs)) },
    { key: "answered", label: say("live.col.progress"), width: "", right: true },
    { key: "slots", label: say("live.col.slots"), width: "", right: true },
    { key: "lastSeenMs", label: say("live.col.seen"), width: "", words: (row) => (row.lastSeenMs === 0 ? "" : clockTime(row.lastSeenMs)) },
    { key: "rest", label: say("live.col.rest"), width: "", words: rest },
    { key: "scoreCenti", label: say("live.col.score"), width: "", right: true, words: (row) => (row.scoreCenti === null ? "" : points(row.scoreCenti)) },
    { key: "passed", label: say("live.col.verdict"), width: "", words: (row) => (row.passed === null ? "" : say(row.passed ? "passed" : "failed")) },
  ];
}
