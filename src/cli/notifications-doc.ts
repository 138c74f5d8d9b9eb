/** The tables of docs/notifications.md, made from the schema of the configuration and the severities of changes. */

import { configJsonSchema } from '../inventory/config/config.ts';
import { CHANGE_KINDS, CHANGE_SEVERITIES, SEVERITIES } from '../inventory/host-memory.ts';
import { table, withTable } from './document-tables.ts';

interface Schema {
  readonly description?: string;
  readonly const?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
}
type Fields = readonly (readonly [name: string, schema: Schema])[];

/** Every receiver has these. */
const GENERAL = ['name', 'type', 'timeout'];

/**
 * The whole file, its prose as it is.
 * @throws Error if a table has no place
 */
export function notificationsDocument(page: string): string {
  const { properties = {} } = configJsonSchema() as Schema;
  const filters = fieldsOf(properties['on-change']!).filter(
    ([name]) => name !== 'command' && name !== 'timeout',
  );
  const types = variantsOf(properties['receivers']!.items!);
  const isElsewhere = new Set([...GENERAL, ...filters.map(([name]) => name)]);
  const timing = fieldsOf(types.find((type) => typeOf(type) === 'mail')!).filter(([name]) =>
    ['quiet', 'digest', 'time-zone'].includes(name),
  );
  for (const [name] of timing) isElsewhere.add(name);
  const [quiet] = variantsOf(timing.find(([name]) => name === 'quiet')![1]);
  return Object.entries({
    severities: table(
      ['Severity', 'Kinds of change'],
      SEVERITIES.toReversed().map((severity) => [
        `\`${severity}\``,
        codes(CHANGE_KINDS.filter((kind) => CHANGE_SEVERITIES[kind] === severity)),
      ]),
    ),
    filters: fieldTable(filters),
    timing: fieldTable(timing),
    'quiet hours': fieldTable(fieldsOf(quiet!)),
    'fields of receivers': ownTable(types, isElsewhere),
  }).reduce(withTable, page);
}

function fieldTable(fields: Fields): string[] {
  return table(
    ['Field', 'Meaning', 'Default'],
    fields.map(([name, schema]) => [
      `\`${name}\``,
      schema.description ?? '',
      schema.default === undefined ? '' : `\`${String(schema.default)}\``,
    ]),
  );
}

/** Fields that mean the same for several types are one row. */
function ownTable(types: readonly Schema[], isElsewhere: ReadonlySet<string>): string[] {
  const rows = new Map<string, { name: string; meaning: string; of: string[] }>();
  for (const type of types) {
    for (const [name, { description = '' }] of fieldsOf(type)) {
      if (isElsewhere.has(name)) continue;
      const row = rows.get(`${name} ${description}`) ?? { name, meaning: description, of: [] };
      row.of.push(typeOf(type));
      rows.set(`${name} ${description}`, row);
    }
  }
  return table(
    ['Field', 'Types', 'Meaning'],
    [...rows.values()].map(({ name, of, meaning }) => [`\`${name}\``, codes(of), meaning]),
  );
}

const fieldsOf = ({ properties = {} }: Schema): Fields => Object.entries(properties);
const variantsOf = ({ anyOf, oneOf }: Schema): readonly Schema[] => anyOf ?? oneOf ?? [];
const typeOf = ({ properties }: Schema): string => properties!['type']!.const!;
const codes = (words: readonly string[]): string => words.map((word) => `\`${word}\``).join(', ');
