/** How long a sheet can be. */

/** Rows of a sheet in Excel and LibreOffice, without the header. */
export const MOST_SHEET_ENTRIES = 1_048_576 - 1;
