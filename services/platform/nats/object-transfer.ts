import { createHash } from 'node:crypto'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** Pieces of one object under way, to a reader or from a writer: enough to keep the way full, 1 MiB in memory. */
const PIECES_AHEAD = 8

/** Asks for some pieces ahead, and gives them in order. @throws what asking for one throws, in its turn */
export async function* readAhead(
  pieces: number,
  ask: (index: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const asked: Promise<Uint8Array>[] = []
  for (let index = 0; index < pieces; index++) {
    while (asked.length < PIECES_AHEAD && index + asked.length < pieces) {
      const piece = ask(index + asked.length)
      // It is waited for in its turn: until then nobody hears of its failure.
      piece.catch(() => {})
      asked.push(piece)
    }
    yield await asked.shift()!
  }
}

/** Asks for one after the other, and gives them in order. @throws what asking for one throws */
export async function* inOrder(
  pieces: number,
  ask: (index: number) => Promise<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < pieces; index++) yield await ask(index)
}

/**
 * The same pieces; the last one only when all of them match the digest, so that nobody who hands them on as they come can hand on
 * a whole object that is not the one that was stored.
 * @param sha256 raw bytes; undefined: nobody has said one
 * @throws MurmurError BLOB_CORRUPT
 */
export async function* checkedPieces(
  pieces: AsyncIterable<Uint8Array>,
  about: { name: string; sha256: Uint8Array | undefined },
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256')
  let last: Uint8Array | undefined
  for await (const piece of pieces) {
    if (last) yield last
    hash.update(piece)
    last = piece
  }
  if (about.sha256 !== undefined && !hash.digest().equals(about.sha256))
    throw new MurmurError('BLOB_CORRUPT', `the pieces of "${about.name}" don't match their digest`)
  if (last) yield last
}

/** A whole object in memory. @throws MurmurError BLOB_CORRUPT for another size than was said, and what `pieces` throws */
export async function joined(
  pieces: AsyncIterable<Uint8Array>,
  { name, size }: { name: string; size: number },
): Promise<Uint8Array> {
  const all = Buffer.allocUnsafe(size)
  let length = 0
  for await (const piece of pieces) {
    if (length + piece.length <= size) all.set(piece, length)
    length += piece.length
  }
  if (length !== size)
    throw new MurmurError('BLOB_CORRUPT', `object "${name}" has ${length} bytes instead of ${size}`)
  return all
}

/** What was sent of an object. */
export interface SentObject {
  readonly size: number
  readonly pieces: number
  readonly sha256: Buffer
}

/**
 * Sends an object in pieces, some at the same time.
 * @param send resolves when a piece is stored
 * @param onFault told how many pieces were begun when it fails, once none is under way any more
 * @throws what `bytes` and `send` throw
 */
export async function sendPieces(
  bytes: AsyncIterable<Uint8Array>,
  pieceBytes: number,
  send: (index: number, piece: Uint8Array) => Promise<void>,
  onFault: (pieces: number) => Promise<void> = async () => {},
): Promise<SentObject> {
  const hash = createHash('sha256')
  const sending = new SendingPieces()
  let size = 0
  let pieces = 0
  try {
    for await (const piece of inPieces(bytes, pieceBytes)) {
      hash.update(piece)
      size += piece.length
      const index = pieces++
      await sending.add(() => send(index, piece))
    }
    await sending.all()
    return { size, pieces, sha256: hash.digest() }
  } catch (error) {
    await sending.settled()
    await onFault(pieces)
    throw error
  }
}

/** The pieces of one object on their way to the store, some at the same time. */
class SendingPieces {
  readonly #pieces = new Set<Promise<void>>()
  #fault: { error: unknown } | undefined

  /** Resolves when there is room for one more. @throws what an earlier one has failed with */
  async add(send: () => Promise<void>): Promise<void> {
    const sent: Promise<void> = send()
      .catch((error: unknown) => {
        this.#fault ??= { error }
      })
      .finally(() => this.#pieces.delete(sent))
    this.#pieces.add(sent)
    if (this.#pieces.size >= PIECES_AHEAD) await Promise.race(this.#pieces)
    if (this.#fault) throw this.#fault.error
  }

  /** Resolves when none is under way any more. @throws what one of them has failed with */
  async all(): Promise<void> {
    await this.settled()
    if (this.#fault) throw this.#fault.error
  }

  /** The same, and never rejects. */
  async settled(): Promise<void> {
    await Promise.all(this.#pieces)
  }
}

/** Cuts and joins what comes into pieces of one size; the last one is shorter. */
async function* inPieces(bytes: AsyncIterable<Uint8Array>, pieceBytes: number): AsyncGenerator<Uint8Array> {
  let waiting: Uint8Array[] = []
  let length = 0
  for await (const chunk of bytes) {
    let rest = chunk
    while (length + rest.length >= pieceBytes) {
      const taken = rest.subarray(0, pieceBytes - length)
      yield waiting.length === 0 ? taken : Buffer.concat([...waiting, taken])
      rest = rest.subarray(taken.length)
      waiting = []
      length = 0
    }
    if (rest.length > 0) waiting.push(rest)
    length += rest.length
  }
  if (length > 0) yield Buffer.concat(waiting)
}

export async function* wholeOf(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes
}
