/** Words of lost time, in English. */
import type { Translation } from "@kit/i18n";

import type { zhFair } from "./zh.fair";

export const enFair: Translation<typeof zhFair> = {
  "lost.title": "Interruptions and time given",
  "lost.room": "{n} seats were interrupted together; being looked at, nobody is handed in before",
  "lost.given": "{n} seats were given time, {time} in all",
  "lost.asked": "Asked by the candidate",
  "lost.seen": "One seat interrupted",
  "lost.page-dead": "Page dead for {time} ({from}–{to})",
  "lost.start-blocked": "Could not enter for {time} ({from}–{to})",
  "lost.paper-blocked": "Could not open the paper for {time} ({from}–{to})",
  "lost.reason": "Reason",
  "lost.reason.power": "Power cut",
  "lost.reason.machine": "The machine failed",
  "lost.reason.own": "The candidate's own doing",
  "lost.give": "Give {time}",
  "lost.decline": "Give none",
  "lost.full": "The institution's 15 minutes are used up; ask the department",
  "lost.law": "Time is given by rule when 60 % of the room (5 seats at least) could not answer together; being offline while the page answers is worth none.",
  "problem.no-lost-time": "Somebody has decided this already",
  "problem.beyond-cap": "More than the institution may give; ask the department",
};
