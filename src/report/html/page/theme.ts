/** Light or dark: as the system has it, or as the reader chooses; and the colours as a canvas needs them. */

const CHOICES = ['auto', 'light', 'dark'] as const;
const WORDS = { auto: 'Theme: system', light: 'Theme: light', dark: 'Theme: dark' } as const;
const listeners = new Set<() => void>();

/** Of what is written on canvases: as in the style sheet. */
export const FONT =
  '-apple-system, "Segoe UI", Inter, Roboto, "Noto Sans", Cantarell, Ubuntu, "Liberation Sans", system-ui, sans-serif';

/** Calls back after each change of colours. @returns stops it */
export function onThemeChange(listener: () => void): () => void {
  listeners.add(listener);
  return () => void listeners.delete(listener);
}

/** Where a choice outlives the page. */
export interface ThemeMemory {
  read(): string | null;
  write(theme: string): void;
}

/** Lets the button go round the choices. @param memory undefined for a page from disk, which has no place of its own */
export function startTheme(button: HTMLElement, memory?: ThemeMemory): void {
  const root = document.documentElement;
  const remembered = memory?.read();
  let current = CHOICES.find((choice) => choice === remembered) ?? 'auto';
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
    memory?.write(current);
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
