import type { Argument, Command, Option } from 'commander'

/** What may come next on a command line. */
export type Completion =
  | { kind: 'words'; words: readonly { word: string; about: string }[] }
  | { kind: 'files' }
  /** Of things that only the system knows. */
  | { kind: 'ids'; of: 'task' | 'alert' | 'key' | 'schedule' }

const NOTHING: Completion = { kind: 'words', words: [] }
const FILE_OPTIONS = new Set(['--rules', '--out', '--agent', '--snapshot', '--truth'])
const FILE_ARGUMENTS = new Set(['file', 'files', 'source'])

/**
 * What fits where the cursor is. Pure.
 * @param words those after the program's name, the last one as far as it is typed
 */
export function completeWords(program: Command, words: readonly string[]): Completion {
  const current = words.at(-1) ?? ''
  const path = [program]
  let given = 0
  let open: Option | undefined
  for (const word of words.slice(0, -1)) {
    const command = path.at(-1) ?? program
    if (open) open = undefined
    else if (word.startsWith('-')) open = valueOption(path, word)
    else {
      const next = given === 0 ? command.commands.find((one) => one.name() === word) : undefined
      if (next) path.push(next)
      else given++
    }
  }
  const command = path.at(-1) ?? program
  if (open) return narrowed(ofOption(open), current)
  if (current.startsWith('-'))
    return narrowed(wordsOf(path.flatMap((one) => one.options).map(optionWord)), current)
  const commands = given === 0 ? command.commands.map(commandWord) : []
  const argument = argumentAt(command, given)
  if (commands.length > 0) return narrowed(wordsOf(commands), current)
  return argument ? narrowed(ofArgument(argument, path), current) : NOTHING
}

/** The option that a word names, when its value is still to come. */
function valueOption(path: readonly Command[], word: string): Option | undefined {
  const option = path.flatMap((one) => one.options).find(({ long, short }) => long === word || short === word)
  return option && (option.required || option.optional) ? option : undefined
}

function argumentAt({ registeredArguments: all }: Command, at: number): Argument | undefined {
  const last = all.at(-1)
  return all[at] ?? (last?.variadic ? last : undefined)
}

function ofOption({ long, argChoices }: Option): Completion {
  if (argChoices) return wordsOf(argChoices.map((word) => ({ word, about: '' })))
  return FILE_OPTIONS.has(long ?? '') ? { kind: 'files' } : NOTHING
}

function ofArgument(argument: Argument, path: readonly Command[]): Completion {
  if (argument.argChoices) return wordsOf(argument.argChoices.map((word) => ({ word, about: '' })))
  if (argument.name() === 'schedule') return { kind: 'ids', of: 'schedule' }
  if (argument.name() !== 'id' && argument.name() !== 'ids')
    return FILE_ARGUMENTS.has(argument.name()) ? { kind: 'files' } : NOTHING
  const group = path[1]?.name()
  return { kind: 'ids', of: group === 'alerts' ? 'alert' : group === 'keys' ? 'key' : 'task' }
}

function wordsOf(words: readonly { word: string; about: string }[]): Completion {
  return { kind: 'words', words }
}

function narrowed(completion: Completion, start: string): Completion {
  if (completion.kind !== 'words') return completion
  return wordsOf(completion.words.filter(({ word }) => word.startsWith(start)))
}

function optionWord({ long, short, description }: Option): { word: string; about: string } {
  return { word: long ?? short ?? '', about: description }
}

function commandWord(command: Command): { word: string; about: string } {
  return { word: command.name(), about: command.description() }
}
