// Runs before the page is painted: marks that scripts run, and applies the reader's choice of theme.
const THEME_KEY = "groundwork-readiness-theme";
const root = document.documentElement;
root.classList.add("js");
try {
  const chosen = localStorage.getItem(THEME_KEY);
  if (chosen === "dark" || chosen === "light") {
    root.dataset.theme = chosen;
  }
} catch {
  // Storage can be forbidden for local files; the page then follows the system.
}
