/** Light or dark: the system's until the person chooses; the choice is kept on this computer. */

import { ref } from "vue";

export type Theme = "light" | "dark";

const KEPT = "kaowu-theme";

export const theme = ref<Theme>("light");

function show(next: Theme): void {
  theme.value = next;
  document.documentElement.dataset.theme = next;
}

function kept(): Theme | null {
  const held = localStorage.getItem(KEPT);
  return held === "light" || held === "dark" ? held : null;
}

export function followTheme(): void {
  const system = matchMedia("(prefers-color-scheme: dark)");
  const ofSystem = (): Theme => (system.matches ? "dark" : "light");
  show(kept() ?? ofSystem());
  system.addEventListener("change", () => {
    if (kept() === null) show(ofSystem());
  });
}

export function switchTheme(): void {
  show(theme.value === "dark" ? "light" : "dark");
  localStorage.setItem(KEPT, theme.value);
}
