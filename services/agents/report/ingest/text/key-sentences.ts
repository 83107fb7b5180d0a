import { INGEST_LIMITS } from '../limits.ts'
import { FUNCTION_WORDS } from './function-words.ts'
import { sentencesIn, wordsIn } from './text-counts.ts'

const MIN_WORDS = 4
const MAX_CHARACTERS = 400
/** Sentences that share more than this with a chosen one say the same again. */
const DUPLICATE_SIMILARITY = 0.6

interface Scored {
  sentence: string
  words: Set<string>
  index: number
  score: number
}

/** Sentences that share most words with all others (degree centrality, after LexRank), in the order of the text. Pure. */
export function keySentences(blocks: readonly string[]): string[] {
  const sentences = evenly(blocks.flatMap(sentencesIn).filter(isSentence), INGEST_LIMITS.rankedSentences)
  const scored = sentences.map((sentence, index): Scored => {
    const words = new Set(wordsIn(sentence).filter((word) => word.length > 1 && !FUNCTION_WORDS.has(word)))
    return { sentence, words, index, score: 0 }
  })
  const candidates = scored.filter(({ words }) => words.size >= 2)
  for (const one of candidates) {
    // What stands first is a little more likely to stand for the whole.
    one.score = 0.1 / (1 + one.index)
    for (const other of candidates) if (one !== other) one.score += similarity(one.words, other.words)
  }
  const chosen: Scored[] = []
  for (const candidate of candidates.toSorted((a, b) => b.score - a.score || a.index - b.index)) {
    if (chosen.length >= INGEST_LIMITS.keySentences) break
    if (chosen.every(({ words }) => similarity(words, candidate.words) < DUPLICATE_SIMILARITY))
      chosen.push(candidate)
  }
  return chosen.sort((a, b) => a.index - b.index).map(({ sentence }) => sentence)
}

function isSentence(sentence: string): boolean {
  if (sentence.length > MAX_CHARACTERS) return false
  return wordsIn(sentence).length >= MIN_WORDS
}

function similarity(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0
  for (const word of a) if (b.has(word)) shared++
  return shared / Math.sqrt(a.size * b.size)
}

function evenly<Item>(items: readonly Item[], max: number): Item[] {
  if (items.length <= max) return [...items]
  return Array.from({ length: max }, (_, i) => items[Math.floor((i * items.length) / max)]!)
}
