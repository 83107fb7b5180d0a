import type { Column } from '#schemas/document.ts'
import { type Inferred, type PresentCells, plainColumn } from './column-reader.ts'

/** Longer values are texts, however often they repeat. */
const CATEGORY_CHARACTERS = 100
const CATEGORY_SHARE = 0.5
/** Single letters are codes, where capitals may tell two apart. */
const MIN_SPELT_CHARACTERS = 3

/** A column of words: categories where they come again, else texts; spellings that differ in capitals and blanks are told. Pure. */
export function readWords(name: string, present: PresentCells): Inferred {
  const words = present.map((cell) => (cell === null ? null : String(cell)))
  const counts = new Map<string, number>()
  let count = 0
  let longest = 0
  for (const word of words) {
    if (word === null) continue
    count++
    counts.set(word, (counts.get(word) ?? 0) + 1)
    longest = Math.max(longest, word.length)
  }
  const repeats = counts.size === 1 || counts.size <= CATEGORY_SHARE * count
  const kind: Column['kind'] = repeats && longest <= CATEGORY_CHARACTERS ? 'category' : 'text'
  return {
    column: plainColumn(name, kind, words),
    notes: kind === 'category' ? spellingNotes(name, counts) : [],
    read: (cell) => ({ value: String(cell) }),
  }
}

/** Told, and not joined, since nobody knows. */
function spellingNotes(name: string, counts: ReadonlyMap<string, number>): string[] {
  const groups = Map.groupBy(counts.keys(), (word) =>
    word.normalize('NFKC').toLowerCase().replace(/\s+/g, ' ').trim(),
  )
  const differing = [...groups].filter(
    ([folded, written]) => written.length > 1 && folded.length >= MIN_SPELT_CHARACTERS,
  )
  const [first] = differing
  if (!first) return []
  const rows = differing
    .flatMap(([, written]) => written)
    .reduce((sum, word) => sum + (counts.get(word) ?? 0), 0)
  const examples = first[1].map((word) => `"${word}"`).join(', ')
  const values = differing.length === 1 ? '1 value is' : `${differing.length} values are`
  return [
    `"${name}": ${values} spelt in several ways (${examples}), in ${rows} rows; the spellings count as different.`,
  ]
}
