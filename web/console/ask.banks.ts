/** Whole pools as files, handed to the browser's downloads. */
import { callBytes } from "@kit/api";

export type Format = "xlsx" | "json";

/** Making a workbook of some thousand items with pictures takes a while. */
const EXPORT_MS = 180_000;

export async function savePool(id: string, title: string, format: Format): Promise<void> {
  const file = await callBytes(`/api/pools/${id}/export`, { query: { format }, timeoutMs: EXPORT_MS });
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = `${title.replace(/[\\/:*?"<>|]/g, " ").slice(0, 60)}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
