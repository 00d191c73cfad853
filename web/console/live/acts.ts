/** What staff may do to a running attempt. */
export type ActName = "message" | "pause" | "resume" | "extend" | "takeover" | "terminate" | "void";
