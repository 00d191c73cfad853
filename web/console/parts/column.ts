/** One column of a long table. */
export interface Column {
  key: string;
  label: string;
  /** CSS grid track. */
  width: string;
  right?: boolean;
}
