/** A wording while it is written. Pure. */
import type { ItemContent, ItemIn } from "../ask.items";

export type Kind = ItemIn["kind"];

export const OPTIONS_MOST = 26;
export const JUDGE_TEXTS = ["正确", "错误"] as const;

export function fresh(): ItemIn {
  return { kind: "single", stem: "", options: ["", "", "", ""].map((text) => ({ text, pinned: false, picture: null })), key: 0, rationale: "", difficulty: 3, outline: "", source: "", pictures: [] };
}

export function draftOf(content: ItemContent): ItemIn {
  return { ...content, options: content.options.map((option) => ({ ...option })), pictures: [...content.pictures] };
}

/** Another kind keeps what fits: a judge item has its two options, one right answer is kept of several. */
export function ofKind(draft: ItemIn, kind: Kind): ItemIn {
  if (kind === "judge") return { ...draft, kind, options: JUDGE_TEXTS.map((text) => ({ text, pinned: false, picture: null })), key: draft.key & 3 && oneOf(draft.key & 3) };
  const options = draft.kind === "judge" ? fresh().options : draft.options;
  const key = draft.kind === "judge" ? 0 : draft.key;
  return { ...draft, kind, options, key: kind === "single" ? oneOf(key) : key };
}

/** The lowest right answer alone. */
const oneOf = (key: number): number => key & -key;

/** A tick at an option: alone for one right answer, beside others for several. */
export function ticked(draft: ItemIn, at: number): ItemIn {
  const bit = 2 ** at;
  return { ...draft, key: draft.kind === "multi" ? draft.key ^ bit : bit };
}

/** Without an option: the right answers move along. */
export function withoutOption(draft: ItemIn, at: number): ItemIn {
  const below = draft.key & (2 ** at - 1);
  const above = (draft.key >> (at + 1)) << at;
  return { ...draft, options: draft.options.filter((_, i) => i !== at), key: below | above };
}
