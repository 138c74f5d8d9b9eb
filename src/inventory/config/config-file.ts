/** Reads a configuration from YAML, JSON or TOML, and names line and field of what is wrong with it. */

import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { parse as parseToml, TomlError } from 'smol-toml';
import {
  type Document,
  isMap,
  isNode,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type YAMLError,
} from 'yaml';
import type { z } from 'zod';
import { EchosweepError } from '../../errors.ts';
import { errorCode, readFault } from '../../file-errors.ts';
import { optionInvalid } from '../../option-value.ts';
import { anyOf } from '../../words.ts';
import type { FileOwner } from '../database.ts';
import { type FieldProblem, readFieldProblem } from '../field-problem.ts';
import { type KnownHosts, readKnownHosts } from '../known-hosts.ts';
import { openStore, type Store } from '../store.ts';
import {
  checkConfig,
  configJsonSchema,
  type InventoryConfig,
  type NetworkConfig,
} from './config.ts';

type Issue = z.core.$ZodIssue;

/** A configuration and its place. */
export interface ConfigFile {
  readonly path: string;
  readonly config: InventoryConfig;
  /** Makes a path of the configuration relative to its folder absolute. */
  readonly resolve: (path: string) => string;
}

/**
 * The networks of these names, in the configuration's order; all of them for undefined.
 * @throws EchosweepError OPTION_INVALID if the configuration has no network of a name
 */
export function networksNamed(
  { config, path }: ConfigFile,
  names: readonly string[] | undefined,
): readonly NetworkConfig[] {
  if (names === undefined) return config.networks;
  const unknown = names.find((name) => config.networks.every((network) => network.name !== name));
  if (unknown === undefined) return config.networks.filter(({ name }) => names.includes(name));
  const known = config.networks.map(({ name }) => name).join(', ');
  throw optionInvalid(`${path} has no network ${JSON.stringify(unknown)}`, `use ${known}`);
}

/**
 * Opens the configured database.
 * @param owner of a database that is created; undefined for the user of this process @throws EchosweepError INVENTORY_FAILED
 */
export function openConfiguredStore(
  { config, resolve: resolvePath }: Pick<ConfigFile, 'config' | 'resolve'>,
  owner?: FileOwner,
): Promise<Store> {
  return openStore(resolvePath(config.database), owner);
}

/**
 * The hosts that should be there; undefined if the configuration names no file of them.
 * @throws EchosweepError REPORT_INVALID
 */
export async function knownHostsOf({
  config,
  resolve: resolvePath,
}: ConfigFile): Promise<KnownHosts | undefined> {
  const { knownHosts } = config;
  return knownHosts === undefined ? undefined : readKnownHosts(resolvePath(knownHosts));
}

/** A file's value, and the line that holds a field of it. */
interface ReadFile {
  readonly value: unknown;
  readonly lineOf: (path: readonly PropertyKey[]) => number | undefined;
}

/** @throws EchosweepError CONFIG_INVALID: the first problem with its line and field, and how many more there are */
export async function readConfig(path: string): Promise<ConfigFile> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const { problem, advice } = readFault(error);
    const isMissing = errorCode(error) === 'ENOENT';
    throw new EchosweepError(
      'CONFIG_INVALID',
      `cannot read ${path}: ${problem}`,
      isMissing ? 'echosweep inventory init writes one' : advice,
      { cause: error },
    );
  }
  return {
    path,
    config: parseConfig(text, path),
    resolve: (inner) => resolve(dirname(path), inner),
  };
}

/**
 * @param path for messages, and its ending for the format
 * @throws EchosweepError CONFIG_INVALID
 */
export function parseConfig(text: string, path: string): InventoryConfig {
  const file = path.toLowerCase().endsWith('.toml') ? readToml(text, path) : readYaml(text, path);
  const checked = checkConfig(file.value);
  if ('config' in checked) return checked.config;
  const [first, ...others] = checked.issues.flatMap((issue) =>
    problemsOf(issue, file.value, (fields) => fieldsAt(configJsonSchema(), fields)),
  );
  const line = file.lineOf(first!.path);
  const where = line === undefined ? path : `${path}, line ${line}`;
  const field = first!.path.map(String).join('.');
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`;
  const { problem, advice } = first!;
  throw invalid(where, `${field === '' ? 'it' : field} ${problem}`, `${advice}${more}`);
}

/** Reads JSON too, which is a subset of YAML. */
function readYaml(text: string, path: string): ReadFile {
  const lineCounter = new LineCounter();
  // Without its own warnings, as on a list for a key, which cannot be a field anyway.
  const document = parseDocument(text, { lineCounter, prettyErrors: false, logLevel: 'error' });
  const error = document.errors[0];
  if (error !== undefined) {
    const { line } = lineCounter.linePos(error.pos[0]);
    const language = path.toLowerCase().endsWith('.json') ? 'JSON' : 'YAML';
    throw invalid(`${path}, line ${line}`, oneLine(error.message), adviceOn(error, language));
  }
  return {
    value: plainValue(document, path),
    lineOf: (fields) => {
      const offset = offsetOf(document, fields);
      return offset === undefined ? undefined : lineCounter.linePos(offset).line;
    },
  };
}

function adviceOn({ code, message }: YAMLError, language: string): string {
  // A cron expression without quotes.
  if (/alias/i.test(message)) return 'put text that begins with * in quotes';
  if (code === 'MULTIPLE_DOCS') return 'leave one part between the lines of ---';
  return `correct the ${language}`;
}

/** Aliases of aliases can make a short file as large as memory: the reader refuses them. */
function plainValue(document: Document, path: string): unknown {
  try {
    return document.toJS() ?? {};
  } catch (error) {
    const why = error instanceof Error ? oneLine(error.message) : String(error);
    throw invalid(path, why, 'write without so many aliases');
  }
}

/** The place of a field's key, or of the nearest field around one that is missing. */
function offsetOf(document: Document, fields: readonly PropertyKey[]): number | undefined {
  let node: unknown = document.contents;
  let offset: number | undefined;
  for (const field of fields) {
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === field);
      if (pair === undefined) return offset;
      if (isNode(pair.key)) offset = pair.key.range?.[0];
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(field)];
      if (isNode(node)) offset = node.range?.[0];
    } else return offset;
  }
  return offset;
}

/** TOML's reader gives lines for syntax errors only. */
function readToml(text: string, path: string): ReadFile {
  try {
    return { value: parseToml(text), lineOf: () => undefined };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = oneLine(error.message).replace(/^Invalid TOML document: /, '');
    throw invalid(`${path}, line ${error.line}`, why, 'correct the TOML');
  }
}

interface Problem extends FieldProblem {
  readonly path: readonly PropertyKey[];
}

/** @param fieldsOf the names of the fields that a field may hold */
function problemsOf(
  issue: Issue,
  value: unknown,
  fieldsOf: (path: readonly PropertyKey[]) => readonly string[],
): Problem[] {
  const { path } = issue;
  switch (issue.code) {
    case 'unrecognized_keys': {
      const fields = fieldsOf(path);
      const advice =
        fields.length > 0 && fields.length <= MOST_NAMED
          ? `use ${fields.join(', ')}`
          : 'see echosweep inventory schema for those that are';
      return issue.keys.map((key) => ({
        path: [...path, key],
        problem: 'is not a field here',
        advice,
      }));
    }
    case 'invalid_type':
      return valueAt(value, path) === undefined
        ? [{ path, problem: 'is missing', advice: `add it, ${article(issue.expected)}` }]
        : [{ path, problem: 'has the wrong type', advice: `write ${article(issue.expected)}` }];
    case 'invalid_union':
      if (valueAt(value, path) === undefined) {
        return [{ path, problem: 'is missing', advice: 'add it' }];
      }
      return unionProblems(issue, value, fieldsOf);
    case 'too_small':
      return [{ path, ...tooSmall(issue) }];
    case 'too_big':
      return [{ path, problem: 'is too large', advice: `write ${issue.maximum} at most` }];
    case 'invalid_value':
      return [{ path, problem: 'is not valid', advice: `use ${anyOf(issue.values.map(String))}` }];
    case 'invalid_key':
      return [{ path, ...readOrQuote(issue.issues[0]!.message) }];
    default:
      return [{ path, ...readOrQuote(issue.message) }];
  }
}

/** What is wrong with a field that may have several forms: if it has the type of one of them, what is wrong with that. */
function unionProblems(
  issue: Extract<Issue, { readonly code: 'invalid_union' }>,
  value: unknown,
  fieldsOf: (path: readonly PropertyKey[]) => readonly string[],
): Problem[] {
  const { path, message, errors } = issue;
  const own = readFieldProblem(message);
  if (own !== undefined) return [{ path, ...own }];
  const meant = errors.filter((issues) => issues.every((each) => each.path.length > 0));
  if (meant.length === 1) {
    return meant[0]!.flatMap((each) =>
      problemsOf({ ...each, path: [...path, ...each.path] }, value, fieldsOf),
    );
  }
  const forms = errors
    .flat()
    .flatMap((each) => (each.code === 'invalid_type' ? [each.expected] : []));
  if (forms.includes('string')) return [{ path, ...NEITHER_TEXT_NOR_LIST }];
  return [
    { path, problem: 'has the wrong type', advice: `write ${forms.map(article).join(' or ')}` },
  ];
}

/** A longer list of names does not help. */
const MOST_NAMED = 20;

interface ObjectSchema {
  readonly properties?: Readonly<Record<string, ObjectSchema>>;
  readonly additionalProperties?: ObjectSchema | false;
}

function fieldsAt(schema: ObjectSchema, path: readonly PropertyKey[]): string[] {
  let inner: ObjectSchema | undefined = schema;
  for (const field of path) {
    inner = inner?.properties?.[String(field)] ?? (inner?.additionalProperties || undefined);
  }
  return Object.keys(inner?.properties ?? {});
}

const NEITHER_TEXT_NOR_LIST: FieldProblem = {
  problem: 'has the wrong type',
  advice: 'write text, or a list of texts that is not empty',
};

function tooSmall({
  origin,
  minimum,
}: Extract<Issue, { readonly code: 'too_small' }>): FieldProblem {
  return origin === 'number' || origin === 'int'
    ? { problem: 'is too small', advice: `write ${minimum} or more` }
    : { problem: 'is empty', advice: origin === 'array' ? 'name at least one' : 'write some text' };
}

/** A message of our schema, or one that the schema's library wrote. */
function readOrQuote(message: string): FieldProblem {
  return readFieldProblem(message) ?? { problem: `is wrong (${message})`, advice: 'correct it' };
}

function article(expected: string): string {
  const words: Readonly<Record<string, string>> = {
    string: 'text',
    array: 'a list',
    object: 'a block of fields',
    record: 'a block of fields',
    boolean: 'true or false',
    int: 'a whole number',
  };
  return words[expected] ?? `a ${expected}`;
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (inner, field) => (inner as Record<PropertyKey, unknown> | null | undefined)?.[field],
    value,
  );
}

function oneLine(text: string): string {
  return text.split('\n')[0]!.replace(/[.:]?\s*$/, '');
}

function invalid(where: string, problem: string, advice: string): EchosweepError {
  return new EchosweepError('CONFIG_INVALID', `${where}: ${problem}`, advice);
}
