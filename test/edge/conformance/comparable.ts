/** An answer with what differs each time replaced: ids by their order, times and instances by what they are. */
export function comparable(value: unknown): unknown {
  const ids = new Map<string, string>()
  const nameOf = (id: string) => {
    if (!ids.has(id)) ids.set(id, `T${ids.size + 1}`)
    return ids.get(id)!
  }
  const walk = (item: unknown, key = ''): unknown => {
    if (Array.isArray(item)) return item.map((one) => walk(one, key))
    if (typeof item === 'object' && item !== null)
      return Object.fromEntries(
        Object.entries(item)
          .map(([name, one]) => [name, walk(one, name)] as const)
          .toSorted(([a], [b]) => (a < b ? -1 : 1)),
      )
    if (key === 'instance' || key === 'traceparent' || key === 'bodyHash' || key === 'nextCursor') return key
    if (key === 'seq' || key === 'completedSeq' || key === 'blob' || key === 'traceId') return key
    // A label that keeps the transports' tasks apart.
    if (key === 'run') return key
    if (typeof item === 'number' && /(At|Since|Until)Ms$|^(at|since|until)Ms$/.test(key)) return 'time'
    if (typeof item === 'string') return item.replace(/\bt[\w-]{22}(?![\w-])/g, nameOf)
    return item
  }
  return walk(value)
}
