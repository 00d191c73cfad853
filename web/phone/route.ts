/** Which screen is shown, kept in the address after the hash: a reload stays where it was. */
import { ref } from "vue";

export const SCREENS = ["login", "ticket", "exams", "prepare", "wait", "practice", "exam", "result", "mine"] as const;
export type Screen = (typeof SCREENS)[number];

export interface Route {
  readonly screen: Screen;
  /** Registration and attempt, where the screen is about one. */
  readonly id: string;
}

function read(): Route {
  const [, screen = "", id = ""] = location.hash.split("/");
  return { screen: SCREENS.find((one) => one === screen) ?? "exams", id };
}

export const route = ref<Route>(read());
window.addEventListener("hashchange", () => (route.value = read()));

export function go(screen: Screen, id = "", replace = false): void {
  const hash = id ? `#/${screen}/${id}` : `#/${screen}`;
  if (replace) {
    history.replaceState(null, "", hash);
    route.value = read();
  } else {
    location.hash = hash;
  }
}
