/** Identity numbers while they are typed. */
import { expect, it } from "vitest";

import { checkSign, cleanId, fits, groupedId } from "./idno";

it("takes digits, and X only at the end", () => {
  expect(cleanId("63 9901-1978x0305 321x")).toBe("639901197803053216".slice(0, 17));
  expect(cleanId("11010519491231002x")).toBe("11010519491231002X");
});

it("groups six, eight and four", () => {
  expect(groupedId("6399011978")).toBe("639901 1978");
  expect(groupedId("639901197803053216")).toBe("639901 19780305 3216");
});

it("knows the check digit of the standard's own example", () => {
  expect(checkSign("11010519491231002")).toBe("X");
  expect(fits("11010519491231002X")).toBe(true);
  expect(fits("110105194912310021")).toBe(false);
});
