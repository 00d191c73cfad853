import type { Translation } from "@kit/i18n";

import type { zhHome } from "./zh.home";

/** The same in English. */
export const enHome: Translation<typeof zhHome> = {
};
