import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Clip, FindClipsRequest } from '#schemas/recording.ts'
import { subjectOf } from '#subjects/operations.ts'
import type { Bus } from './bus.ts'

/** A clip, and what it was found by. */
export interface FoundClip {
  readonly request: FindClipsRequest
  readonly clip: Clip
}

const TIMEOUT_MS = 15_000
/** Of a clip, in one message. */
const PIECE_BYTES = 256 * 1024
/** Pieces that are asked for before they are needed: as many as hide the way to another node. */
const PIECES_AHEAD = 4

/**
 * A part of a clip, piece by piece, none of it held.
 * @param range bytes; `to` is exclusive
 * @throws MurmurError RECORDING_NOT_FOUND when it is not there any more, or not as it was; UNAVAILABLE
 */
export async function* readClip(
  bus: Pick<Bus, 'requestBytes'>,
  tenant: string,
  { request, clip }: FoundClip,
  { from, to }: { from: number; to: number },
): AsyncGenerator<Uint8Array> {
  const subject = subjectOf('readClip', { tenant })
  const { store, part, etag } = clip
  const ask = (offset: number) => {
    const bytes = Math.min(PIECE_BYTES, to - offset)
    const body = { ...request, store, part, etag, offset, bytes }
    const piece = bus.requestBytes(subject, body, { timeoutMs: TIMEOUT_MS })
    // Told when its turn comes.
    piece.catch(() => undefined)
    return { piece, bytes }
  }
  const ahead: ReturnType<typeof ask>[] = []
  for (let next = from; next < to || ahead.length > 0; ) {
    for (; ahead.length < PIECES_AHEAD && next < to; next += PIECE_BYTES) ahead.push(ask(next))
    const { piece, bytes } = ahead.shift()!
    const got = await piece
    if (got.length !== bytes) throw new MurmurError('RECORDING_NOT_FOUND', 'the clip ended before its end')
    yield got
  }
}
