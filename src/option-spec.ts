/** What the table of options is made of: the kinds of options and short ways to write one down. */

interface OptionWords {
  /** Name in a program, with its unit where it has one. */
  readonly key: string;
  /** As on the command line and in the help, such as `-t, --timeout <ms>`. */
  readonly flags: string;
  /** One sentence without range and default, which the other fields tell. */
  readonly help: string;
  /** What holds where the option is not given, in words; undefined where `default` says it or there is nothing to say. */
  readonly otherwise?: string;
  /** May be given several times; its value is a list. */
  readonly isRepeatable?: boolean;
  /** The command line has it, the library does not. */
  readonly isCommandOnly?: boolean;
}

export interface SwitchOption extends OptionWords {
  readonly kind: 'switch';
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
  /** A word that stands for no limit; the value is Infinity. */
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
  /** Whether commas separate values, as giving the option again does. */
  readonly hasCommas?: boolean;
}

export type OptionSpec = SwitchOption | NumberOption | ChoiceOption | TextOption;

type Further<Spec extends OptionSpec> = Omit<Spec, 'kind' | 'key' | 'flags' | 'help'>;

export function toggle(
  key: string,
  flags: string,
  help: string,
  further: Further<SwitchOption> = {},
): SwitchOption {
  return { kind: 'switch', key, flags, help, ...further };
}

export function number(
  key: string,
  flags: string,
  help: string,
  further: Further<NumberOption>,
): NumberOption {
  return { kind: 'number', key, flags, help, ...further };
}

export function choice(
  key: string,
  flags: string,
  help: string,
  further: Further<ChoiceOption>,
): ChoiceOption {
  return { kind: 'choice', key, flags, help, ...further };
}

export function text(
  key: string,
  flags: string,
  help: string,
  further: Further<TextOption> = {},
): TextOption {
  return { kind: 'text', key, flags, help, ...further };
}

/** `--timeout` of `-t, --timeout <ms>`. */
export function longFlag({ flags }: Pick<OptionSpec, 'flags'>): string {
  return /--[a-z0-9-]+/.exec(flags)![0];
}

/** The values that an option takes, as messages and tables name them; '' where any text will do. */
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

/** What holds where the option is not given; '' where there is nothing to say. */
export function defaultText(option: OptionSpec): string {
  if (option.otherwise !== undefined) return option.otherwise;
  if (option.kind === 'switch' || option.default === undefined) return '';
  return String(option.default);
}
