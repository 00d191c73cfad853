import { describe, expect, it } from "vitest";

import { correctionOf, figure, letters, placeOn, reachOf, turnOf, withWords } from "./figures";

const row = (beforeCenti: number, afterCenti: number, passedBefore: boolean, passesAfter: boolean) => ({
  id: "x", name: "", ticketNo: "", beforeCenti, afterCenti, passedBefore, passesAfter,
});

describe("keys and figures", () => {
  it("names the options of a mask", () => {
    expect(letters(0b1010)).toBe("BD");
    expect(withWords(0b10, ["第一步", "第二步"])).toBe("B 第二步");
  });

  it("shows a dash for what is not defined and a true minus", () => {
    expect(figure(null)).toBe("–");
    expect(figure(-0.104)).toBe("−0.10");
  });
});

describe("a correction on the wire", () => {
  it("holds the keys that its remedy needs and no others", () => {
    expect(correctionOf("v", "new_key", 2, 4).keys).toEqual([4]);
    expect(correctionOf("v", "accept_several", 2, 4).keys).toEqual([2, 4]);
    expect(correctionOf("v", "full_marks", 2, 4).keys).toEqual([]);
  });
});

describe("arrows over the pass mark", () => {
  it("tells who wins and who loses the pass", () => {
    expect([turnOf(row(5900, 6000, false, true)), turnOf(row(6000, 5900, true, false)), turnOf(row(7000, 6900, true, true))]).toEqual(["won", "lost", "none"]);
  });

  it("keeps everybody inside", () => {
    const rows = [row(100, 6000, false, true)];
    const reach = reachOf(rows, 6000);
    expect(placeOn(6000, 6000, reach)).toBe(50);
    expect(placeOn(100, 6000, reach)).toBeGreaterThanOrEqual(4);
    expect(placeOn(100, 6000, reach)).toBeLessThan(50);
  });
});
