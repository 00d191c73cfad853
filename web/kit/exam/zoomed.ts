/** Vant's picture viewer, apart, so that only exams with pictures load it. */
// Without Vant's icon font: a tap anywhere closes.
import "vant/es/style/css-variables.css";
import "vant/es/overlay/index.css";
import "vant/es/popup/index.css";
import "vant/es/image/index.css";
import "vant/es/swipe/index.css";
import "vant/es/swipe-item/index.css";
import "vant/es/image-preview/index.css";
import { showImagePreview } from "vant";

export function open(url: string): void {
  showImagePreview({ images: [url], showIndex: false, maxZoom: 5 });
}
