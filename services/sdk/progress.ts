import { messageOf } from '#platform/errors/murmur-error.ts'

const NOTE_CHARACTERS = 500

/** How far something is, from 0 to 1. What is no number is 0: a wrong figure must not end a step. */
export function boundedFraction(fraction: unknown): number {
  return typeof fraction === 'number' && fraction >= 0 ? Math.min(1, fraction) : 0
}

/** A note for watchers, of a length that they can show. */
export function boundedNote(note: unknown): string {
  return messageOf(note).slice(0, NOTE_CHARACTERS)
}
