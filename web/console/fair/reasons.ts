/** Ready reasons of a decision about lost time: message keys. */
export const READY = ["lost.reason.power", "lost.reason.machine", "lost.reason.own"] as const;
