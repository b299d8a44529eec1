import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/chrome.css";
import "./styles/pages.css";
import "./styles/how.css";
import { setUpTheme } from "./theme";

setUpTheme();

// The language form works without script by its button; with script choosing is enough.
document.querySelectorAll<HTMLSelectElement>("[data-submit-on-change]").forEach((select) => {
  select.addEventListener("change", () => select.form?.submit());
});

// On a phone the shelves are one long row: the current one is brought into sight.
document.querySelector(".shelves [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

const worker = document.documentElement.dataset.serviceWorker;
if (worker && "serviceWorker" in navigator) void navigator.serviceWorker.register(worker).catch(() => undefined);
