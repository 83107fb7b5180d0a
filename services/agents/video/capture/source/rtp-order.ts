/** Packets that wait for an earlier one, at most: two large pictures of a camera. */
const MAX_WAITING = 64
const SEQUENCES = 0x1_0000
const HALF = SEQUENCES / 2

/** Puts the packets of one RTP stream into their order. */
export interface RtpOrder {
  /** @returns what can be passed on now, in its order */
  take(packet: Buffer): Buffer[]
  /** Gives up what is missing. @returns what had waited for it, in its order */
  flush(): Buffer[]
  /** Packets that wait. */
  readonly waiting: number
}

/** UDP keeps no order and loses packets; ffmpeg reads a stream in which neither happens. Pure but for its memory, which is bounded. */
export function createRtpOrder(): RtpOrder {
  let expected: number | undefined
  const waiting = new Map<number, Buffer>()

  function inOrder(): Buffer[] {
    const given: Buffer[] = []
    for (let next = waiting.get(expected!); next; next = waiting.get(expected!)) {
      waiting.delete(expected!)
      given.push(next)
      expected = (expected! + 1) % SEQUENCES
    }
    return given
  }

  function flush(): Buffer[] {
    if (waiting.size === 0 || expected === undefined) return []
    const from = expected
    const ahead = (sequence: number) => (sequence - from + SEQUENCES) % SEQUENCES
    // Over the gap to the nearest that is there; what else is missing is waited for anew.
    expected = [...waiting.keys()].reduce((nearest, each) => (ahead(each) < ahead(nearest) ? each : nearest))
    return inOrder()
  }

  return {
    get waiting() {
      return waiting.size
    },
    take(packet) {
      if (packet.length < 4) return []
      const sequence = packet.readUInt16BE(2)
      expected ??= sequence
      // Older than what was passed on: it came twice, or too late.
      if ((sequence - expected + SEQUENCES) % SEQUENCES >= HALF) return []
      waiting.set(sequence, packet)
      const given = inOrder()
      if (waiting.size > MAX_WAITING) given.push(...flush())
      return given
    },
    flush,
  }
}
