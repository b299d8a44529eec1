import "../shared/styles/sheet.css";
import "../shared/styles/dialog.css";
import "./draw.css";
import "./results/results.css";
import "./dialogs/dialogs.css";
import { render } from "preact";
import { api } from "../shared/api/client";
import type { Category, Invitation, Product, Share } from "../shared/api/types";
import { readJson } from "../shared/pageData";
import type { Recording } from "./clicks/consent";
import { ClickRecorder } from "./clicks/recorder";
import { DrawPage } from "./DrawPage";
import { Finder } from "./live/finder";

/** `/?trace=12` shows product 12 under the sheet. */
async function tracedProduct(): Promise<Product | null> {
  const id = Number(new URLSearchParams(location.search).get("trace"));
  if (!Number.isInteger(id) || id <= 0) return null;
  return api<Product>(`products/${id}/`).catch(() => null);
}

const root = document.getElementById("draw");
if (root) {
  const socketUrl = `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/search/?lang=${document.documentElement.lang}`;
  const recorder = new ClickRecorder(readJson<Recording>("recording"));
  const finder = new Finder(socketUrl, () => recorder.visit);
  finder.events.on("change", () => recorder.show(finder.body, finder.sketch));
  // From now on answers have an id.
  recorder.events.on("change", () => recorder.isOn && finder.again());
  const categories = readJson<readonly Category[]>("categories") ?? [];
  const share = readJson<Share>("share");
  const invitation = readJson<Invitation>("invitation") ?? { names: [], sketch: null, words: [] };
  void tracedProduct().then((traced) => {
    root.replaceChildren();
    render(
      <DrawPage
        finder={finder}
        recorder={recorder}
        categories={categories}
        invitation={invitation}
        share={share}
        traced={traced}
      />,
      root,
    );
  });
}
