import { detectAll } from 'jschardet'

export interface DetectedEncoding {
  /** For `TextDecoder`. */
  label: string
  /** How people call it, with the languages that it is for. */
  name: string
  /** `sure`: hardly ever wrong; `likely`: mostly right; `guess`: too few letters beyond ASCII to tell. */
  sureness: 'sure' | 'likely' | 'guess'
}

/** What the detector calls them, what `TextDecoder` calls them, and for whom they are. */
const ENCODINGS: Record<string, { label: string; name: string; latin?: true }> = {
  'windows-1252': { label: 'windows-1252', name: 'Windows-1252 (Western European)', latin: true },
  'iso-8859-15': { label: 'iso-8859-15', name: 'ISO-8859-15 (Western European)', latin: true },
  'windows-1250': { label: 'windows-1250', name: 'Windows-1250 (Central European)', latin: true },
  'iso-8859-2': { label: 'iso-8859-2', name: 'ISO-8859-2 (Central European)', latin: true },
  'windows-1254': { label: 'windows-1254', name: 'Windows-1254 (Turkish)', latin: true },
  'windows-1257': { label: 'windows-1257', name: 'Windows-1257 (Baltic)', latin: true },
  macroman: { label: 'macintosh', name: 'Mac Roman', latin: true },
  'windows-1251': { label: 'windows-1251', name: 'Windows-1251 (Cyrillic)' },
  'iso-8859-5': { label: 'iso-8859-5', name: 'ISO-8859-5 (Cyrillic)' },
  maccyrillic: { label: 'x-mac-cyrillic', name: 'Mac Cyrillic' },
  ibm866: { label: 'ibm866', name: 'IBM866 (Cyrillic)' },
  'koi8-r': { label: 'koi8-r', name: 'KOI8-R (Cyrillic)' },
  'koi8-t': { label: 'koi8-r', name: 'KOI8-R (Cyrillic)' },
  'koi8-u': { label: 'koi8-u', name: 'KOI8-U (Cyrillic)' },
  'windows-1253': { label: 'windows-1253', name: 'Windows-1253 (Greek)' },
  'iso-8859-7': { label: 'iso-8859-7', name: 'ISO-8859-7 (Greek)' },
  'windows-1255': { label: 'windows-1255', name: 'Windows-1255 (Hebrew)' },
  'iso-8859-8': { label: 'iso-8859-8', name: 'ISO-8859-8 (Hebrew)' },
  'windows-1256': { label: 'windows-1256', name: 'Windows-1256 (Arabic)' },
  'iso-8859-6': { label: 'iso-8859-6', name: 'ISO-8859-6 (Arabic)' },
  cp874: { label: 'windows-874', name: 'Windows-874 (Thai)' },
  'tis-620': { label: 'windows-874', name: 'Windows-874 (Thai)' },
  cp932: { label: 'shift_jis', name: 'Shift-JIS (Japanese)' },
  shift_jis: { label: 'shift_jis', name: 'Shift-JIS (Japanese)' },
  'shift-jis': { label: 'shift_jis', name: 'Shift-JIS (Japanese)' },
  'euc-jp': { label: 'euc-jp', name: 'EUC-JP (Japanese)' },
  'iso-2022-jp': { label: 'iso-2022-jp', name: 'ISO-2022-JP (Japanese)' },
  gb18030: { label: 'gb18030', name: 'GB18030 (Chinese)' },
  gb2312: { label: 'gb18030', name: 'GB18030 (Chinese)' },
  big5: { label: 'big5', name: 'Big5 (Chinese)' },
  cp949: { label: 'euc-kr', name: 'EUC-KR (Korean)' },
  'euc-kr': { label: 'euc-kr', name: 'EUC-KR (Korean)' },
}
const WESTERN = ENCODINGS['windows-1252']!

/** Bytes for the detector: it takes 10 ms for so many. */
const SAMPLE_BYTES = 64 * 1024
/** Lines are looked through for the sample in so much of a file. */
const SEARCHED_BYTES = 4 * 1024 * 1024
/** Letters beyond ASCII stand alone in Latin scripts, and side by side in all others; between both, either is possible. */
const LATIN_SHARE = 0.3
const OWN_SCRIPT_SHARE = 0.9
/** Fewer bytes beyond ASCII are no word of a script of its own. */
const FEW_LETTERS = 4
/** From so many on, the choice between encodings of Latin letters is more than a guess. */
const TELLING_LETTERS = 8
/** How much better than Windows-1252 another Latin encoding has to fit: tried on 700 lists of names in 14 languages. */
const CLEARLY_BETTER = 1.5
const MIN_CONFIDENCE = 0.02
/** In the same lists the detector was right of scripts of their own in all cases from here on. */
const SURE_CONFIDENCE = 0.1
/** Japanese text has so many kana among its letters beyond ASCII; in a wrong encoding hardly any come out. */
const KANA_SHARE = 0.2
const JAPANESE = ['euc-jp', 'shift_jis'] as const

/**
 * The encoding of text that is neither UTF-8 nor UTF-16, by the statistics of jschardet. Where only single letters beyond
 * ASCII occur and none fits clearly better it is Windows-1252, which most such files are in. Pure.
 */
export function detectEncoding(bytes: Uint8Array): DetectedEncoding {
  const sample = sampleOf(bytes)
  const { beyondAscii, sideBySide } = countBytes(sample)
  const isOwnScript = sideBySide >= OWN_SCRIPT_SHARE * beyondAscii
  if (beyondAscii < FEW_LETTERS || sideBySide < LATIN_SHARE * beyondAscii)
    return latinEncoding(sample, beyondAscii)
  const japanese = JAPANESE.find((label) => kanaShare(sample, label) >= KANA_SHARE)
  if (japanese) return { ...ENCODINGS[japanese]!, sureness: 'sure' }
  const best = fittingEncodings(sample).find(({ latin }) => !latin || !isOwnScript)
  if (!best) return { ...WESTERN, sureness: 'guess' }
  if (best.latin) return latinEncoding(sample, beyondAscii)
  const { label, name, confidence } = best
  return { label, name, sureness: isOwnScript && confidence >= SURE_CONFIDENCE ? 'sure' : 'likely' }
}

function latinEncoding(sample: Uint8Array, letters: number): DetectedEncoding {
  const fitting = fittingEncodings(sample).filter(({ latin }) => latin)
  const western = fitting.find(({ label }) => label === WESTERN.label)
  const [best] = fitting
  const isClear =
    best && western && best.confidence >= Math.max(MIN_CONFIDENCE, CLEARLY_BETTER * western.confidence)
  const { label, name } = isClear ? best : WESTERN
  return { label, name, sureness: letters < TELLING_LETTERS ? 'guess' : 'likely' }
}

type Fitting = (typeof ENCODINGS)[string] & { confidence: number }

/** What the detector holds possible and what can be decoded without a fault, best first. */
function fittingEncodings(sample: Uint8Array): Fitting[] {
  return detectAll(sample).flatMap(({ encoding, confidence }) => {
    const known = ENCODINGS[encoding?.toLowerCase() ?? '']
    return known && decoded(sample, known.label) !== undefined ? [{ ...known, confidence }] : []
  })
}

function kanaShare(sample: Uint8Array, label: string): number {
  const letters = decoded(sample, label)?.match(/[^\p{ASCII}\p{P}\p{S}\s]/gu) ?? []
  // Half-width kana are single bytes of Shift-JIS, so anything turns into them.
  const kana = letters.filter((letter) => /[\u3041-\u30ff]/.test(letter)).length
  const odd = letters.some((letter) => !/[\p{Script=Han}\u3041-\u30ff\uff10-\uff5a々ー]/u.test(letter))
  return odd || letters.length === 0 ? 0 : kana / letters.length
}

function decoded(sample: Uint8Array, label: string): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(sample)
  } catch (error) {
    if (error instanceof TypeError) return undefined
    throw error
  }
}

/** The lines with bytes beyond ASCII: numbers say nothing about an encoding. Whole lines, so that no character is cut. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  let size = 0
  const end = Math.min(bytes.length, SEARCHED_BYTES)
  for (let start = 0; start < end && size < SAMPLE_BYTES; ) {
    const found = bytes.indexOf(LINE_FEED, start)
    const stop = found < 0 ? bytes.length : found + 1
    const line = bytes.subarray(start, Math.min(stop, start + SAMPLE_BYTES - size))
    if (line.some((byte) => byte >= 0x80 || byte === ESCAPE)) {
      parts.push(line)
      size += line.length
    }
    start = stop
  }
  return Buffer.concat(parts)
}

const LINE_FEED = 0x0a
/** ISO-2022-JP is ASCII between escapes. */
const ESCAPE = 0x1b

function countBytes(sample: Uint8Array): { beyondAscii: number; sideBySide: number } {
  let beyondAscii = 0
  let sideBySide = 0
  for (let i = 0; i < sample.length; i++) {
    if (sample[i]! < 0x80) continue
    beyondAscii++
    if ((sample[i - 1] ?? 0) >= 0x80 || (sample[i + 1] ?? 0) >= 0x80) sideBySide++
  }
  return { beyondAscii, sideBySide }
}
