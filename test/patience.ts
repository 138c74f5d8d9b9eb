/** How long tests wait for what comes by itself. */

/** For a wait that no test is about: longer than a busy machine holds up both ends of a connection. */
export const AMPLE_TIMEOUT_MS = 60_000;
