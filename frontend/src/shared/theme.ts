const THEMES = ["auto", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];
const YEAR_S = 365 * 24 * 3600;

/**
 * The button that cycles through system, light and dark theme. The choice is in a cookie, so the server renders it
 * and pages never flash in the other theme.
 */
export function setUpTheme(): void {
  const button = document.querySelector<HTMLButtonElement>("[data-theme-switch]");
  if (!button) return;
  button.hidden = false;
  const root = document.documentElement;
  const show = (theme: Theme) => {
    const label = button.dataset[theme] ?? theme;
    button.setAttribute("aria-label", label);
    button.title = label;
  };
  show(current(root));
  button.addEventListener("click", () => {
    const theme = THEMES[(THEMES.indexOf(current(root)) + 1) % THEMES.length];
    root.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=${YEAR_S}; samesite=lax`;
    show(theme);
    document.dispatchEvent(new Event("themechange"));
  });
}

function current(root: HTMLElement): Theme {
  const theme = root.dataset.theme as Theme;
  return THEMES.includes(theme) ? theme : "auto";
}
