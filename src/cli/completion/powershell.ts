/** Completion for PowerShell 5.1 and later: a native argument completer and its tables. */

import { powershellQuoted } from '../shell-words.ts';
import { type CompletedCommand, type CompletedOption, isList } from './completed-commands.ts';

/** The script, to be dot-sourced from a profile. */
export function powershellCompletion(commands: readonly CompletedCommand[]): string {
  return `# Completion of echosweep for PowerShell.
Register-ArgumentCompleter -Native -CommandName echosweep -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $commands = [hashtable]::new([StringComparer]::Ordinal)
${commands.map(commandTable).join('\n')}
  $given = @($commandAst.CommandElements |
    Where-Object { $_.Extent.EndOffset -lt $cursorPosition } |
    Select-Object -Skip 1 | ForEach-Object { $_.Extent.Text })
  $name = ''
  $depth = 0
  foreach ($each in $given) {
    $longer = "$name $each".Trim()
    if (-not $commands.ContainsKey($longer)) { break }
    $name = $longer
    $depth++
  }
  $command = $commands[$name]
  $before = if ($given.Count -gt 0) { $given[-1] } else { '' }
  $offered = @()
  $prefix = ''
  $last = "$wordToComplete"
  if ($command.Values.ContainsKey($before)) {
    $value = $command.Values[$before]
    if ($value.IsList -and $last.Contains(',')) {
      $prefix = $last.Substring(0, $last.LastIndexOf(',') + 1)
      $last = $last.Substring($prefix.Length)
    }
    $offered = $value.Words | ForEach-Object { , @($_, $_) }
  } elseif ($last.StartsWith('-')) {
    $offered = $command.Options
  } elseif ($depth -eq $given.Count) {
    $offered = $command.Words
  }
  # With nothing to offer, PowerShell completes paths.
  $offered | Where-Object { $_ -and $_[0].StartsWith($last, [StringComparison]::Ordinal) } |
    ForEach-Object {
      [System.Management.Automation.CompletionResult]::new($prefix + $_[0], $_[0], 'ParameterValue', $_[1])
    }
}
`;
}

function commandTable({ name, words, options }: CompletedCommand): string {
  const pairs = options.flatMap(({ names, help }) => names.map((word) => pairOf(word, help)));
  return `  $values = [hashtable]::new([StringComparer]::Ordinal)
${options.flatMap(valueLines).join('\n')}
  $commands[${powershellQuoted(name)}] = @{
    Words = @(${words.map(({ word, help }) => pairOf(word, help)).join(', ')})
    Options = @(${pairs.join(', ')})
    Values = $values
  }`;
}

function valueLines(option: CompletedOption): string[] {
  if (option.value === 'nothing') return [];
  const words = typeof option.value === 'string' ? [] : option.value;
  const value = `@{ IsList = $${isList(option)}; Words = @(${words.map(powershellQuoted).join(', ')}) }`;
  return option.names.map((name) => `  $values[${powershellQuoted(name)}] = ${value}`);
}

/** The comma keeps a single pair from being flattened. */
function pairOf(word: string, help: string): string {
  return `, @(${powershellQuoted(word)}, ${powershellQuoted(help === '' ? word : help)})`;
}
