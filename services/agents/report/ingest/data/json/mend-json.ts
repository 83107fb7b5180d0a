export interface MendedJson {
  text: string
  /** How many `NaN`, `Infinity` and `-Infinity` stood outside of strings; each became `null`. */
  nonFinite: number
  /** How many whole numbers were beyond 2^53; each became a string of its digits. */
  bigIntegers: number
}

/** What JSON does not know, and Python, JavaScript and R write all the same. */
const NON_FINITE = new Set([
  'NaN',
  'nan',
  'Infinity',
  'inf',
  '-Infinity',
  '-inf',
  '-NaN',
  '-nan',
  '+Infinity',
])
const LONGEST_NON_FINITE = 9
const MAYBE_ODD = /nan|inf|\d{16}/i
/** The shortest whole number beyond 2^53 has so many digits. */
const MIN_BIG_DIGITS = 16
const WHOLE = /^-?[1-9]\d{15,}$/
const QUOTE = 0x22
const BACKSLASH = 0x5c
const LINE_FEED = 0x0a

/**
 * JSON text that every parser reads as it was meant: values that are no JSON become `null`, and whole numbers that a double
 * would change become strings, digit for digit. Strings are not touched. One pass, also over lines of NDJSON. Pure.
 */
export function mendJson(text: string): MendedJson {
  if (!MAYBE_ODD.test(text)) return { text, nonFinite: 0, bigIntegers: 0 }
  const pieces: string[] = []
  let kept = 0
  let nonFinite = 0
  let bigIntegers = 0
  for (let i = 0; i < text.length; ) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) {
      i = endOfString(text, i)
      continue
    }
    if (!isWordPart(code)) {
      i++
      continue
    }
    const end = endOfWord(text, i)
    const put = replacementOf(text, i, end)
    if (put !== undefined) {
      pieces.push(text.slice(kept, i), put)
      kept = end
      if (put === 'null') nonFinite++
      else bigIntegers++
    }
    i = end
  }
  return { text: pieces.length === 0 ? text : pieces.join('') + text.slice(kept), nonFinite, bigIntegers }
}

/** The index after a string; a line feed ends it too, so that one broken line of NDJSON does not spoil the next. */
function endOfString(text: string, start: number): number {
  let i = start + 1
  for (; i < text.length; i++) {
    const code = text.charCodeAt(i)
    if (code === QUOTE) return i + 1
    if (code === LINE_FEED) return i
    if (code === BACKSLASH) i++
  }
  return i
}

/** Letters, digits, signs and the point. */
function isWordPart(code: number): boolean {
  return (
    (code >= 0x30 && code <= 0x39) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x61 && code <= 0x7a) ||
    code === 0x2b ||
    code === 0x2d ||
    code === 0x2e
  )
}

function endOfWord(text: string, start: number): number {
  let i = start + 1
  while (i < text.length && isWordPart(text.charCodeAt(i))) i++
  return i
}

function replacementOf(text: string, start: number, end: number): string | undefined {
  const length = end - start
  if (length <= LONGEST_NON_FINITE) {
    const word = text.slice(start, end)
    return NON_FINITE.has(word) ? 'null' : undefined
  }
  if (length < MIN_BIG_DIGITS) return undefined
  const word = text.slice(start, end)
  return WHOLE.test(word) && !Number.isSafeInteger(Number(word)) ? `"${word}"` : undefined
}
