/** A swipe to the side, and only that: a scroll or a slanted stroke is none. */

/** How far a finger goes to the side, and how little up or down, in CSS pixels. */
const FAR = 70;
const FLAT = 36;

export function useSwipe(to: { left: () => unknown; right: () => unknown }): { start: (event: TouchEvent) => void; end: (event: TouchEvent) => void } {
  let from: { x: number; y: number } | null = null;
  return {
    start(event) {
      const [touch] = event.touches;
      from = touch && event.touches.length === 1 ? { x: touch.clientX, y: touch.clientY } : null;
    },
    end(event) {
      const [touch] = event.changedTouches;
      if (!from || !touch) return;
      const dx = touch.clientX - from.x;
      const dy = touch.clientY - from.y;
      from = null;
      if (Math.abs(dx) < FAR || Math.abs(dy) > FLAT) return;
      if (dx < 0) to.left();
      else to.right();
    },
  };
}
