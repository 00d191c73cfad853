/** Reading aloud where the browser can; elsewhere the button is not shown. */
import { ref } from "vue";

export const canSpeak = typeof window !== "undefined" && "speechSynthesis" in window;

/** What is being read: a name given by the reader, empty when silent. */
export const reading = ref("");

export function stopReading(): void {
  reading.value = "";
  if (canSpeak) speechSynthesis.cancel();
}

/** Read a text; the same name again stops. */
export function readAloud(name: string, text: string): void {
  const again = reading.value === name;
  stopReading();
  if (!canSpeak || again) return;
  const utterance = new SpeechSynthesisUtterance(text);
  utterance.lang = /[\u4e00-\u9fff]/.test(text) ? "zh-CN" : "en-US";
  utterance.rate = 0.9;
  utterance.onend = () => {
    if (reading.value === name) reading.value = "";
  };
  utterance.onerror = utterance.onend;
  reading.value = name;
  speechSynthesis.speak(utterance);
}
