const MAX_REMARKS = 20
const REMARK =
  /^(?:sources?|notes?|quellen?|anmerkung(?:en)?|hinweis|remarks?|last updated|data (?:from|source)|generated|exported|copyright|downloaded|fuente|nota)\b|^[*†©]|^\(c\)|^https?:/i
/** A cell of a sentence, not of a name. */
const SENTENCE_CHARACTERS = 40
const MIN_ROWS = 3

/** The rows of a table without what stands at its end and is no row of it. */
export interface TableEnd {
  body: string[][]
  /** Lines of words below: sources, remarks. */
  remarks: string[]
}

/** Takes blank rows and remarks below a table off. Pure. */
export function trimEnd(rows: readonly string[][], width: number): TableEnd {
  let end = rows.length
  const remarks: string[] = []
  while (width >= 2 && end > 0 && remarks.length < MAX_REMARKS) {
    const row = rows[end - 1]!
    const isBlank = row.every((cell) => cell.trim() === '')
    if (!isBlank && !(end > MIN_ROWS && isRemark(row, width))) break
    end--
    if (!isBlank) remarks.unshift(row.find((cell) => cell.trim() !== '')!.trim())
  }
  return { body: rows.slice(0, end), remarks }
}

/** One cell of words in a row that has no other: in a narrow table only one that says what it is, or that is long. */
function isRemark(row: readonly string[], width: number): boolean {
  const [first = '', ...others] = row
  const text = first.trim()
  if (text === '' || /^[\d.,+-]+$/.test(text) || others.some((cell) => cell.trim() !== '')) return false
  const isSentence = REMARK.test(text) || (text.includes(' ') && text.length >= SENTENCE_CHARACTERS)
  return (
    isSentence || (width >= 3 && row.length === 1) || (width >= 4 && others.length > 0 && text.includes(' '))
  )
}
