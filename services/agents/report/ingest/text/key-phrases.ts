import type { TextContent } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { FUNCTION_WORDS } from './function-words.ts'

const WORDS = new Intl.Segmenter('und', { granularity: 'word' })
const MAX_WORDS = 3
/** From so many words on, frequency tells which words only join others. */
const FREQUENCY_TELLS = 200
const JOINING_SHARE = 0.02
const JOINING_CHARACTERS = 3

interface Candidate {
  words: string[]
  phrase: string
  count: number
}

/**
 * Phrases that the text is about (after RAKE): runs of content words, scored by how often and in what company their words
 * stand. Short words that are very frequent in this text join phrases like the known function words do. Pure.
 */
export function keyPhrases(blocks: readonly string[]): TextContent['keyPhrases'] {
  const runs = contentRuns(blocks)
  const candidates = candidatesOf(runs)
  const scores = wordScores(runs)
  const scored = [...candidates.values()]
    .filter(({ words, count }) => count > 1 || words.length > 1 || candidates.size < 30)
    .map(({ words, phrase, count }) => {
      const mean = words.reduce((sum, word) => sum + scores.get(word)!, 0) / words.length
      // Longer phrases say more, but only when they come again.
      return {
        words,
        phrase,
        count,
        score: mean * Math.log2(1 + count) * (words.length > 1 && count > 1 ? 1.5 : 1),
      }
    })
    .sort((a, b) => b.score - a.score || b.count - a.count || (a.phrase < b.phrase ? -1 : 1))
  return withoutOverlap(scored).map(({ phrase, score, count }) => ({
    phrase,
    score: Math.round(score * 1000) / 1000,
    count,
  }))
}

/** Words between punctuation and joining words, as written. */
function contentRuns(blocks: readonly string[]): string[][] {
  const segments = blocks.map((block) => [...WORDS.segment(block)])
  const joins = joiningWords(segments.flat().flatMap((s) => (s.isWordLike ? [s.segment.toLowerCase()] : [])))
  const runs: string[][] = []
  for (const block of segments) {
    let run: string[] = []
    const close = () => {
      if (run.length > 0) runs.push(run)
      run = []
    }
    for (const { segment, isWordLike } of block) {
      if (isWordLike ? !isContent(segment, joins) : !/^[\s\-‐]+$/.test(segment)) close()
      else if (isWordLike) run.push(segment)
    }
    close()
  }
  return runs
}

function isContent(word: string, joins: ReadonlySet<string>): boolean {
  const lower = word.toLowerCase()
  return /\p{L}/u.test(word) && lower.length > 1 && !FUNCTION_WORDS.has(lower) && !joins.has(lower)
}

function joiningWords(words: readonly string[]): Set<string> {
  if (words.length < FREQUENCY_TELLS) return new Set()
  const counts = new Map<string, number>()
  for (const word of words)
    if (word.length <= JOINING_CHARACTERS) counts.set(word, (counts.get(word) ?? 0) + 1)
  return new Set(
    [...counts].filter(([, count]) => count >= JOINING_SHARE * words.length).map(([word]) => word),
  )
}

function candidatesOf(runs: readonly string[][]): Map<string, Candidate> {
  const found = new Map<string, Candidate>()
  for (const run of runs) {
    for (let start = 0; start < run.length; start++) {
      for (let length = 1; length <= MAX_WORDS && start + length <= run.length; length++) {
        const written = run.slice(start, start + length)
        const words = written.map((word) => word.toLowerCase())
        const key = words.join(' ')
        const known = found.get(key)
        if (known) known.count++
        else if (found.size < INGEST_LIMITS.phraseCandidates) {
          found.set(key, { words, phrase: written.join(' '), count: 1 })
        }
      }
    }
  }
  return found
}

/** How connected a word is: its neighbours in runs for each time it stands, times how often that is. */
function wordScores(runs: readonly string[][]): Map<string, number> {
  const counts = new Map<string, { times: number; neighbours: number }>()
  for (const run of runs) {
    for (const word of run) {
      const key = word.toLowerCase()
      const entry = counts.get(key) ?? { times: 0, neighbours: 0 }
      entry.times++
      entry.neighbours += Math.min(run.length, MAX_WORDS)
      counts.set(key, entry)
    }
  }
  return new Map(
    [...counts].map(([word, { times, neighbours }]) => [word, (neighbours / times) * Math.sqrt(times)]),
  )
}

/** Leaves out phrases that are part of a better one, or that a better one is part of. */
function withoutOverlap<Scored extends { words: string[] }>(scored: readonly Scored[]): Scored[] {
  const kept: Scored[] = []
  for (const candidate of scored) {
    if (kept.length >= INGEST_LIMITS.keyPhrases) break
    const overlaps = kept.some(
      ({ words }) =>
        words.filter((word) => candidate.words.includes(word)).length * 2 >=
        Math.min(words.length, candidate.words.length),
    )
    if (!overlaps) kept.push(candidate)
  }
  return kept
}
