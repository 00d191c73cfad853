/** What the row under the time says, for every state of saving: one shape, one word, one colour each. */
import type { OutboxView } from "../outbox/ports";
import { say } from "../say";

export interface Row {
  readonly look: "calm" | "offline" | "back" | "bad" | "info";
  readonly icon: "saved" | "offline" | "look" | "full";
  readonly text: string;
  /** Second part, set apart, only while calm. */
  readonly more: string;
  /** What a tap on the row's button does. */
  readonly act: "" | "retry-storage" | "login" | "write-here";
  readonly actText: string;
}

const plain = { more: "", act: "", actText: "" } as const;

/** The most important thing first: what is safe, then what is missing. */
export function rowOf(view: OutboxView, all: number, desk: boolean): Row {
  const n = view.unsynced;
  const done = view.saved;
  if (!view.writing) return { ...plain, look: "info", icon: "look", text: say("row.tab"), act: "write-here", actText: say("row.tabHere") };
  if (view.row === "storage") {
    return { ...plain, look: "bad", icon: "full", text: say(desk ? "row.storageDesk" : "row.storage"), act: "retry-storage", actText: say("row.retry") };
  }
  if (view.mode === "side") return { ...plain, look: "offline", icon: "look", text: say(desk ? "row.sideDesk" : "row.side") };
  if (view.mode === "late") return { ...plain, look: "offline", icon: "look", text: say("row.late", { n: view.lateItems || n }) };
  if (view.mode === "late-refused") return { ...plain, look: "offline", icon: "look", text: say("row.lateRefused", { n: view.lateItems || n }) };
  if (view.mode === "fork") return { ...plain, look: "bad", icon: "full", text: say("row.fork") };
  if (view.row === "login") return { ...plain, look: "offline", icon: "look", text: say("row.login"), act: "login", actText: say("row.loginAgain") };
  if (view.row === "offline") return { ...plain, look: "offline", icon: "offline", text: say(desk ? "row.offlineDesk" : "row.offline", { n }) };
  if (view.row === "busy") return { ...plain, look: "offline", icon: "offline", text: say(desk ? "row.busyDesk" : "row.busy") };
  if (view.row === "back" && n === 0) return { ...plain, look: "back", icon: "saved", text: say("row.back", { done, all }) };
  return { ...plain, look: "calm", icon: "saved", text: say("row.saved", { done, all }), more: say("row.unsynced", { n }) };
}
