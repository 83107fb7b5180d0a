/** One wrong line, and the tests that have to notice it. */
export interface Mutant {
  /** Short and unique: for `--only`. */
  readonly name: string
  /** From the top of the repository. */
  readonly file: string
  /** A text that is in the file exactly once. Any run of spaces and line breaks stands for any other. */
  readonly find: string
  readonly replace: string
  /** What goes wrong with it. */
  readonly why: string
  /** Test files, the likeliest first. One that fails is enough. */
  readonly tests: readonly string[]
  /** Why no test can notice it: such a mutant counts as explained, not as missed. */
  readonly survives?: string
}

/**
 * The file's text with the mutant in it.
 * @throws Error when what it looks for is not there exactly once
 */
export function applyMutant(text: string, { name, file, find, replace }: Mutant): string {
  const pattern = new RegExp(find.trim().split(/\s+/).map(escaped).join('\\s+'), 'g')
  const places = [...text.matchAll(pattern)]
  if (places.length !== 1)
    throw new Error(`mutant ${name}: its text is in ${file} ${places.length} times instead of once`)
  const [place] = places
  const at = place!.index
  return text.slice(0, at) + replace + text.slice(at + place![0].length)
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
