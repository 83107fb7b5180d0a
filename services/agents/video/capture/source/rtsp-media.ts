import type { Socket } from 'node:net'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { headerOf, type RtspMessage } from './rtsp-message.ts'
import { UdpChannels } from './udp-channels.ts'

const TRANSPORT = 'transport'

/** How a source sends its media: within the connection of RTSP, or as packets of UDP; `auto`: as packets where it does not do the other. */
export type RtspTransport = 'auto' | 'tcp' | 'udp'

/** How the media of one session comes from its source: ffmpeg always gets it within its connection to us. */
export class RtspMedia {
  readonly #pass: (framed: Buffer) => void
  #transport: RtspTransport
  #channels: UdpChannels | undefined

  /** @param pass gets media of the source that came as packets, framed for a connection */
  constructor(transport: RtspTransport, pass: (framed: Buffer) => void) {
    this.#transport = transport
    this.#pass = pass
  }

  /** Whether media comes as packets. */
  get isPackets(): boolean {
    return this.#channels !== undefined
  }

  /** Whether a source is to be asked for packets. Those of RTSP over TLS would not be encrypted. */
  usesPackets({ protocol }: URL): boolean {
    return this.#transport === 'udp' && protocol === 'rtsp:'
  }

  /** Whether packets may be asked for where the source has refused the connection. */
  mayUsePackets({ protocol }: URL, channel: number | undefined): boolean {
    return this.#transport === 'auto' && protocol === 'rtsp:' && channel === undefined && !this.isPackets
  }

  /**
   * The request of ffmpeg with ports of ours in place of its channels.
   * @throws MurmurError SOURCE_UNAVAILABLE, LIMIT_EXCEEDED
   */
  async withPorts(
    request: RtspMessage,
    { localAddress = '', remoteAddress = '' }: Pick<Socket, 'localAddress' | 'remoteAddress'>,
  ): Promise<{ request: RtspMessage; channel: number }> {
    this.#transport = 'udp'
    this.#channels ??= new UdpChannels({ localAddress, remoteAddress, pass: this.#pass })
    const channel = Number(/interleaved=(\d{1,3})/i.exec(headerOf(request, TRANSPORT) ?? '')?.[1])
    if (!Number.isInteger(channel) || channel > 254)
      throw new MurmurError('SOURCE_UNAVAILABLE', 'a stream of the source can not be set up')
    const [rtp, rtcp] = await this.#channels.open(channel)
    return {
      request: withTransport(request, `RTP/AVP;unicast;client_port=${rtp}-${rtcp}`),
      channel,
    }
  }

  /** The answer of a source that sends packets, as ffmpeg expects it: the channels that it asked for. */
  asChannels(message: RtspMessage, channel: number): RtspMessage {
    const given = headerOf(message, TRANSPORT)
    if (given === undefined) return message
    const [, rtp, rtcp] = /server_port=(\d{1,5})(?:-(\d{1,5}))?/i.exec(given) ?? []
    if (rtp !== undefined)
      this.#channels?.setPeer(channel, [Number(rtp), rtcp === undefined ? Number(rtp) + 1 : Number(rtcp)])
    const ssrc = /;\s*ssrc=[0-9a-f]{1,8}/i.exec(given)?.[0] ?? ''
    return withTransport(message, `RTP/AVP/TCP;unicast;interleaved=${channel}-${channel + 1}${ssrc}`)
  }

  /** What ffmpeg says within its connection, to the source. */
  toSource(bytes: Buffer, upstream: Socket | undefined): void {
    if (this.#channels) this.#channels.write(bytes)
    else upstream?.write(bytes)
  }

  close(): void {
    this.#channels?.close()
  }
}

function withTransport(message: RtspMessage, transport: string): RtspMessage {
  const headers = message.headers.map(([name, value]): [string, string] => [
    name,
    name.toLowerCase() === TRANSPORT ? transport : value,
  ])
  return { ...message, headers }
}
