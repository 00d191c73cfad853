/** What staff may do to a running attempt. */
export type ActName = "message" | "pause" | "resume" | "extend" | "takeover" | "terminate" | "void" | "paper";

/** Acts that take two persons. */
export type PairName = "void" | "paper";
/** Acts that one person does. */
export type OwnName = Exclude<ActName, PairName>;
