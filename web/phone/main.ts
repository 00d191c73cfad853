/** Entry of the candidates' phone page. */
import "@kit/tokens.css";
import "@kit/theme.css";
import "@kit/base.css";
import { createApp } from "vue";

import { language, speak } from "@kit/i18n";
import { sizeOf } from "@kit/exam/size";
import { registerShell } from "@kit/shell";

import Phone from "./Phone.vue";

sizeOf();
speak(language.value);
createApp(Phone).mount("#app");
if (import.meta.env.PROD) registerShell("/phone/");
