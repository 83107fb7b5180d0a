import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { createRtpOrder, type RtpOrder } from './rtp-order.ts'

/** Pairs of ports are looked for where systems give out none by themselves on Linux (below 32768). */
const PORTS = { from: 20_000, pairs: 6_000 } as const
const MAX_ATTEMPTS = 32
/** A large picture comes in one burst. */
const BUFFER_BYTES = 4 * 1024 * 1024
/** A packet that is missing for so long is lost. */
const REORDER_MS = 60
/** Streams of a source: pictures, sound, what is told beside them. */
const MAX_STREAMS = 8
const FRAME_MARK = 0x24
/** To the source, so that a firewall on the way lets through what comes back: an empty packet of RTP, and one of RTCP. */
const GREETINGS = [
  Buffer.from([0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]),
  Buffer.from([0x80, 0xc9, 0, 1, 0, 0, 0, 0]),
]

/** One stream of a source over UDP, and the pair of channels that it has in the connection of the reader. */
interface Stream {
  sockets: [rtp: UdpSocket, rtcp: UdpSocket]
  order: RtpOrder
  timer?: NodeJS.Timeout | undefined
  peer?: { address: string; ports: [rtp: number, rtcp: number] }
}

export interface UdpChannelsOptions {
  /** Where the connection to the source begins: packets are received there and nowhere else. */
  localAddress: string
  /** Where it leads: packets from anywhere else are not read. */
  remoteAddress: string
  /** Gets what is for the reader, as it stands in a connection of RTSP. */
  pass(framed: Buffer): void
}

/** Media of a source that comes as packets, for a reader that takes it within its connection. */
export class UdpChannels {
  readonly #options: UdpChannelsOptions
  readonly #streams = new Map<number, Stream>()
  #isClosed = false

  constructor(options: UdpChannelsOptions) {
    this.#options = options
  }

  /**
   * Receives on a pair of ports for these channels.
   * @returns the ports, for the source @throws MurmurError LIMIT_EXCEEDED, SOURCE_UNAVAILABLE
   */
  async open(channel: number): Promise<[rtp: number, rtcp: number]> {
    const before = this.#streams.get(channel)
    if (before) return portsOf(before)
    if (this.#streams.size >= MAX_STREAMS)
      throw new MurmurError('LIMIT_EXCEEDED', `the source has more than ${MAX_STREAMS} streams`)
    const sockets = await openPair(this.#options.localAddress)
    if (this.#isClosed) for (const socket of sockets) socket.close()
    const stream: Stream = { sockets, order: createRtpOrder() }
    this.#streams.set(channel, stream)
    const isFromSource = ({ address }: { address: string }) =>
      plain(address) === plain(this.#options.remoteAddress)
    sockets[0].on('message', (packet, from) => {
      if (isFromSource(from)) this.#take(channel, stream, packet)
    })
    sockets[1].on('message', (packet, from) => {
      if (isFromSource(from)) this.#options.pass(framed(channel + 1, packet))
    })
    return portsOf(stream)
  }

  /** Where the source sends from. */
  setPeer(channel: number, ports: [rtp: number, rtcp: number]): void {
    const stream = this.#streams.get(channel)
    if (!stream) return
    stream.peer = { address: this.#options.remoteAddress, ports }
    for (const [i, greeting] of GREETINGS.entries()) this.#send(stream, i, greeting)
  }

  /** What the reader says within its connection goes on as packets: reports on what came. */
  write(media: Buffer): void {
    for (let at = 0; at + 4 <= media.length; ) {
      const channel = media[at + 1]!
      const end = at + 4 + media.readUInt16BE(at + 2)
      const stream = this.#streams.get(channel - (channel % 2))
      if (stream) this.#send(stream, channel % 2, media.subarray(at + 4, end))
      at = end
    }
  }

  close(): void {
    this.#isClosed = true
    for (const { sockets, timer } of this.#streams.values()) {
      clearTimeout(timer)
      for (const socket of sockets) socket.close()
    }
    this.#streams.clear()
  }

  #take(channel: number, stream: Stream, packet: Buffer): void {
    const pass = (packets: readonly Buffer[]) => {
      for (const each of packets) this.#options.pass(framed(channel, each))
    }
    pass(stream.order.take(packet))
    if (stream.order.waiting === 0) {
      clearTimeout(stream.timer)
      stream.timer = undefined
    } else
      stream.timer ??= setTimeout(() => {
        stream.timer = undefined
        pass(stream.order.flush())
      }, REORDER_MS)
  }

  #send({ sockets, peer }: Stream, i: number, packet: Buffer): void {
    // A packet that can't be sent is a packet that was lost.
    if (peer && !this.#isClosed) sockets[i]!.send(packet, peer.ports[i]!, peer.address, () => undefined)
  }
}

function portsOf({ sockets: [rtp, rtcp] }: Stream): [number, number] {
  return [rtp.address().port, rtcp.address().port]
}

function framed(channel: number, packet: Buffer): Buffer {
  const head = Buffer.from([FRAME_MARK, channel, 0, 0])
  head.writeUInt16BE(packet.length, 2)
  return Buffer.concat([head, packet])
}

/** An IPv4 address may be written as one of IPv6. */
function plain(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/i, '')
}

/** Two ports that follow each other, the first one even, as RTP wants it. */
async function openPair(address: string): Promise<[UdpSocket, UdpSocket]> {
  for (let attempt = 1; attempt <= MAX_ATTEMPTS; attempt++) {
    const port = PORTS.from + 2 * Math.floor(Math.random() * PORTS.pairs)
    const first = await bind(plain(address), port)
    const second = first && (await bind(plain(address), port + 1))
    if (first && second) return [first, second]
    first?.close()
  }
  throw new MurmurError('SOURCE_UNAVAILABLE', 'no pair of UDP ports is free here')
}

function bind(address: string, port: number): Promise<UdpSocket | undefined> {
  const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', recvBufferSize: BUFFER_BYTES })
  return new Promise((resolve) => {
    socket.once('error', () => {
      socket.close()
      resolve(undefined)
    })
    socket.bind({ address, port, exclusive: true }, () => {
      socket.removeAllListeners('error')
      socket.on('error', () => undefined)
      resolve(socket)
    })
  })
}
