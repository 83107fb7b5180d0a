/** The input of the step in a letter; undefined where the letter is no step. Pure. */
export function stepInputOf(content: unknown): unknown {
  if (typeof content !== 'object' || content === null || !('input' in content)) return undefined
  return (content as { input: unknown }).input
}

export type ParsedInput = { readonly value: unknown } | { readonly fault: string }

/** What was typed, as JSON; with where it is wrong. Pure. */
export function parseInput(text: string): ParsedInput {
  try {
    return { value: JSON.parse(text) as unknown }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  }
}
