import "./product.css";
import "./dialogs/dialogs.css";
import { loadDraft } from "../ink/draft";
import { readJson } from "../shared/pageData";
import { overlayPath } from "./dialogs/overlay";

/** The product page's "why": switches its layers, and lays the visitor's last sketch over the photo if there is one. */
const stage = document.querySelector<HTMLElement>("[data-stage]");
const sketch = stage?.querySelector<SVGPathElement>("[data-layer=sketch] path");

function show(layer: string, visible: boolean): void {
  stage?.querySelector(`[data-layer="${layer}"]`)?.classList.toggle("stage-off", !visible);
}

const draft = loadDraft();
if (stage && sketch && draft && draft.length > 0) {
  const box = readJson<unknown>("photo-box");
  sketch.setAttribute("d", overlayPath(draft, Array.isArray(box) ? (box as [number, number, number, number]) : null));
  document.querySelector("[data-needs=sketch]")?.removeAttribute("hidden");
}
document.querySelectorAll<HTMLInputElement>("[data-shows]").forEach((input) => {
  const layer = input.dataset.shows ?? "";
  show(layer, input.checked);
  input.addEventListener("change", () => show(layer, input.checked));
});
