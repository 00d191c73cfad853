import type { Translation } from "@kit/i18n";

import type { zhRescoring } from "./zh.rescoring";

/** The same in English. */
export const enRescoring: Translation<typeof zhRescoring> = {
};
