/** Gives root up as soon as the sockets are open. */

/**
 * Drops the privileges that only the sockets needed. Under sudo, the process switches to the user that called sudo, and
 * reports belong to that user. Otherwise, as root it keeps only the privileges to write files, and with single
 * capabilities it keeps none. Threads started from now on inherit that.
 * @returns what was dropped, in a few words; undefined if there was nothing to drop
 * @throws Error if the system refuses: going on as root would be worse than not going on
 */
export async function dropPrivileges(): Promise<string | undefined> {
  if (process.getuid === undefined) return undefined;
  const isRoot = process.getuid() === 0;
  const invoker = sudoInvoker(process.env);
  if (isRoot && invoker !== undefined) {
    becomeUser(invoker.uid, invoker.gid);
    return `gave root up for user ${invoker.uid}`;
  }
  if (process.platform !== 'linux') return undefined;
  const { CAPABILITY, keepOnlyCapabilities } = await import('./linux/capabilities.ts');
  const dropped = keepOnlyCapabilities(isRoot ? Object.values(CAPABILITY) : []);
  if (!dropped) return undefined;
  return isRoot ? 'gave up every privilege but writing files' : 'gave up every privilege';
}

/** The user that called sudo; undefined without sudo, or if that was root. */
export function sudoInvoker(
  environment: Readonly<{ SUDO_UID?: string; SUDO_GID?: string }>,
): { readonly uid: number; readonly gid: number } | undefined {
  const uid = readId(environment.SUDO_UID);
  const gid = readId(environment.SUDO_GID);
  return uid === undefined || gid === undefined || uid === 0 ? undefined : { uid, gid };
}

/** 2^32-1 means "no change" to the system calls, so it cannot be an ID. */
function readId(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,10}$/.test(text)) return undefined;
  const id = Number(text);
  return id < 2 ** 32 - 1 ? id : undefined;
}

/** Groups first, then the group, then the user: the other way round the right to change groups would be gone. */
function becomeUser(uid: number, gid: number): void {
  process.setgroups!([gid]);
  process.setgid!(gid);
  process.setuid!(uid);
  if (process.getuid!() !== uid || process.geteuid!() !== uid || process.getegid!() !== gid) {
    throw new Error('the system did not let root go');
  }
}
