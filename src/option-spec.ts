/** What the tables of options are made of: the kinds of options, short ways to write a row, and the types that follow from one. */

interface OptionWords {
  /** Name in a program, with its unit if it has one. */
  readonly key: string;
  /** As on the command line and in the help, such as `-t, --timeout <ms>`. */
  readonly flags: string;
  /** One sentence without range and default, which come from the other fields. */
  readonly help: string;
  /** What applies if the option is not given, in words; undefined if `default` says it or there is nothing to say. */
  readonly otherwise?: string;
  /** May be given several times; its value is a list. */
  readonly isRepeatable?: boolean;
  /** Whether commas separate values, as giving the option again does; always so for a choice. */
  readonly hasCommas?: boolean;
}

export interface SwitchOption extends OptionWords {
  readonly kind: 'switch';
  /** Set for a switch that is on until its flag, `--no-…`, turns it off; all others are off until given. */
  readonly default?: true;
}

export interface NumberOption extends OptionWords {
  readonly kind: 'number';
  readonly from: number;
  readonly to: number;
  readonly default?: number;
  /** What is counted, such as `milliseconds`; undefined for a plain number. */
  readonly unit?: string;
  /** Whether fractions make sense. */
  readonly isFractional?: boolean;
  /** Whether `0x` and hexadecimal digits are read too. */
  readonly isHexadecimal?: boolean;
  /** A word for no limit; the value is Infinity. */
  readonly unlimited?: string;
}

export interface ChoiceOption extends OptionWords {
  readonly kind: 'choice';
  readonly choices: readonly string[];
  readonly default?: string;
}

export interface TextOption extends OptionWords {
  readonly kind: 'text';
  readonly default?: string;
  /** Set if the value is the path of a file, which a shell can complete. */
  readonly isPath?: true;
  /** A second flag that turns the option off; its value is then false. */
  readonly off?: OffFlag;
}

/** The flag that turns an option off, such as `--no-canary`. */
export interface OffFlag {
  readonly flags: string;
  readonly help: string;
}

export type OptionSpec = SwitchOption | NumberOption | ChoiceOption | TextOption;

type Row<Kind extends OptionSpec['kind'], Key extends string, More> = {
  readonly kind: Kind;
  readonly key: Key;
  readonly flags: string;
  readonly help: string;
} & More;
type Further<Spec extends OptionSpec> = Omit<Spec, 'kind' | 'key' | 'flags' | 'help'>;

/** An option without a value. */
export function toggle<const Key extends string, const More extends Further<SwitchOption> = object>(
  key: Key,
  flags: string,
  help: string,
  further: More = {} as More,
): Row<'switch', Key, More> {
  return { kind: 'switch', key, flags, help, ...further };
}

/** An option with a number between two bounds. */
export function number<const Key extends string, const More extends Further<NumberOption>>(
  key: Key,
  flags: string,
  help: string,
  further: More,
): Row<'number', Key, More> {
  return { kind: 'number', key, flags, help, ...further };
}

/** An option with one of a few words, or several of them. */
export function choice<const Key extends string, const More extends Further<ChoiceOption>>(
  key: Key,
  flags: string,
  help: string,
  further: More,
): Row<'choice', Key, More> {
  return { kind: 'choice', key, flags, help, ...further };
}

/** An option with any text. */
export function text<const Key extends string, const More extends Further<TextOption> = object>(
  key: Key,
  flags: string,
  help: string,
  further: More = {} as More,
): Row<'text', Key, More> {
  return { kind: 'text', key, flags, help, ...further };
}

type WordOf<Row> = Row extends { readonly choices: readonly (infer Word)[] } ? Word : string;

/** One value of an option that takes a list, or the value of one that does not. */
type SingleOf<Row> = Row extends { readonly kind: 'number' } ? number : WordOf<Row>;

/** The value of an option, checked, as its row defines it. */
export type ValueOf<Row> = Row extends { readonly kind: 'switch' }
  ? boolean
  : Row extends { readonly isRepeatable: true }
    ? readonly SingleOf<Row>[]
    : Row extends { readonly off: OffFlag }
      ? WordOf<Row> | false
      : SingleOf<Row>;

/** Rows whose value is always known: switches, and options with a default. */
type Certain = { readonly kind: 'switch' } | { readonly default: unknown };

/** The checked values of a table by key; a key that no row has does not compile. */
export type ValuesOf<Rows extends readonly OptionSpec[]> = {
  readonly [Each in Extract<Rows[number], Certain> as Each['key']]: ValueOf<Each>;
} & {
  readonly [Each in Exclude<Rows[number], Certain> as Each['key']]?: ValueOf<Each>;
};

/** What a program may give for the options of a table: each may be left out, and of a list a single value is enough. */
export type GivenOf<Rows extends readonly OptionSpec[]> = {
  readonly [Each in Rows[number] as Each['key']]?:
    | ValueOf<Each>
    | (Each extends { readonly isRepeatable: true } ? SingleOf<Each> : never)
    | undefined;
};

/** Does not compile if a reader leaves an option unread: `const { a, b, ...unread } = values; nothingUnread(unread)`. */
export function nothingUnread(_unread: Readonly<Record<string, never>>): void {}

/** `--timeout` of `-t, --timeout <ms>`. */
export function longFlag({ flags }: Pick<OptionSpec, 'flags'>): string {
  return /--[a-z0-9-]+/.exec(flags)![0];
}

/** Whether a switch is on until its flag, `--no-…`, is given. */
export function isOnByDefault(option: OptionSpec): boolean {
  return option.kind === 'switch' && option.default === true;
}

/** The flag that turns an option off besides its own; undefined if there is none. */
export function offFlagOf(option: OptionSpec): OffFlag | undefined {
  return option.kind === 'text' ? option.off : undefined;
}

/** The values that an option takes, as messages and tables name them; '' if any text will do. */
export function rangeText(option: OptionSpec): string {
  switch (option.kind) {
    case 'number': {
      const unlimited = option.unlimited === undefined ? '' : `, or ${option.unlimited}`;
      return `${option.from} to ${option.to}${unlimited}`;
    }
    case 'choice':
      return `${option.choices.slice(0, -1).join(', ')} or ${option.choices.at(-1)}`;
    default:
      return '';
  }
}

/** What applies if the option is not given; '' if there is nothing to say. */
export function defaultText(option: OptionSpec): string {
  if (option.otherwise !== undefined) return option.otherwise;
  if (option.kind === 'switch' || option.default === undefined) return '';
  return String(option.default);
}
