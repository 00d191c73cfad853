/** The desk's own words; those it shares with the phone are in the kit. */
import { translator } from "@kit/i18n";

import { en } from "./messages/en";
import { zh } from "./messages/zh";

export const say = translator(zh, en);
