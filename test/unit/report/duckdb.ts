/** DuckDB as a reader of reports: another program's view of what a file holds. */

import { DuckDBInstance, type Json } from '@duckdb/node-api';

export type JsonRow = Readonly<Record<string, Json>>;

/** Nothing is downloaded: what a query needs is part of the package, or the query fails. */
const OFFLINE = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };

/** The rows of a query; numbers beyond 32 bits, times and decimals are text. */
export async function duckdbRows(sql: string): Promise<JsonRow[]> {
  const instance = await DuckDBInstance.create(':memory:', OFFLINE);
  try {
    const connection = await instance.connect();
    try {
      await connection.run("SET TimeZone = 'UTC'");
      const reader = await connection.runAndReadAll(sql);
      return reader.getRowObjectsJson();
    } finally {
      connection.closeSync();
    }
  } finally {
    instance.closeSync();
  }
}
