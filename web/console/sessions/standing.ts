/** What a session is doing now, from its stored state and the service's clock. Pure. */

import type { SessionRow } from "../wire";

export type Standing = "draft" | "soon" | "open" | "running" | "over" | "published" | "cancelled";

export function standing(session: SessionRow, nowMs: number): Standing {
  if (session.state === "draft") return "draft";
  if (session.state === "cancelled") return "cancelled";
  if (session.state === "published") return "published";
  if (session.state === "closed" || nowMs >= session.closesMs) return "over";
  if (nowMs >= session.opensMs) return "running";
  return session.armed ? "soon" : "open";
}

const RANK: Record<Standing, number> = { running: 0, soon: 1, open: 2, draft: 3, over: 4, published: 5, cancelled: 6 };

/** Running ones first, then what comes next, then what is past, newest first. */
export function inOrder(sessions: readonly SessionRow[], nowMs: number): SessionRow[] {
  return [...sessions].sort((a, b) => {
    const gap = RANK[standing(a, nowMs)] - RANK[standing(b, nowMs)];
    if (gap !== 0) return gap;
    return standing(a, nowMs) === "over" ? b.opensMs - a.opensMs : a.opensMs - b.opensMs;
  });
}
