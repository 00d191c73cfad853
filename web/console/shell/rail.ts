/** How many entries of the rail fit, and which stand behind 更多. Pure. */
import type { IconName } from "../parts/icons";

export interface RailLink {
  to: string;
  label: string;
  icon: IconName;
  current: boolean;
}

export function fitting<T>(links: readonly T[], room: number): { shown: readonly T[]; more: readonly T[] } {
  if (links.length <= room) return { shown: links, more: [] };
  const shown = Math.max(0, room - 1);
  return { shown: links.slice(0, shown), more: links.slice(shown) };
}
