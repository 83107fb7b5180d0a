/** What encloses cells, and what stands before such a sign inside a cell. */
export interface CsvQuoting {
  quote: '"' | "'"
  escapeMark: '"' | "'" | '\\'
  /** Spaces stand between a delimiter and a quote. */
  isSpaced?: boolean
}

const DELIMITERS = ',;\t|'
const MIN_ENCLOSED = 3
/** Of all single quotes, so many must enclose a cell: the rest may be apostrophes. */
const MIN_ENCLOSING = 0.9

/**
 * Double quotes, or single ones where there are no double ones; backslashes before quotes (as MySQL and JSON write them) where that
 * leaves fewer quotes in the wrong place than doubled ones do. Pure.
 */
export function sniffQuoting(sample: string): CsvQuoting {
  if (sample.includes('"')) {
    const isBackslash = sample.includes('\\"') && misplacedQuotes(sample, '\\') < misplacedQuotes(sample, '"')
    const isSpaced = /[,;|] +"/.test(sample) && !/[^,;|\n\s] +"[^,;|\n]/.test(sample)
    return { quote: '"', escapeMark: isBackslash ? '\\' : '"', ...(isSpaced && { isSpaced }) }
  }
  const enclosed = sample.match(/(?:^|[,;\t|])'[^'\n]*'(?=[,;\t|]|\r?$)/gm)?.length ?? 0
  const all = sample.match(/'/g)?.length ?? 0
  return enclosed >= MIN_ENCLOSED && enclosed * 2 >= MIN_ENCLOSING * all
    ? { quote: "'", escapeMark: "'" }
    : { quote: '"', escapeMark: '"' }
}

/** Quotes that close a cell without a delimiter behind them. */
function misplacedQuotes(sample: string, escapeMark: '"' | '\\'): number {
  let misplaced = 0
  let isQuoted = false
  let isStart = true
  for (let i = 0; i < sample.length; i++) {
    const character = sample[i]!
    if (isQuoted) {
      const next = sample[i + 1]
      if (character === '\\' && escapeMark === '\\') i++
      else if (character === '"' && next === '"') i++
      else if (character === '"') {
        isQuoted = false
        if (next !== undefined && next !== '\n' && !DELIMITERS.includes(next)) misplaced++
      }
    } else if (character === '"' && isStart) isQuoted = true
    isStart =
      !isQuoted && (character === '\n' || DELIMITERS.includes(character) || (isStart && character === ' '))
  }
  return misplaced
}
