/** How many objects the outermost array holds in the beginning of a JSON text; 0 where it is none. Pure. */
export function recordsIn(head: string): number {
  if (!/^\ufeff?\s*\[/.test(head)) return 0
  let depth = 0
  let records = 0
  let isText = false
  for (let i = 0; i < head.length; i++) {
    const character = head[i]
    if (isText) {
      if (character === '\\') i++
      else if (character === '"') isText = false
    } else if (character === '"') isText = true
    else if (character === '{' || character === '[') depth++
    else if (character === '}' || character === ']') {
      depth--
      if (depth === 1) records++
    }
  }
  return records
}

/** Whether the first line of a text is a record by itself. Pure. */
export function startsWithRecord(head: string): boolean {
  const end = head.indexOf('\n')
  try {
    const value: unknown = JSON.parse(end < 0 ? head : head.slice(0, end))
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}
