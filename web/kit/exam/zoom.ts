/** A picture full screen with pinch; the part that does it is fetched ahead by whoever shows pictures. */
import { pictureUrl } from "./pictures";

export async function zoom(sha256: string): Promise<void> {
  const { open } = await import("./zoomed");
  open(pictureUrl(sha256));
}
