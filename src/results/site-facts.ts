/** What is true of sites wherever they are named: on the command line, in a configuration and in messages. */

/** Names of sites are parts of subjects on the broker. */
export const SITE_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** The folder of a hub unless another is named. */
export const USUAL_HUB_FOLDER = 'echosweep-hub';

/** Chunks that the agents of a site sweep at once, all together. */
export const SLOTS = { most: 64, usual: 2 } as const;
