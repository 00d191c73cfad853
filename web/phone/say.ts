/** The phone's words as a function. */
import { translator } from "@kit/i18n";

import { en } from "./messages/en";
import { zh } from "./messages/zh";

export const t = translator(zh, en);
