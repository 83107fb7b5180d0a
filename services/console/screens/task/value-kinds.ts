export interface FoundBlob {
  readonly blob: string
  readonly contentType: string
  readonly size: number
  readonly name?: string | undefined
}

export interface FoundTable {
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

const MAX_BLOBS = 12
const MAX_VISITED = 5000
const MAX_COLUMNS = 30

/** Objects of the store that a value refers to, the first dozen. Pure. */
export function blobsIn(value: unknown): FoundBlob[] {
  const found = new Map<string, FoundBlob>()
  const queue: unknown[] = [value]
  for (let visited = 0; queue.length > 0 && visited < MAX_VISITED && found.size < MAX_BLOBS; visited++) {
    const each = queue.shift()
    if (typeof each !== 'object' || each === null) continue
    const { blob, contentType, size, name } = each as Record<string, unknown>
    if (typeof blob === 'string' && typeof contentType === 'string' && typeof size === 'number')
      found.set(blob, { blob, contentType, size, name: typeof name === 'string' ? name : undefined })
    else queue.push(...Object.values(each))
  }
  return [...found.values()]
}

/** A list of flat objects of like keys as a table, or a list of lists; undefined for what is none. Pure. */
export function tableOf(value: unknown): FoundTable | undefined {
  const list = listIn(value)
  if (!list || list.length < 2) return undefined
  if (list.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row))) {
    const rows = list as Record<string, unknown>[]
    const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))]
    if (columns.length === 0 || columns.length > MAX_COLUMNS) return undefined
    const isFlat = rows.every((row) =>
      Object.values(row).every((cell) => typeof cell !== 'object' || cell === null),
    )
    return isFlat
      ? { columns, rows: rows.map((row) => columns.map((column) => cellText(row[column]))) }
      : undefined
  }
  return undefined
}

function listIn(value: unknown): unknown[] | undefined {
  if (Array.isArray(value)) return value
  if (typeof value !== 'object' || value === null) return undefined
  const { rows } = value as { rows?: unknown }
  return Array.isArray(rows) ? rows : undefined
}

function cellText(cell: unknown): string {
  return cell === undefined || cell === null ? '' : String(cell)
}

/** A text of several lines, or the only text of an object; undefined for what is better shown as JSON. Pure. */
export function textOf(value: unknown): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  const { text } = value as { text?: unknown }
  const inner = typeof text === 'object' && text !== null ? (text as { content?: unknown }).content : text
  return typeof inner === 'string' && inner.length > 80 ? inner : undefined
}
