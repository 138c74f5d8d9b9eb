/** `echosweep inventory schema`: what a configuration may hold, for editors. */

import { configJsonSchema } from '../../inventory/config/config.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printData, type Surroundings } from '../terminal.ts';

export const SCHEMA = subcommand({
  name: 'inventory schema',
  usage: '',
  takes: [0, 0],
  description: 'Prints the JSON Schema of the configuration, for completion in editors.',
  options: [],
});

/** @throws EchosweepError OUTPUT_FAILED */
export async function schemaCommand(
  _line: LineOf<typeof SCHEMA>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  await printData(surroundings, `${JSON.stringify(configJsonSchema(), null, 2)}\n`);
  return EXIT.ok;
}
