import { SketchSearch } from "./element";

const script = document.currentScript;
SketchSearch.home = script instanceof HTMLScriptElement && script.src ? new URL(script.src).origin : location.origin;
// A page may include the script twice.
if (!customElements.get("sketch-search")) customElements.define("sketch-search", SketchSearch);
