/** What a key means during an exam at a desk. Pure: the key and what is on the screen in, an act out. */

export interface Key {
  key: string;
  ctrl: boolean;
  shift: boolean;
  alt: boolean;
  meta: boolean;
}

export type DeskAct =
  | { act: "choose"; place: number }
  | { act: "previous" | "next" | "gap" | "mark" | "zoom" | "hand-in" | "keys" }
  | { act: "area"; by: 1 | -1 };

/** Letters that move instead of choosing: an item with so many options is chosen from with the arrows. */
const TAKEN: Readonly<Record<string, DeskAct>> = {
  n: { act: "gap" },
  m: { act: "mark" },
  z: { act: "zoom" },
};

const NAMED: Readonly<Record<string, DeskAct>> = {
  ArrowLeft: { act: "previous" },
  ArrowRight: { act: "next" },
  "?": { act: "keys" },
  "？": { act: "keys" },
};

/** The act of a key, or null when it is the browser's. */
export function actOf(pressed: Key, options: number): DeskAct | null {
  if (pressed.alt || pressed.meta) return null;
  if (pressed.key === "F6") return { act: "area", by: pressed.shift ? -1 : 1 };
  if (pressed.ctrl) return pressed.key === "Enter" ? { act: "hand-in" } : null;
  const named = NAMED[pressed.key];
  if (named) return named;
  const letter = pressed.key.toLowerCase();
  if (!/^[a-z]$/.test(letter)) return null;
  const taken = TAKEN[letter];
  if (taken) return taken;
  const place = letter.charCodeAt(0) - 97;
  return place < options ? { act: "choose", place } : null;
}

/** The last letter that chooses, for the footer: `A–E`. */
export function lastLetter(options: number): string {
  return String.fromCharCode(64 + Math.max(1, Math.min(options, 12)));
}
