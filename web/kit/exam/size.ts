/** The three text sizes, kept per person on the device. */
import { ref } from "vue";

export const SIZES = ["m", "l", "xl"] as const;
export type Size = (typeof SIZES)[number];

const KEPT = "kaowu-size";

/** The size in use; the root element bears it. */
export const size = ref<Size>("m");
let person = "";

function read(key: string): Size | null {
  try {
    return SIZES.find((one) => one === localStorage.getItem(key)) ?? null;
  } catch {
    return null;
  }
}

/** Take up the size of a person, or the last one used on this device. */
export function sizeOf(name = ""): void {
  person = name;
  setSize(read(`${KEPT}:${person}`) ?? read(KEPT) ?? "m");
}

export function setSize(next: Size): void {
  size.value = next;
  document.documentElement.dataset["size"] = next;
  try {
    localStorage.setItem(KEPT, next);
    if (person) localStorage.setItem(`${KEPT}:${person}`, next);
  } catch {
    // Kept for this page only.
  }
}
