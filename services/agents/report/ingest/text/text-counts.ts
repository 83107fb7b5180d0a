import type { TextContent } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../limits.ts'

const WORDS = new Intl.Segmenter('und', { granularity: 'word' })
const SENTENCES = new Intl.Segmenter('und', { granularity: 'sentence' })

/**
 * Counts by the rules of Unicode, which hold for scripts without spaces too. Of long texts the first part is counted and
 * the rest extrapolated: segmenting costs about a second per 2 million characters. Pure.
 */
export function textCounts(text: string): { counts: TextContent['counts']; estimated: boolean } {
  const part = text.slice(0, INGEST_LIMITS.segmentedCharacters)
  const scale = part.length === 0 ? 1 : text.length / part.length
  let words = 0
  for (const { isWordLike } of WORDS.segment(part)) if (isWordLike) words++
  const paragraphs = text.split(/\n\s*\n/).filter((paragraph) => paragraph.trim() !== '').length
  const counts = {
    characters: characterCount(text),
    words: Math.round(words * scale),
    sentences: Math.round(sentencesIn(part).length * scale),
    paragraphs,
  }
  return { counts, estimated: scale > 1 }
}

/** Sentences without white space around them. Pure. */
export function sentencesIn(text: string): string[] {
  const found: string[] = []
  for (const { segment } of SENTENCES.segment(text)) {
    const sentence = segment.trim()
    if (/[\p{L}\p{N}]/u.test(sentence)) found.push(sentence)
  }
  return found
}

/** The words of a text, lower case. Pure. */
export function wordsIn(text: string): string[] {
  const found: string[] = []
  for (const { segment, isWordLike } of WORDS.segment(text)) if (isWordLike) found.push(segment.toLowerCase())
  return found
}

/** Code points, not UTF-16 units. */
function characterCount(text: string): number {
  let pairs = 0
  for (let i = 0; i < text.length; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800) pairs++
  return text.length - pairs
}
