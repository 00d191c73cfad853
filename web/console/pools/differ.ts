/** Where two texts differ, letter by letter, so that near duplicates can be compared at a glance. Pure. */

export interface Part {
  text: string;
  own: boolean;
}

/** Longer texts are shown without marks: the table behind the comparison grows with both lengths. */
const LONGEST = 800;

/** The parts of `mine`; `own` are those that `theirs` does not have at this place (longest common subsequence). */
export function differing(mine: string, theirs: string): Part[] {
  const [a, b] = [Array.from(mine), Array.from(theirs)];
  if (a.length > LONGEST || b.length > LONGEST) return [{ text: mine, own: false }];
  const width = b.length + 1;
  const longest = new Uint16Array((a.length + 1) * width);
  const at = (i: number, j: number): number => longest[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1)
    for (let j = b.length - 1; j >= 0; j -= 1)
      longest[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const parts: Part[] = [];
  let j = 0;
  a.forEach((letter, i) => {
    while (j < b.length && letter !== b[j] && at(i, j + 1) >= at(i + 1, j) && at(i, j + 1) === at(i, j)) j += 1;
    const own = j >= b.length || letter !== b[j];
    if (!own) j += 1;
    const last = parts[parts.length - 1];
    if (last?.own === own) last.text += letter;
    else parts.push({ text: letter, own });
  });
  return parts;
}
