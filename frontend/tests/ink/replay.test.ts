import { describe, expect, it } from "vitest";
import { Replay } from "../../src/ink/replay";
import { stroke } from "./helpers";

describe("a replay", () => {
  const first = stroke(0, 0, 100, 0, 11);
  const second = stroke(0, 50, 100, 50, 11, 60_000);

  it("keeps order and pace, with shortened pauses", () => {
    const replay = new Replay([first, second]);
    expect(replay.durationMs).toBeLessThan(1_000);
    const early = replay.at(80);
    expect(early.strokes).toEqual([]);
    expect(early.live?.points).toEqual(first.points.slice(0, 6));
    expect(replay.at(200).strokes).toEqual([first]);
    expect(replay.at(replay.durationMs)).toEqual({ strokes: [first, second], live: null });
  });

  it("grows one stroke object, which the renderer may go on painting", () => {
    const replay = new Replay([first]);
    expect(replay.at(100).live).toBe(replay.at(40 + 80).live);
    expect(replay.at(20).live?.points).toHaveLength(2);
  });

  it("never takes more than twelve seconds", () => {
    const slow = stroke(0, 0, 600, 0, 5_000);
    expect(new Replay([slow]).durationMs).toBeLessThanOrEqual(12_000);
  });
});
