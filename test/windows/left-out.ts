/** The tests of units and docs that are not run on Windows. */

/** Parts of paths, and why none of their tests is run here. Single tests skip themselves. */
export const LEFT_OUT: Readonly<Record<string, string>> = {
  'docs/provenance': 'starts git',
  'docs/storage': 'reads its files by a library for this system',
  'unit/cli/inventory/bulk-export': 'takes minutes of file accesses',
  'unit/cli/systemd-notify': 'is of Linux',
  'unit/cli/main': 'starts Node dozens of times, each for seconds',
  'unit/coordinator/system-ping-engine': 'needs the ping of Windows, which is not that of Wine',
  'unit/host-network/linux/': 'is of Linux',
  'unit/inventory/crash': 'starts Node hundreds of times, each for seconds',
  'unit/report/parquet': 'reads its files by a library for this system',
  'unit/system-ping/dialect': 'starts scripts of a shell',
  'unit/transport/linux/': 'is of Linux',
};
