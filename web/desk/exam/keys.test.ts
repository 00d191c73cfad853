import { describe, expect, it } from "vitest";

import { actOf, lastLetter, type Key } from "./keys";

const key = (name: string, given: Partial<Key> = {}): Key => ({
  key: name,
  ctrl: false,
  shift: false,
  alt: false,
  meta: false,
  ...given,
});

describe("a key at the desk", () => {
  it.each([
    ["a", { act: "choose", place: 0 }],
    ["D", { act: "choose", place: 3 }],
    ["ArrowLeft", { act: "previous" }],
    ["ArrowRight", { act: "next" }],
    ["n", { act: "gap" }],
    ["M", { act: "mark" }],
    ["z", { act: "zoom" }],
    ["?", { act: "keys" }],
    ["F6", { act: "area", by: 1 }],
  ])("%s means %o", (name, act) => {
    expect(actOf(key(name), 5)).toEqual(act);
  });

  it("chooses nothing that is not offered", () => {
    expect(actOf(key("e"), 4)).toBeNull();
    expect(actOf(key("c"), 2)).toBeNull();
  });

  it("hands in only with Ctrl, and leaves the browser its own keys", () => {
    expect(actOf(key("Enter", { ctrl: true }), 4)).toEqual({ act: "hand-in" });
    expect(actOf(key("Enter"), 4)).toBeNull();
    expect(actOf(key("a", { ctrl: true }), 4)).toBeNull();
    expect(actOf(key("ArrowLeft", { alt: true }), 4)).toBeNull();
    expect(actOf(key("F6", { shift: true }), 4)).toEqual({ act: "area", by: -1 });
  });

  it("marks even where an item has thirteen options", () => {
    expect(actOf(key("m"), 14)).toEqual({ act: "mark" });
    expect(lastLetter(14)).toBe("L");
    expect(lastLetter(2)).toBe("B");
  });
});
