import type { Translation } from "@kit/i18n";

import type { zhBlueprint } from "./zh.blueprint";

/** The same in English. */
export const enBlueprint: Translation<typeof zhBlueprint> = {
};
