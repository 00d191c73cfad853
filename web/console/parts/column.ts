/** One column of a long table. */
export interface Column {
  key: string;
  label: string;
  /** CSS grid track. */
  width: string;
  right?: boolean;
}

/** A column of a data table: how it is sorted, searched, filtered and written to Excel follows from two functions. */
export interface DataColumn<T> extends Column {
  /** What it is sorted by; without it the row's own field of this name. */
  value?: (row: T) => string | number | boolean | null;
  /** What stands in the cell, for search, filters and Excel; without it the value as text. */
  words?: (row: T) => string;
  /** `choice`: one of the words that occur; `text`: a part of them. */
  filter?: "choice" | "text";
  /** Holds buttons only: not sorted, not searched, not exported, its label read aloud but not shown. */
  bare?: boolean;
}
