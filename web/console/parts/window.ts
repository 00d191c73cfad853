/** Which rows of a long list are in the page: those in view and a screenful around them. Pure. */

/** Lists up to this length stand in the page whole, so that the browser's own search finds everything. */
export const WHOLE_UP_TO = 200;

/** Rows beside the view that are kept ready, so that a quick scroll shows no gap. */
const SPARE = 12;

export function windowOf(
  count: number,
  rowHeight: number,
  scrollTop: number,
  viewHeight: number,
  wholeUpTo = WHOLE_UP_TO,
  spare = SPARE,
): { from: number; to: number } {
  if (count <= wholeUpTo) return { from: 0, to: count };
  const first = Math.floor(scrollTop / rowHeight) - spare;
  const last = Math.ceil((scrollTop + viewHeight) / rowHeight) + spare;
  return { from: Math.max(0, Math.min(first, count)), to: Math.min(count, Math.max(0, last)) };
}
