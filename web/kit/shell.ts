/** The shell's service worker, and which guards this page has: without https there are fewer, and it says so. */

/** Register the worker of a page; `base` is its folder, e.g. `/phone/`. */
export function registerShell(base: string): void {
  if (!("serviceWorker" in navigator)) return;
  window.addEventListener("load", () => {
    navigator.serviceWorker.register(`${base}sw.js`, { scope: base }).catch(() => {
      // A page without its worker works as long as there is network when it opens.
    });
  });
}

/** A newer shell waits: take it. Only called where no exam is open. */
export async function freshenShell(base: string): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const waiting = (await navigator.serviceWorker.getRegistration(base))?.waiting;
  if (!waiting) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("take-over");
}

export type Guard = "shell" | "camera" | "tabs";

/** Guards that a page outside a secure context lacks. */
export function missingGuards(): Guard[] {
  const missing: Guard[] = [];
  if (!("serviceWorker" in navigator)) missing.push("shell");
  // Typed as always there; outside a secure context it is not.
  if (!(navigator as Partial<Navigator>).mediaDevices) missing.push("camera");
  if (!("locks" in navigator)) missing.push("tabs");
  return missing;
}

/** Ask the browser not to clear what is kept here when space runs short. */
export async function keepForGood(): Promise<boolean> {
  try {
    const storage = (navigator as Partial<Navigator>).storage;
    return (await storage?.persist()) ?? false;
  } catch {
    return false;
  }
}
