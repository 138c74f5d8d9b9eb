/** What this tab of the browser keeps through a reload, as when a provider signs the reader in; a closed tab forgets it. */

export function readTab(name: string): string | null {
  return storage()?.getItem(name) ?? null;
}

/** @param text undefined to forget it */
export function writeTab(name: string, text: string | undefined): void {
  try {
    if (text === undefined) storage()?.removeItem(name);
    else storage()?.setItem(name, text);
  } catch {
    // It is full: what is kept there outlives no reload.
  }
}

/** A browser may be set to refuse it. */
function storage(): Storage | undefined {
  try {
    return sessionStorage;
  } catch {
    return undefined;
  }
}
