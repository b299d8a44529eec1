// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Campaign, Progress } from "../../src/shared/api/types";
import { bodyOf, draftOf, NEW, ontologyOf, slugOf } from "../../src/studio/campaigns/draft";
import { ProgressFeed } from "../../src/studio/campaigns/feed";
import { curve, money } from "../../src/studio/campaigns/figures";
import { isFinal, stepsOf } from "../../src/studio/campaigns/steps";
import { estimateBody, FIRST, tasksBody } from "../../src/studio/campaigns/tasks/taskPlan";
import { percent, seconds, when } from "../../src/studio/kit/figures";
import { pathOf } from "../../src/studio/kit/hooks/pages";

describe("a campaign's form", () => {
  it("names the page after the title, umlauts and all", () => {
    expect(slugOf(" Große Stühle: hohe Lehne! ")).toBe("grosse-stuhle-hohe-lehne");
    expect(bodyOf({ ...NEW, title: "Which chair?" })).toMatchObject({ slug: "which-chair", title: "Which chair?" });
  });

  it("reads an ontology line by line, keeping given slugs", () => {
    expect(ontologyOf("High back / Hohe Lehne\n\nwheels: Castors\n  Padded  ")).toEqual([
      { slug: "high-back", en: "High back", de: "Hohe Lehne" },
      { slug: "wheels", en: "Castors" },
      { slug: "padded", en: "Padded" },
    ]);
  });

  it("returns what it was given, including unknown settings", () => {
    const settings = {
      ontology: [{ slug: "wheels", en: "Castors", de: "Rollen" }],
      translations: { de: { title: "Stühle" }, fr: { title: "Chaises" } },
      cost_per_answer: 0.02,
      currency: "EUR",
      completion_url: "",
      licence: "CC BY 4.0",
      rules: { gold: 0.5 },
      reward: 4,
      spending_cap: 0,
      partial_pay: { kind: "share" as const, value: 0.25 },
      bonus: { kind: "agreement" as const, amount: 0.5, above: 0.85, least: 12 },
      rules_act: true,
      exclude_campaigns: [3, 9],
      endings: { ended_early: { code: "EARLY", url: "" } },
    };
    const campaign = {
      ...(bodyOf({ ...NEW, kind: "attributes", title: "Chairs", goldPercent: 5 }) as Campaign),
      settings,
    };
    expect(bodyOf(draftOf(campaign), settings)).toEqual(campaign);
  });
});

describe("amounts", () => {
  it("that are not stated are left out, and 0 is an amount", () => {
    expect(bodyOf(NEW)).not.toHaveProperty("settings.reward");
    expect(bodyOf(NEW)).not.toHaveProperty("settings.spending_cap");
    expect(bodyOf({ ...NEW, reward: 0, spendingCap: 0 })).toMatchObject({ settings: { reward: 0, spending_cap: 0 } });
  });
});

describe("tasks", () => {
  it("come from candidates for triplets, from a category for the others", () => {
    const taskPlan = { ...FIRST, category: "chair", strategy: "disagreement" } as const;
    const shelf = { category: "chair", photos_of: null };
    expect(tasksBody("sketches", taskPlan)).toEqual({ shelf, shuffle: true });
    expect(estimateBody("sketches", taskPlan, { alpha: 0.05 })).toEqual({ shelf, alpha: 0.05 });
    expect(tasksBody("triplets", taskPlan)).not.toHaveProperty("candidates.weights");
    const byAttributes = { ...taskPlan, attributesFrom: "7", attributeWeight: 2, featureWeight: 0 };
    expect(tasksBody("triplets", byAttributes)).toMatchObject({
      candidates: { attributes_from: 7, weights: { attributes: 2, feature: 0 } },
    });
    expect(tasksBody("triplets", taskPlan)).toMatchObject({
      candidates: { source: null, plan: { strategy: "disagreement", n_triplets: null, random_share: 0.15 } },
    });
    expect(tasksBody("triplets", { ...taskPlan, strategy: "adaptive", nTriplets: 50 })).toMatchObject({
      candidates: { plan: { strategy: "adaptive", risk: 0.1 } },
    });
  });

  it("come from a study set's sketches and photos, or from some of its sketches", () => {
    const taskPlan = { ...FIRST, category: "chair", photosOf: "7", studySet: "8", ownIds: "s1, s2\ns3" };
    expect(tasksBody("triplets", taskPlan)).toMatchObject({
      candidates: { category: "", photos_of: 7, study_set: 8, own_ids: ["s1", "s2", "s3"] },
    });
    const sketches = { ...FIRST, photosOf: "sketches 8" };
    expect(tasksBody("attributes", sketches)).toEqual({ shelf: { sketches_of: 8 }, shuffle: true });
  });
});

describe("steps", () => {
  it("are those that the status allows; some are irreversible", () => {
    expect(stepsOf("open")).toEqual(["pause", "close"]);
    expect(stepsOf("archived")).toEqual(["reopen"]);
    expect((["open", "pause", "resume", "close", "archive", "reopen"] as const).filter(isFinal)).toEqual([
      "close",
      "archive",
    ]);
  });
});

describe("figures", () => {
  it("are written with their units, or a dash", () => {
    document.documentElement.lang = "en";
    expect([percent(0.473), money(0.0531, "EUR"), seconds(1440), seconds(null)]).toEqual([
      "47%",
      "€0.053",
      "1.4 s",
      "–",
    ]);
    const now = Date.parse("2026-01-01T12:00:00Z");
    expect([when("2026-01-01T17:00:00Z", now), when("2026-01-04T12:00:00Z", now)]).toEqual(["in 5 hours", "in 3 days"]);
  });

  it("draw a curve over their times", () => {
    const history = [
      ["2026-01-01T00:00:00Z", 0],
      ["2026-01-01T01:00:00Z", 10],
      ["2026-01-01T04:00:00Z", 5],
    ] as const;
    expect(curve(history, 400, 100)).toBe("M0 100L100 0L400 50");
    expect(curve(history.slice(0, 1), 400, 100)).toBe("");
  });
});

describe("pages of a list", () => {
  it("are requested by their absolute URL", () => {
    expect(pathOf("http://127.0.0.1/api/v1/campaigns/?cursor=abc")).toBe("campaigns/?cursor=abc");
  });
});

describe("live progress", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  const progress = (n_votes: number) => ({ n_votes }) as Progress;
  function feed() {
    const sockets: { onmessage?: (event: object) => void; onclose?: () => void; close: () => void }[] = [];
    const ask = vi.fn(async () => progress(1));
    const open = () => {
      const socket = { close: vi.fn() };
      sockets.push(socket);
      return socket as unknown as WebSocket;
    };
    return { ask, sockets, feed: new ProgressFeed({ url: "ws://here/", ask, open, pollMs: 1_000 }) };
  }
  const tell = (socket: { onmessage?: (event: object) => void }, n: number) =>
    socket.onmessage?.({ data: JSON.stringify({ type: "progress", ...progress(n) }) });

  it("is fetched at once and then sent over the socket", async () => {
    const { feed: f, sockets } = feed();
    await f.start();
    expect([f.progress?.n_votes, f.connection]).toEqual([1, "polling"]);
    tell(sockets[0], 5);
    expect([f.progress?.n_votes, f.connection]).toEqual([5, "live"]);
  });

  it("is polled while there is no socket, and becomes live again", async () => {
    const { feed: f, sockets, ask } = feed();
    await f.start();
    tell(sockets[0], 5);
    sockets[0].onclose?.();
    expect(f.connection).toBe("polling");
    await vi.advanceTimersByTimeAsync(1_100);
    expect([ask.mock.calls.length, sockets.length]).toEqual([2, 2]);
    tell(sockets[1], 9);
    expect([f.progress?.n_votes, f.connection]).toEqual([9, "live"]);
  });

  it("reports missing answers, keeps polling, and ends with the page", async () => {
    const { feed: f, sockets, ask } = feed();
    ask.mockRejectedValueOnce(new Error("away"));
    await f.start();
    expect([f.connection, sockets.length]).toEqual(["away", 0]);
    await vi.advanceTimersByTimeAsync(1_100);
    expect([f.connection, sockets.length]).toEqual(["polling", 1]);
    f.stop();
    sockets[0].onclose?.();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sockets).toHaveLength(1);
  });
});
