// Light or dark: as the system has it, or as was chosen on this page.
import { need, setText } from './dom.ts';

const THEMES = ['auto', 'light', 'dark'] as const;
type Theme = (typeof THEMES)[number];

const KEY = 'postern-theme';
const NAMES: Readonly<Record<Theme, string>> = { auto: 'as the system', light: 'light', dark: 'dark' };

/** A browser may forbid to remember. */
function remembered(): Theme {
  try {
    const known = localStorage.getItem(KEY);
    return THEMES.find((theme) => theme === known) ?? 'auto';
  } catch {
    return 'auto';
  }
}

function remember(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // It holds until the page is left.
  }
}

function apply(theme: Theme): void {
  document.documentElement.dataset.theme = theme;
}

/** Before anything is drawn. */
export function applyTheme(): void {
  apply(remembered());
}

export function startTheme(): void {
  const button = need('#theme', HTMLButtonElement);
  let theme = remembered();
  const show = (): void => {
    setText(button, `Theme: ${theme}`);
    button.title = `Colours: ${NAMES[theme]}`;
  };
  button.addEventListener('click', () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length] ?? 'auto';
    apply(theme);
    remember(theme);
    show();
  });
  show();
}
