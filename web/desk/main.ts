/** Entry of the exam-room computers' page. */
import "@kit/tokens.css";
import "@kit/theme.css";
import "@kit/base.css";
import "./desk.css";
import { sizeOf } from "@kit/exam/size";
import { createApp } from "vue";

import Desk from "./Desk.vue";

sizeOf();
createApp(Desk).mount("#app");
