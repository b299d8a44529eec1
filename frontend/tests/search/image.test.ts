// @vitest-environment happy-dom
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { listenForImages, prepareImage } from "../../src/search/image";

let decoded: { width: number; height: number } | null;
let written: { width: number; height: number; type: string }[];

/** happy-dom neither decodes nor encodes: stand-ins with the browser's interface. */
beforeEach(() => {
  written = [];
  vi.stubGlobal("createImageBitmap", () =>
    decoded
      ? Promise.resolve({ ...decoded, close: () => undefined })
      : Promise.reject(new DOMException("cannot decode")),
  );
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue({ drawImage: () => undefined } as never);
  vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation(function (
    this: HTMLCanvasElement,
    done,
    type = "",
  ) {
    written.push({ width: this.width, height: this.height, type });
    done(new Blob(["scaled"], { type }));
  });
});

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const file = (bytes: number, type: string) => new Blob([new Uint8Array(bytes)], { type });

describe("the picture to send", () => {
  it("stays as it is if it is small in bytes and pixels", async () => {
    decoded = { width: 1600, height: 900 };
    const small = file(1_000, "image/jpeg");
    expect(await prepareImage(small)).toBe(small);
  });

  it.each([
    ["of few bytes but many pixels", 1_000, { width: 8000, height: 4000 }, { width: 1600, height: 800 }],
    ["of many bytes", 3_000_000, { width: 800, height: 1000 }, { width: 800, height: 1000 }],
    ["that is very long", 1_000, { width: 20_000, height: 5 }, { width: 1600, height: 1 }],
  ])("is scaled down if it is one %s", async (_, bytes, size, expected) => {
    decoded = size;
    expect((await prepareImage(file(bytes, "image/jpeg"))).type).toBe("image/jpeg");
    expect(written).toEqual([{ ...expected, type: "image/jpeg" }]);
  });

  it("keeps its transparency", async () => {
    decoded = { width: 4000, height: 4000 };
    expect((await prepareImage(file(9, "image/png"))).type).toBe("image/webp");
  });

  it("is sent as it is if the browser cannot decode it, or if it is a drawing", async () => {
    decoded = null;
    const heic = file(5_000_000, "image/heic");
    expect(await prepareImage(heic)).toBe(heic);
    decoded = { width: 9000, height: 9000 };
    const svg = file(2_000_000, "image/svg+xml");
    expect(await prepareImage(svg)).toBe(svg);
  });
});

describe("dropped files", () => {
  it.each([
    ["photo.HEIC", "", true],
    ["photo", "image/png", true],
    ["notes.txt", "text/plain", false],
    ["notes", "", false],
  ])("%s of type '%s' is taken: %s", (name, type, isTaken) => {
    const take = vi.fn();
    const stop = listenForImages(take, () => undefined);
    const event = new Event("drop");
    Object.assign(event, { dataTransfer: { types: ["Files"], files: [new File(["x"], name, { type })] } });
    document.dispatchEvent(event);
    stop();
    expect(take).toHaveBeenCalledTimes(isTaken ? 1 : 0);
  });
});
