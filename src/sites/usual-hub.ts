/** The folder of a hub unless another is named; apart from everything else because every help needs it. */

export const USUAL_HUB_FOLDER = 'echosweep-hub';
