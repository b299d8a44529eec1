import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/chrome.css";
import "./styles/pages.css";
import "./styles/how.css";
import { setUpTheme } from "./theme";

setUpTheme();

// Without script the language form has a button; with script, choosing is enough.
document.querySelectorAll<HTMLSelectElement>("[data-submit-on-change]").forEach((select) => {
  select.addEventListener("change", () => select.form?.submit());
});

// On a phone the categories are one long row: scroll the current one into view.
document.querySelector(".shelves [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const worker = document.documentElement.dataset.serviceWorker;
if (worker && "serviceWorker" in navigator) void navigator.serviceWorker.register(worker).catch(() => undefined);
