/** Completion for zsh: a function for each command, made of `_arguments` (zshcompsys(1)). */

import { bourneQuoted } from '../shell-words.ts';
import { type CompletedCommand, type CompletedOption, isList } from './completed-commands.ts';

/** The script: a file `_echosweep` in a folder of `fpath`, or sourced after `compinit`. */
export function zshCompletion(commands: readonly CompletedCommand[]): string {
  const named = commands.map(({ name }) => name).filter((name) => name !== '');
  return `#compdef echosweep
# Completion of echosweep for zsh.
_echosweep() {
  local command=''
  while ((CURRENT > 2)); do
    case "\${command:+$command }$words[2]" in
      (${named.map(patternOf).join('|')})
        command="\${command:+$command }$words[2]"
        shift words
        ((CURRENT--))
        ;;
      (*) break ;;
    esac
  done
  local -a choices
  case "$command" in
${commands.map(commandCase).join('\n')}
  esac
}

_echosweep_words() {
  # Only the first argument is a command.
  ((CURRENT == 2)) && _describe -t commands command choices
}

if [[ $funcstack[1] == _echosweep ]]; then
  _echosweep "$@"
else
  compdef _echosweep echosweep
fi
`;
}

function commandCase({ name, words, options, takesPaths }: CompletedCommand): string {
  const choices = words.map(({ word, help }) =>
    bourneQuoted(help === '' ? word : `${word}:${help}`),
  );
  const rest = takesPaths
    ? ["'*:file:_files'"]
    : words.length > 0
      ? ["'*: :_echosweep_words'"]
      : ["'*: :'"];
  const lines = [
    ...(words.length > 0
      ? [`choices=(\n${choices.map((each) => `        ${each}`).join('\n')}\n      )`]
      : []),
    `_arguments -s -S : \\\n${[...options.map(argumentOf), ...rest].map((each) => `        ${each}`).join(' \\\n')}`,
  ];
  return `    (${name === '' ? "''" : patternOf(name)})\n${lines.map((line) => `      ${line}`).join('\n')}\n      ;;`;
}

/** An option as `_arguments` takes it; its names exclude each other unless it can be repeated. */
function argumentOf(option: CompletedOption): string {
  const { names, help, value, isRepeatable } = option;
  const others = isRepeatable ? "'*'" : names.length > 1 ? `'(${names.join(' ')})'` : '';
  const ends = names.map((each) => each + valueMark(each, value));
  const flags = ends.length > 1 ? `{${ends.join(',')}}` : bourneQuoted(ends[0]!);
  const about = `[${help.replaceAll(/[[\]\\:]/g, '\\$&')}]`;
  return `${others}${flags}${bourneQuoted(about + actionOf(option))}`;
}

/** The value follows in the same word or the next. */
function valueMark(name: string, value: CompletedOption['value']): string {
  if (value === 'nothing') return '';
  return name.startsWith('--') ? '=' : '+';
}

function actionOf(option: CompletedOption): string {
  const { value } = option;
  if (value === 'nothing') return '';
  if (value === 'text') return ':value: ';
  if (value === 'path') return ':file:_files';
  const words = value.join(' ');
  return isList(option) ? `:values:_sequence compadd - ${words}` : `:value:(${words})`;
}

function patternOf(name: string): string {
  return name.replaceAll(' ', '\\ ');
}
