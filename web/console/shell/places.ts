/** What the jump field finds, best first. Pure. */

export interface Target {
  /** `#` address without the hash. */
  to: string;
  title: string;
  /** What it is: a screen, a session of …, a pool. */
  about: string;
}

/** Lines that are shown: what is not among them needs another word. */
const MOST = 12;

/** Every word must occur; what begins with the words stands first. */
export function found(targets: readonly Target[], words: string): readonly Target[] {
  const parts = words.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = targets.filter((one) => {
    const text = `${one.title} ${one.about}`.toLowerCase();
    return parts.every((part) => text.includes(part));
  });
  const begins = (one: Target): number => (parts[0] !== undefined && one.title.toLowerCase().startsWith(parts[0]) ? 0 : 1);
  return hits.sort((a, b) => begins(a) - begins(b)).slice(0, MOST);
}
