/** Completion for fish: a line of `complete` for each word and each option of each command. */

import { fishQuoted } from '../shell-words.ts';
import {
  type CompletedCommand,
  type CompletedOption,
  type CompletedValue,
  isList,
} from './completed-commands.ts';

/** The script: a file `echosweep.fish` in a folder of completions, or sourced. */
export function fishCompletion(commands: readonly CompletedCommand[]): string {
  const named = commands.map(({ name }) => name).filter((name) => name !== '');
  return `# Completion of echosweep for fish.
function __echosweep_at -a wanted place
    set -l given (commandline -opc)
    set -e given[1]
    set -l command ''
    for word in $given
        switch (string trim "$command $word")
            case ${named.map(fishQuoted).join(' ')}
                set command (string trim "$command $word")
            case '*'
                break
        end
    end
    test "$command" = "$wanted"; or return 1
    test "$place" != first; and return 0
    # Only the first argument is one of the words of a command.
    test "$command" = "$given"
end

complete -c echosweep -f
${commands.flatMap(linesOf).join('\n')}
`;
}

function linesOf({ name, words, options, takesPaths }: CompletedCommand): string[] {
  const at = `-n ${fishQuoted(`__echosweep_at ${fishQuoted(name)}`)}`;
  const first = `-n ${fishQuoted(`__echosweep_at ${fishQuoted(name)} first`)}`;
  return [
    ...words.map(({ word, help }) => `complete -c echosweep ${first} -a ${word}${about(help)}`),
    ...(takesPaths ? [`complete -c echosweep ${at} -F`] : []),
    ...options.map((option) => `complete -c echosweep ${at} ${optionOf(option)}`),
  ];
}

function optionOf(option: CompletedOption): string {
  const names = option.names.map((name) =>
    name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`,
  );
  const value = isList(option) ? listValue(option.value) : plainValue(option.value);
  return [...names, ...value].join(' ') + about(option.help);
}

function plainValue(value: CompletedValue): string[] {
  if (value === 'nothing') return [];
  if (value === 'path') return ['-r', '-F'];
  return value === 'text' ? ['-x'] : ['-x', '-a', fishQuoted(value.join(' '))];
}

function listValue(value: CompletedValue): string[] {
  const words = typeof value === 'string' ? [] : value;
  const command = `string split " " ${fishQuoted(words.join(' '))}`;
  return ['-x', '-a', fishQuoted(`(__fish_complete_list , ${fishQuoted(command)})`)];
}

function about(help: string): string {
  return help === '' ? '' : ` -d ${fishQuoted(help)}`;
}
