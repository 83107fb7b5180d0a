/** One action as it is done without the console. */
export interface Action {
  /** Arguments of `murmur`. */
  readonly murmur?: readonly string[] | undefined
  /** JSON that the command reads from its standard input. */
  readonly murmurInput?: unknown
  readonly rest?: { readonly method: string; readonly path: string; readonly body?: unknown } | undefined
  readonly nats?: { readonly subject: string; readonly body: unknown } | undefined
}

/** A text as one word of a POSIX shell. Pure. */
export function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
}

/** The command lines of an action, by the tool. Pure. @param origin of the edge */
export function commandLines(
  { murmur, murmurInput, rest, nats }: Action,
  { origin, needsKey }: { origin: string; needsKey: boolean },
): { tool: 'murmur' | 'curl' | 'nats'; line: string }[] {
  const lines: { tool: 'murmur' | 'curl' | 'nats'; line: string }[] = []
  if (murmur) {
    const input = murmurInput === undefined ? '' : `echo ${shellWord(JSON.stringify(murmurInput))} | `
    lines.push({ tool: 'murmur', line: input + ['murmur', ...murmur].map(shellWord).join(' ') })
  }
  if (rest) {
    const words = [
      'curl',
      '-s',
      ...(rest.method === 'GET' ? [] : ['-X', rest.method]),
      `${origin}${rest.path}`,
    ]
    const key = needsKey ? ' -H "authorization: Bearer $MURMUR_KEY"' : ''
    const body =
      rest.body === undefined
        ? ''
        : ` -H 'content-type: application/json' -d ${shellWord(JSON.stringify(rest.body))}`
    lines.push({ tool: 'curl', line: words.map(shellWord).join(' ') + key + body })
  }
  if (nats)
    lines.push({
      tool: 'nats',
      line: `nats req ${shellWord(nats.subject)} ${shellWord(JSON.stringify(nats.body))}`,
    })
  return lines
}
