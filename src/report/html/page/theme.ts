/** Light or dark: as the system has it, or as the reader chooses; and the colours as a canvas needs them. */

const CHOICES = ['auto', 'light', 'dark'] as const;
const WORDS = { auto: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' } as const;
const listeners: (() => void)[] = [];

/** Of what is written on canvases: as in the style sheet. */
export const FONT =
  '-apple-system, "Segoe UI", Inter, Roboto, "Noto Sans", Cantarell, Ubuntu, "Liberation Sans", system-ui, sans-serif';

/** Calls back after each change of colours. */
export function onThemeChange(listener: () => void): void {
  listeners.push(listener);
}

/** Lets the button go round the choices. Nothing is remembered: a page from disk has no place of its own. */
export function startTheme(button: HTMLElement): void {
  const root = document.documentElement;
  let current: (typeof CHOICES)[number] = 'auto';
  const choose = (choice: typeof current): void => {
    current = choice;
    root.dataset['theme'] = choice;
    button.textContent = WORDS[choice];
    for (const listener of listeners) listener();
  };
  button.addEventListener('click', () => {
    const next = CHOICES.indexOf(current) + 1;
    choose(CHOICES[next % CHOICES.length]!);
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => choose('auto'));
  button.hidden = false;
  choose('auto');
}

/** A colour of the style sheet, as it is at present. */
export function colourOf(name: string): string {
  const probe = document.createElement('i');
  probe.style.color = `var(--${name})`;
  document.body.append(probe);
  const { color } = getComputedStyle(probe);
  probe.remove();
  return color;
}
