/** A command of a document, and what the document says that comes of it. */
export interface Example {
  command: string
  /** Of the first line of the command in the document. */
  line: number
  answer?: { kind: 'json'; value: unknown } | { kind: 'text'; lines: string[] }
}

/** The fenced `sh` blocks of a document, each with the `json` or `text` block right behind it. */
export function readExamples(markdown: string): Example[] {
  const blocks = [...markdown.matchAll(/^```(\w+)\n([\s\S]*?)^```$/gm)]
  return blocks.flatMap((block, i): Example[] => {
    const [, language, body = ''] = block
    if (language !== 'sh') return []
    const line = markdown.slice(0, block.index).split('\n').length + 1
    const next = blocks[i + 1]
    const gap = next && markdown.slice(block.index + block[0].length, next.index)
    const [, kind, told = ''] = gap?.trim() === '' ? (next ?? []) : []
    if (kind === 'json') return [{ command: body, line, answer: { kind, value: JSON.parse(told) } }]
    if (kind === 'text') return [{ command: body, line, answer: { kind, lines: told.trimEnd().split('\n') } }]
    return [{ command: body, line }]
  })
}

/**
 * What is told and not so, as paths. Texts are those that are told, `…` stands for anything in them; of numbers and
 * truth only the kind counts, except `false` and `true`. There may be more than what is told; of lists the first elements count.
 */
export function differences(told: unknown, got: unknown, path = ''): string[] {
  if (typeof told === 'string')
    return typeof got === 'string' && patternOf(told).test(got) ? [] : [`${path}: ${show(got)}`]
  if (typeof told === 'boolean') return got === told ? [] : [`${path}: ${show(got)}`]
  if (typeof told !== 'object' || told === null)
    return typeof got === typeof told ? [] : [`${path}: ${show(got)}`]
  if (typeof got !== 'object' || got === null || Array.isArray(told) !== Array.isArray(got))
    return [`${path}: ${show(got)}`]
  return Object.entries(told).flatMap(([key, value]) =>
    differences(value, (got as Record<string, unknown>)[key], `${path}/${key}`),
  )
}

/** The lines that are told, in this order, with others between them or not. */
export function missingLines(told: readonly string[], got: readonly string[]): string[] {
  let at = 0
  return told.filter((line) => {
    const found = got.findIndex((one, i) => i >= at && patternOf(line).test(one))
    if (found >= 0) at = found + 1
    return found < 0
  })
}

function patternOf(told: string): RegExp {
  const parts = told.split('…').map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`, 's')
}

function show(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 200) ?? 'nothing'
}
