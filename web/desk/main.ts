/** Entry of the exam-room computers' page. */
import "@kit/tokens.css";
import "@kit/theme.css";
import "@kit/base.css";
import "./desk.css";
import { sizeOf } from "@kit/exam/size";
import { language, speak } from "@kit/i18n";
import { registerShell } from "@kit/shell";
import { createApp } from "vue";

import Desk from "./Desk.vue";

sizeOf();
speak(language.value);
createApp(Desk).mount("#app");
if (import.meta.env.PROD) registerShell("/desk/");
