/** Spares a thread from compiling all its code twice. */

/**
 * Transfers a little memory. When a thread does so for the first time, V8 throws away all that it has compiled of code that
 * reads arrays, because it had relied on none ever losing its memory. So that happens before any such code is compiled.
 */
export function transferEarly(): void {
  const memory = new ArrayBuffer(1);
  structuredClone(memory, { transfer: [memory] });
}
