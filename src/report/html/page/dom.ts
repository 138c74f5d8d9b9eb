/** Elements made in one call; text is only ever set as text. */

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Attributes that are false are left out, and true ones are set to ''. */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children);
  return made;
}

/** An element of the skeleton. */
export function byId(id: string): HTMLElement {
  return document.getElementById(id)!;
}

/** A part of the page with a heading of its own. */
export function section(id: string, title: string, ...children: readonly Node[]): HTMLElement {
  const heading = element('h2', { id: `${id}-title` }, title);
  return element('section', { id, 'aria-labelledby': heading.id }, heading, ...children);
}
