// @vitest-environment happy-dom
import { render } from "preact";
import { act } from "preact/test-utils";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { ConnectionLost } from "../../src/shared/api/client";
import { useLoad } from "../../src/studio/kit/hooks/load";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it("loads again by itself once the connection is back", async () => {
  const load = vi.fn<() => Promise<string>>();
  load.mockRejectedValueOnce(new ConnectionLost("away")).mockRejectedValueOnce(new ConnectionLost("away"));
  load.mockResolvedValue("chairs");
  const Page = () => {
    const [state] = useLoad(load);
    return <p>{state.kind === "ready" ? state.data : state.kind}</p>;
  };
  const root = document.createElement("div");
  const advance = (ms: number) => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
  const pass = async (ms: number) => {
    await advance(ms);
    await advance(100); // what it loads arrives
    await advance(100); // and is shown
  };
  await act(() => render(<Page />, root));
  await pass(100);
  expect(root.textContent).toBe("offline");
  await pass(3_000);
  expect(root.textContent).toBe("offline");
  await pass(3_000);
  expect(root.textContent).toBe("chairs");
  await pass(9_000);
  expect(load).toHaveBeenCalledTimes(3);
});
