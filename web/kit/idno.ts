/** Identity numbers as they are typed: grouping, what is missing, and the last digit by GB 11643. */

export const ID_LENGTH = 18;
const WEIGHTS = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
const CHECKS = "10X98765432";

/** What was typed, without anything that cannot be in a number: X only as the last of 18. */
export function cleanId(typed: string): string {
  const kept = typed.toUpperCase().replace(/[^0-9X]/g, "").slice(0, ID_LENGTH);
  return Array.from(kept).filter((sign, place) => sign !== "X" || place === ID_LENGTH - 1).join("");
}

/** `639901 19780305 3216` */
export function groupedId(id: string): string {
  return [id.slice(0, 6), id.slice(6, 14), id.slice(14)].filter(Boolean).join(" ");
}

/** The last sign that the first 17 ask for. */
export function checkSign(id: string): string {
  const sum = WEIGHTS.reduce((total, weight, place) => total + weight * Number(id[place]), 0);
  return CHECKS[sum % 11] ?? "";
}

export function fits(id: string): boolean {
  return /^[0-9]{17}[0-9X]$/.test(id) && checkSign(id) === id[ID_LENGTH - 1];
}
