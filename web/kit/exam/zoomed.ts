/** Vant's picture viewer, apart, so that only exams with pictures load it. */
// Without Vant's icon font: the way out is a picture of its own.
import "vant/es/style/css-variables.css";
import "vant/es/overlay/index.css";
import "vant/es/popup/index.css";
import "vant/es/image/index.css";
import "vant/es/swipe/index.css";
import "vant/es/swipe-item/index.css";
import "vant/es/image-preview/index.css";
import { showImagePreview } from "vant";

const CROSS = "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none' stroke='#fff' stroke-width='2.4' stroke-linecap='round'><path d='M18 6 6 18M6 6l12 12'/></svg>";

export function open(url: string): void {
  const viewer = showImagePreview({
    images: [url], showIndex: false, maxZoom: 5, closeable: true, closeIcon: `data:image/svg+xml,${encodeURIComponent(CROSS)}`,
    onClose: () => document.removeEventListener("keydown", press),
  }) as { close: () => void } | undefined;
  function press(event: KeyboardEvent): void {
    if (event.key === "Escape") viewer?.close();
  }
  document.addEventListener("keydown", press);
}
