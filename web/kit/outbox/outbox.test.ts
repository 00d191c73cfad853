/** The outbox against a server that loses calls, loses replies, goes back in time and hears two devices. */
import { describe, expect, it } from "vitest";

import { NoAnswer, Problem } from "../api";
import { chance, Device, settle } from "../../tests/device";
import { Server } from "../../tests/server";

async function sitting(slots = 10): Promise<{ server: Server; phone: Device }> {
  const server = new Server(slots);
  const phone = new Device(server);
  await phone.open();
  await phone.pass(1000);
  return { server, phone };
}

describe("saving", () => {
  it("brings an answer to the server within a second", async () => {
    const { server, phone } = await sitting();
    await phone.choose(3, 4);
    expect(phone.view.unsynced).toBe(1);
    await phone.pass(1000);
    expect(server.live.answers[3]).toBe(4);
    expect(phone.view).toMatchObject({ unsynced: 0, saved: 1, row: "calm" });
  });

  it("shows no network only after five silent seconds, and for three that it is back", async () => {
    const { phone } = await sitting();
    phone.up = false;
    await phone.choose(0, 1);
    await phone.pass(4500);
    expect(phone.view.row).toBe("calm");
    await phone.pass(2000);
    expect(phone.view.row).toBe("offline");
    phone.up = true;
    phone.outbox.nudge();
    await phone.pass(500);
    expect(phone.view).toMatchObject({ row: "back", unsynced: 0 });
    await phone.pass(4000);
    expect(phone.view.row).toBe("calm");
  });

  it("loses nothing in thirty minutes without network and a reload in between", async () => {
    const { server, phone } = await sitting(40);
    phone.up = false;
    for (let slot = 0; slot < 20; slot += 1) {
      await phone.choose(slot, 1 << (slot % 4));
      await phone.pass(60_000);
    }
    await phone.open();
    for (let slot = 20; slot < 40; slot += 1) {
      await phone.choose(slot, 1 << (slot % 4));
      await phone.pass(30_000);
    }
    expect(phone.view.unsynced).toBe(40);
    phone.up = true;
    await phone.pass(20_000);
    expect(server.live.answers).toEqual(Array.from({ length: 40 }, (_, slot) => 1 << (slot % 4)));
    expect(phone.view.unsynced).toBe(0);
  });

  it("sends again what a restarted server has forgotten", async () => {
    const { server, phone } = await sitting();
    await phone.choose(0, 1);
    await phone.pass(1000);
    server.keep();
    await phone.choose(1, 2);
    await phone.choose(2, 4);
    await phone.pass(1000);
    server.rollback();
    await phone.pass(12_000);
    expect(server.live.answers.slice(0, 3)).toEqual([1, 2, 4]);
  });

  it("starts again when the server has forgotten even the start, and sends all once more", async () => {
    const { server, phone } = await sitting();
    await phone.choose(0, 1);
    await phone.pass(1000);
    server.forgetStart();
    await phone.choose(1, 2);
    await phone.pass(2_000);
    expect(server.live.answers.slice(0, 2)).toEqual([1, 2]);
    expect(phone.view.unsynced).toBe(0);
  });

  it("pauses answering while the device keeps nothing, and goes on when it does again", async () => {
    const { server, phone } = await sitting();
    phone.store.full = true;
    await expect(phone.choose(0, 1)).rejects.toThrow();
    expect(phone.view).toMatchObject({ row: "storage", unsynced: 0 });
    expect(phone.outbox.open).toBe(false);
    phone.store.full = false;
    await phone.outbox.retryStorage();
    await phone.choose(0, 1);
    await phone.pass(1000);
    expect(server.live.answers[0]).toBe(1);
  });

  it("does not let a device whose date is a day wrong change what is left", async () => {
    const { phone } = await sitting();
    phone.skewMs = -86_400_000;
    await phone.choose(0, 1);
    await phone.pass(20_000);
    expect(phone.outbox.open).toBe(true);
    expect(phone.view.jumps).toBe(0);
  });
});

describe("another device", () => {
  it("makes this page read-only, logs its unsent answers beside and offers them to the writer", async () => {
    const { server, phone } = await sitting();
    await phone.choose(0, 1);
    await phone.pass(1000);
    phone.up = false;
    for (const slot of [1, 2, 3, 4, 5]) await phone.choose(slot, 2);
    const second = new Device(server, chance(2), "b");
    await expect(second.open()).rejects.toMatchObject({ slug: "takeover-needed" });
    await second.open({ takeover: true });
    await second.choose(1, 8);
    await second.pass(1000);
    phone.up = true;
    await phone.pass(15_000);
    expect(phone.view.mode).toBe("side");
    expect(phone.outbox.open).toBe(false);
    expect(server.live.side).toHaveLength(5);
    await second.pass(12_000);
    expect(second.view.offers.map((offer) => offer.slot)).toEqual([2, 3, 4, 5]);
    await second.outbox.adoptOffers();
    await second.pass(2000);
    expect(server.live.answers.slice(0, 6)).toEqual([1, 8, 2, 2, 2, 2]);
    expect(second.view.offers).toEqual([]);
  });

  it("logs all it has when the server was taken back behind what it had said it holds", async () => {
    const { server, phone } = await sitting();
    server.keep();
    await phone.choose(0, 1);
    await phone.pass(1000);
    server.rollback();
    phone.up = false;
    await phone.choose(1, 2);
    const second = new Device(server, chance(2), "b");
    await second.open({ takeover: true });
    phone.up = true;
    await phone.pass(15_000);
    expect(server.live.side.map((op) => op.slot)).toEqual([0, 1]);
  });

  it("offers what this storage itself had not delivered before it took over again", async () => {
    const { server, phone } = await sitting();
    phone.up = false;
    await phone.choose(4, 4);
    const second = new Device(server, chance(3), "b");
    await second.open({ takeover: true });
    phone.up = true;
    await expect(phone.open()).rejects.toBeInstanceOf(Problem);
    await phone.open({ takeover: true });
    expect(phone.view.offers).toEqual([{ slot: 4, mask: 4 }]);
  });
});

describe("the end", () => {
  it("hands in, repeats until the result is durable, and then clears the device", async () => {
    const { server, phone } = await sitting();
    await phone.choose(0, 1);
    server.durable = false;
    await phone.outbox.handIn();
    await phone.pass(500);
    expect(phone.view.handedIn?.durable).toBe(false);
    expect(await phone.store.ops(phone.view.attemptId, 1)).toHaveLength(1);
    server.durable = true;
    await phone.pass(8000);
    expect(phone.view.handedIn?.durable).toBe(true);
    expect(await phone.store.ops(phone.view.attemptId, 1)).toHaveLength(0);
    expect(server.live.answers[0]).toBe(1);
  });

  it("goes on after a hand-in whose reply was lost and whose page was killed", async () => {
    const { server, phone } = await sitting();
    phone.lossy = 1;
    await phone.outbox.handIn();
    await phone.pass(300);
    expect(server.live.state).toBe("closed");
    phone.lossy = 0;
    await phone.open();
    await phone.pass(1000);
    expect(phone.view.handedIn?.durable).toBe(true);
  });

  it("keeps a hand-in tapped without network as the last op, read-only from then on", async () => {
    const { server, phone } = await sitting();
    phone.up = false;
    await phone.choose(0, 1);
    await phone.pass(8000);
    await phone.outbox.handIn();
    expect(phone.outbox.open).toBe(false);
    await phone.open();
    expect(phone.outbox.open).toBe(false);
    phone.up = true;
    await phone.pass(15_000);
    expect(server.live.heads).toHaveLength(2);
    expect(phone.view.handedIn?.durable).toBe(true);
  });

  it("ten minutes after the deadline tells how many items came late, and the result stands", async () => {
    const { server, phone } = await sitting();
    phone.up = false;
    for (const slot of [0, 1, 2, 3, 4]) await phone.choose(slot, 1);
    await phone.pass(2_700_000 + 600_000);
    expect(phone.outbox.open).toBe(false);
    server.live.state = "closed";
    phone.up = true;
    await phone.open();
    await phone.pass(15_000);
    expect(phone.view).toMatchObject({ lateItems: 5, handedIn: { result: { lateOps: 5 } } });
    expect(server.live.late).toHaveLength(5);
    expect(server.live.answers[0]).toBe(0);
  });

  it("keeps what came late until the server says that it is on record, and shows the score meanwhile", async () => {
    const { server, phone } = await sitting();
    phone.up = false;
    for (const slot of [0, 1]) await phone.choose(slot, 1);
    await phone.pass(2_700_000 + 600_000);
    server.live.state = "closed";
    server.durable = false;
    phone.up = true;
    await phone.open();
    await phone.pass(15_000);
    expect(phone.view.handedIn).toMatchObject({ durable: false, result: { lateOps: 2 } });
    expect(await phone.store.ops(phone.view.attemptId, 1)).toHaveLength(2);
    server.durable = true;
    await phone.pass(8000);
    expect(phone.view.handedIn?.durable).toBe(true);
    expect(await phone.store.ops(phone.view.attemptId, 1)).toHaveLength(0);
  });

  it("does not hand in by itself while the server says that there is time", async () => {
    const { server, phone } = await sitting();
    server.deadlineMs += 300_000;
    phone.up = false;
    await phone.pass(2_699_000);
    phone.up = true;
    await phone.pass(15_000);
    expect(server.live.state).toBe("running");
    expect(phone.outbox.open).toBe(true);
  });

  it("at the deadline asks the server and shows its result", async () => {
    const { server, phone } = await sitting();
    await phone.choose(0, 1);
    await phone.pass(2_701_500);
    expect(server.live.state).toBe("closed");
    expect(phone.view.handedIn?.durable).toBe(true);
  });
});

it("cannot begin on a device that knows nothing and hears nothing", async () => {
  const phone = new Device(new Server(5));
  phone.up = false;
  await expect(phone.open()).rejects.toBeInstanceOf(NoAnswer);
});

describe.each(Array.from({ length: 60 }, (_, seed) => seed))("random trouble, seed %d", (seed) => {
  it("ends with the server holding exactly what the person chose", async () => {
    const random = chance(seed);
    const server = new Server(12);
    const phone = new Device(server, random);
    await phone.open();
    const chosen = Array.from({ length: 12 }, () => 0);
    for (let step = 0; step < 80; step += 1) {
      const dice = random();
      if (dice < 0.5) {
        const slot = Math.floor(random() * 12);
        const mask = 1 << Math.floor(random() * 4);
        await phone.choose(slot, mask);
        chosen[slot] = mask;
      } else if (dice < 0.6) phone.up = !phone.up;
      else if (dice < 0.68) phone.lossy = phone.lossy ? 0 : 0.6;
      else if (dice < 0.74) server.keep();
      else if (dice < 0.8) server.rollback();
      else if (dice < 0.86) await phone.open();
      else await phone.pass(random() * 9000);
    }
    phone.up = true;
    phone.lossy = 0;
    phone.outbox.nudge();
    await phone.pass(40_000);
    await settle();
    expect(server.forks).toBe(0);
    expect(phone.view.answers).toEqual(chosen);
    expect(server.live.answers).toEqual(chosen);
    expect(phone.view.unsynced).toBe(0);
  });
});
