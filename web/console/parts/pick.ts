/** Which rows are ticked: one, a stretch, all that are shown. Pure. */

export type Ticked = ReadonlySet<string>;

export function toggled(ticked: Ticked, id: string): Ticked {
  const next = new Set(ticked);
  if (!next.delete(id)) next.add(id);
  return next;
}

/** Everything between two rows, both included, is added; an unknown anchor ticks the one row. */
export function stretched(ticked: Ticked, order: readonly string[], anchor: string, id: string): Ticked {
  const [from, to] = [order.indexOf(anchor), order.indexOf(id)];
  if (to < 0) return ticked;
  const start = from < 0 ? to : Math.min(from, to);
  return new Set([...ticked, ...order.slice(start, Math.max(from, to) + 1)]);
}

/** What is ticked but gone from the list is forgotten. */
export function still(ticked: Ticked, present: readonly string[]): Ticked {
  const held = new Set(present);
  const next = [...ticked].filter((id) => held.has(id));
  return next.length === ticked.size ? ticked : new Set(next);
}

export function allTicked(ticked: Ticked, order: readonly string[]): boolean {
  return order.length > 0 && order.every((id) => ticked.has(id));
}
