import { describe, expect, it } from "vitest";
import type { FieldOption, Options, RunFull } from "../../src/shared/api/types";
import {
  bodyOf,
  complaintOf,
  complaintsOf,
  draftOf,
  fieldsOf,
  isChanged,
  profileOf,
  refusalsOf,
  shown,
  systemsFor,
  withProfile,
  withSnapshot,
  withSystem,
} from "../../src/studio/runs/form/form";
import { estimateOf } from "../../src/studio/runs/form/estimate";
import { onSnapshots, ruleBody, ruleDraftOf } from "../../src/studio/runs/rules/rule";

const field = (name: string, type: FieldOption["type"], preset: FieldOption["default"], more = {}): FieldOption => ({
  name,
  type,
  item: "",
  optional: preset === null,
  default: preset,
  help: "",
  choices: null,
  ...more,
});
const STEPS = field("steps", "int", 300);
const RATE = field("learning_rate", "float", 0.001);
const PATIENCE = field("patience", "int", null);
const SKIP = field("skip", "list", [], { item: "int" });
const OTHERS = field("also", "snapshots", []);
const FINAL = field("final", "bool", false);
const SCHEDULE = field("schedule", "choice", "cosine", { choices: ["cosine", "step"] });
const profile = (name: string, fields: FieldOption[], servable = false, base_model = false) => ({
  name,
  servable,
  base_model,
  fields,
});
const OPTIONS: Options = {
  snapshots: [
    { id: 8, name: "votes", format: "snapshot", sha256: "a".repeat(64) },
    { id: 3, name: "doodles", format: "quickdraw", sha256: "b".repeat(64) },
  ],
  systems: [
    { name: "sketchfind", formats: ["catalogue"], servable: true, profiles: [profile("cpu", [STEPS], true)] },
    {
      name: "triplet-san",
      formats: ["snapshot"],
      servable: false,
      profiles: [profile("cpu", [STEPS, SKIP]), profile("gpu", [STEPS])],
    },
    {
      name: "sketchfind",
      formats: ["snapshot"],
      servable: true,
      profiles: [
        profile("fine-tune", [STEPS, RATE, PATIENCE, SKIP, OTHERS, FINAL, SCHEDULE], true, true),
        profile("cpu", [STEPS]),
      ],
    },
    { name: "sketchmate", formats: ["quickdraw"], servable: false, profiles: [profile("cpu", [STEPS, RATE])] },
  ],
  models: [{ id: 4, name: "sketchfind", version: "1" }],
  unavailable_profiles: [],
  timings: [
    {
      run: 7,
      system: "sketchfind",
      profile: "fine-tune",
      format: "snapshot",
      device: "cpu of here",
      prepare_s: 10,
      step_s: 0.5,
      n_steps: 300,
      n_stages: 1,
      finish_s: 5,
      steps: 300,
      batch_size: null,
    },
  ],
};
const FIRST = draftOf(OPTIONS);

describe("a new run", () => {
  it("starts with the newest snapshot and a servable system", () => {
    expect(FIRST).toMatchObject({ snapshot: "8", system: "sketchfind", profile: "fine-tune" });
    expect(profileOf(OPTIONS, FIRST)?.base_model).toBe(true);
    expect(draftOf(OPTIONS, null, 3)).toMatchObject({ snapshot: "3", system: "sketchmate" });
    expect(draftOf({ ...OPTIONS, systems: [], snapshots: [], models: [] }).system).toBe("");
  });

  it("starts with a profile that a machine here can train", () => {
    const options = { ...OPTIONS, unavailable_profiles: ["fine-tune"] };
    expect(draftOf(options).profile).toBe("cpu");
  });

  it("takes about as long as the last one of its kind, by its steps", () => {
    expect(estimateOf(OPTIONS, FIRST)).toEqual({ seconds: 165, stepS: 0.5, run: 7, device: "cpu of here" });
    expect(estimateOf(OPTIONS, { ...FIRST, values: { steps: "600" } })?.seconds).toBe(315);
    expect(estimateOf(OPTIONS, withProfile(FIRST, OPTIONS, "cpu"))).toBeNull();
    expect(estimateOf(OPTIONS, { ...FIRST, processes: 2 })).toBeNull();
  });

  it("offers the systems that read the snapshot, and takes one of them when it changes", () => {
    expect(systemsFor(OPTIONS, "8").map(({ name }) => name)).toEqual(["triplet-san", "sketchfind"]);
    expect(withSnapshot(FIRST, OPTIONS, "3")).toMatchObject({ system: "sketchmate", profile: "cpu" });
  });

  it("keeps typed values if the next profile has the setting too", () => {
    const typed = { ...FIRST, values: { steps: "10", learning_rate: "0.1" } };
    const next = withSystem(typed, OPTIONS, "triplet-san");
    expect(next).toMatchObject({ profile: "cpu", values: { steps: "10" } });
    expect(withProfile(next, OPTIONS, "gpu").values).toEqual({ steps: "10" });
    expect(next.values).not.toHaveProperty("learning_rate");
  });

  it("can start from the settings of another run", () => {
    const like = {
      snapshot: { id: 8, name: "votes", format: "snapshot", sha256: "a".repeat(64) },
      system: "sketchfind",
      profile: "fine-tune",
      config: { steps: 40, skip: [1, 2], patience: null },
      base_model: { id: 4, name: "sketchfind", version: "1" },
      processes: 2,
    } as unknown as RunFull;
    const draft = draftOf(OPTIONS, like);
    expect(bodyOf(OPTIONS, draft)).toEqual({
      snapshot: 8,
      system: "sketchfind",
      profile: "fine-tune",
      config: { steps: 40, skip: [1, 2] },
      base_model: 4,
      processes: 2,
      note: "",
    });
  });

  it("sends settings that differ, with their types", () => {
    const values = {
      steps: " 300 ",
      learning_rate: "1e-2",
      patience: "5",
      skip: "1, 3",
      also: "3",
      final: "true",
      schedule: "step",
    };
    const draft = { ...FIRST, values, note: " why " };
    expect(isChanged(draft, STEPS)).toBe(false);
    expect(bodyOf(OPTIONS, draft)).toMatchObject({
      config: { learning_rate: 0.01, patience: 5, skip: [1, 3], also: [3], final: true, schedule: "step" },
      note: "why",
    });
    expect(bodyOf(OPTIONS, draft)).not.toHaveProperty("base_model");
  });

  it("shows the profile's values until they are overwritten", () => {
    expect(fieldsOf(OPTIONS, FIRST).map((one) => shown(FIRST, one))).toEqual([
      "300",
      "0.001",
      "",
      "",
      "",
      "false",
      "cosine",
    ]);
  });
});

describe("invalid input", () => {
  it.each([
    [STEPS, "12", null],
    [STEPS, "12.5", "wantsWhole"],
    [STEPS, "many", "wantsWhole"],
    [STEPS, " ", "required"],
    [RATE, "3e-4", null],
    [RATE, "0,001", "wantsNumber"],
    [RATE, "Infinity", "wantsNumber"],
    [PATIENCE, "", null],
    [SKIP, "1, 2", null],
    [SKIP, "1, two", "wantsWhole"],
    [SKIP, "", null],
  ] as const)("%o: %j", (one, typed, complaint) => {
    expect(complaintOf(one, typed)).toBe(complaint);
  });

  it("is reported by name", () => {
    expect(complaintsOf(OPTIONS, FIRST)).toEqual({});
    expect(complaintsOf(OPTIONS, { ...FIRST, values: { steps: "x", patience: "1.5" } })).toEqual({
      steps: "wantsWhole",
      patience: "wantsWhole",
    });
  });
});

describe("the server's refusal", () => {
  it("goes to the input that it names", () => {
    const problem = { title: "Bad", status: 400, detail: "12 is too many", field: "config.steps" };
    expect(refusalsOf(problem)).toEqual({ steps: "12 is too many" });
    const errors = [{ field: "config.skip[2]", message: "no stage" }];
    expect(refusalsOf({ title: "Bad", status: 400, errors })).toEqual({ skip: "no stage" });
    expect(refusalsOf({ title: "Away", status: 500 })).toEqual({});
    expect(refusalsOf(null)).toEqual({});
  });
});

describe("a retrain rule", () => {
  const campaigns = [{ id: 5, title: "Chairs", slug: "c5" }];
  const options = onSnapshots(OPTIONS);

  it("suggests fine-tuning the newest campaign's answers", () => {
    expect(ruleBody(options, ruleDraftOf(options, campaigns, null))).toEqual({
      campaign: 5,
      min_new_triplets: 200,
      system: "sketchfind",
      profile: "fine-tune",
      config: {},
      enabled: true,
      auto_promote: false,
    });
  });

  it("comes back as it was", () => {
    const rule = {
      id: 1,
      campaign: { id: 9, title: "Sofas", slug: "c9" },
      min_new_triplets: 50,
      new_triplets: 0,
      system: "triplet-san",
      profile: "cpu",
      config: { steps: 40, skip: [1] },
      enabled: false,
      auto_promote: true,
      last_run: null,
      problem: "",
    };
    expect(ruleBody(options, ruleDraftOf(options, campaigns, rule))).toEqual({
      campaign: 9,
      min_new_triplets: 50,
      system: "triplet-san",
      profile: "cpu",
      config: { steps: 40, skip: [1] },
      enabled: false,
      auto_promote: true,
    });
  });
});
