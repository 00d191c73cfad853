/** What a list shows, as a workbook: the service writes it from the words of the screen and gives it back. */
import { callBytes } from "@kit/api";

import { day } from "./days";
import type { DataColumn } from "./parts/column";
import { wordsOf } from "./parts/sift";

/** Words that are a number stand in their cell as one, in columns set to the right. */
const FIGURE = /^-?\d{1,12}(\.\d{1,6})?$/;

const cell = <T>(row: T, column: DataColumn<T>): string | number => {
  const words = wordsOf(row, column);
  return column.right && FIGURE.test(words) ? Number(words) : words;
};

/** Ask for the workbook and hand it to the browser's downloads. */
export async function saveSheet<T>(title: string, rows: readonly T[], columns: readonly DataColumn<T>[]): Promise<void> {
  const told = columns.filter((column) => !column.bare);
  const body = { title: title.slice(0, 80), heads: told.map((column) => column.label), rows: rows.map((row) => told.map((column) => cell(row, column))) };
  const file = await callBytes("/api/sheets", { method: "POST", body });
  const address = URL.createObjectURL(file);
  const link = document.createElement("a");
  link.href = address;
  link.download = `${title.replace(/[\\/:*?"<>|]/g, " ").slice(0, 40)} ${day(Date.now())}.xlsx`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
