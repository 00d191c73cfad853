/** Words on the screen: Chinese is the shape, English must be complete (a missing key is a type error). */
import { ref } from "vue";

export type Language = "zh" | "en";

/** Names in braces inside a message: `"还剩 {n} 分钟"` asks for `n`. */
type Names<Text extends string> = Text extends `${string}{${infer Name}}${infer Rest}` ? Name | Names<Rest> : never;
type Params<Text extends string> = [Names<Text>] extends [never] ? [] : [Record<Names<Text>, string | number>];

/** The same keys in another language. */
export type Translation<Shape> = { readonly [Key in keyof Shape]: string };
export type Translate<Shape extends Record<string, string>> = <Key extends keyof Shape & string>(
  key: Key,
  ...params: Params<Shape[Key]>
) => string;

const KEPT = "kaowu-language";

function kept(): Language {
  try {
    const said = new URLSearchParams(location.search).get("lang") ?? localStorage.getItem(KEPT);
    return said === "en" ? "en" : "zh";
  } catch {
    return "zh";
  }
}

/** The language of this page, kept on the device. */
export const language = ref<Language>(typeof location === "undefined" ? "zh" : kept());

export function speak(next: Language): void {
  language.value = next;
  document.documentElement.lang = next === "zh" ? "zh-CN" : "en";
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    // A browser that keeps nothing asks again next time.
  }
}

/** A function that says a message in the language of the page. */
export function translator<const Shape extends Record<string, string>>(zh: Shape, en: Translation<Shape>): Translate<Shape> {
  return (key, ...params) => {
    const text: string = (language.value === "zh" ? zh : en)[key];
    const [values] = params as [Record<string, string | number>?];
    return values ? text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole)) : text;
  };
}
