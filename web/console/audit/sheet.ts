/** Acts of two persons as a workbook. */
import type { Agreement } from "../ask.audit";
import { dayTime } from "../days";
import type { DataColumn } from "../parts/column";
import { say } from "../say";
import { standingOf } from "./pair";

const at = (ms: number): string => (ms === 0 ? "" : dayTime(ms));

export const pairSheet = (nowMs: number): DataColumn<Agreement>[] => [
  { key: "act", label: say("audit.col.act"), width: "", words: (one) => say(`pair.act.${one.act}`) },
  { key: "label", label: say("people.ticket"), width: "" },
  { key: "session", label: say("tickets.exam"), width: "" },
  { key: "institution", label: say("audit.col.org"), width: "" },
  { key: "reason", label: say("lost.reason"), width: "" },
  { key: "askedBy", label: say("pair.col.asked.by"), width: "" },
  { key: "askedMs", label: say("pair.col.asked"), width: "", words: (one) => at(one.askedMs) },
  { key: "untilMs", label: say("pair.col.until"), width: "", words: (one) => at(one.untilMs) },
  { key: "standing", label: say("live.col.state"), width: "", words: (one) => say(`pair.standing.${standingOf(one, nowMs)}`) },
  { key: "answeredBy", label: say("pair.col.answered.by"), width: "" },
  { key: "answeredMs", label: say("pair.col.answered"), width: "", words: (one) => at(one.answeredMs) },
  { key: "usedMs", label: say("pair.col.used"), width: "", words: (one) => at(one.usedMs) },
];
