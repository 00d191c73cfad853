/** What the build puts in, said to the type checker. */
/// <reference types="vite/client" />

declare const __SHELL__: { url: string; revision: string | null }[];
declare const __SCOPE__: string;

/** For readers of types that cannot open .vue files (the linter); the type checker itself opens them. */
declare module "*.vue" {
  import type { Component } from "vue";

  const component: Component;
  export default component;
}
