/** The two things that lie over every screen: the jump field and the list of keys. */
import { onBeforeUnmount, onMounted, ref } from "vue";

import { place } from "../route";

export const opened = ref<"" | "jump" | "keys">("");

export function openJump(): void {
  opened.value = "jump";
}
export function openKeys(): void {
  opened.value = "keys";
}
export function shutOver(): void {
  opened.value = "";
}

/** Where signs are typed, `/` and `?` are signs. */
function types(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.closest("input, textarea, select, [contenteditable]") !== null;
}

function pressed(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || types(event.target)) return;
  if (document.querySelector('[role="dialog"][aria-modal="true"]')?.checkVisibility()) return;
  // The wall has a field of its own for its candidates.
  if (event.key === "/" && place.value.screen !== "live") openJump();
  else if (event.key === "?") openKeys();
  else return;
  event.preventDefault();
}

/** Listen while the console is shown. */
export function followKeys(): void {
  onMounted(() => document.addEventListener("keydown", pressed));
  onBeforeUnmount(() => document.removeEventListener("keydown", pressed));
}
