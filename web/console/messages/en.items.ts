import type { Translation } from "@kit/i18n";

import type { zhItems } from "./zh.items";

/** The same in English. */
export const enItems: Translation<typeof zhItems> = {
};
