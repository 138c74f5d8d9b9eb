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
  let isPrinted = false;
  const show = (): void => {
    // Paper is white, and canvases keep the colours that they were drawn in.
    root.dataset['theme'] = isPrinted ? 'light' : current;
    button.textContent = WORDS[current];
    for (const listener of listeners) listener();
  };
  const print = (isBegun: boolean) => () => {
    isPrinted = isBegun;
    show();
  };
  button.addEventListener('click', () => {
    const next = CHOICES.indexOf(current) + 1;
    current = CHOICES[next % CHOICES.length]!;
    show();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', show);
  addEventListener('beforeprint', print(true));
  addEventListener('afterprint', print(false));
  button.hidden = false;
  show();
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
