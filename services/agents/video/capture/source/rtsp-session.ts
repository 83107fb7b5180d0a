import type { Socket } from 'node:net'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  type ChallengeAnswer,
  createChallengeAnswer,
  type UserCredentials,
} from '#platform/http/challenge-answer.ts'
import { RtspMedia, type RtspTransport } from './rtsp-media.ts'
import {
  createRtspReader,
  encodeRtsp,
  headerOf,
  headersOf,
  KEPT_BACK,
  NOT_SENT,
  type RtspMessage,
  type RtspPart,
} from './rtsp-message.ts'
import { refusedUser, unreachableSource } from './source-fault.ts'
import { hostOf } from './source-policy.ts'

/** A source may send its callers elsewhere so often. */
const MAX_REDIRECTS = 3
/** Two challenges, the second because a nonce has grown old. */
const MAX_ATTEMPTS = 3
/** ffmpeg waits for each answer, but for those that keep a session alive. */
const MAX_PENDING = 16
/** Of what ffmpeg does not take at once; the source waits then. */
const HIGH_WATER_BYTES = 1024 * 1024
export interface RtspSessionOptions {
  /** The address that ffmpeg was given. */
  local: string
  /** The source, without user and password. */
  target: URL
  /** Connects after every check. */
  connect: (url: URL) => Promise<Socket>
  /** How media comes from the source; `auto`: within the connection, as packets where the source does not do that. */
  transport: RtspTransport
  /** Told when a source turns out to send packets only. */
  onPackets: () => void
  credentials: UserCredentials | undefined
  onFault: (fault: MurmurError) => void
}

interface Pending {
  method: string
  /** As ffmpeg asked. */
  request: RtspMessage
  cseq: string
  attempts: number
  /** Of a SETUP that is asked for as packets: the channels that ffmpeg wants it in. */
  channel?: number
}

/** One connection of ffmpeg, and the one to the source that belongs to it. */
export class RtspSession {
  readonly #client: Socket
  readonly #options: RtspSessionOptions
  readonly #pending = new Map<number, Pending>()
  readonly #answer: ChallengeAnswer | undefined
  #target: URL
  /** What the address that ffmpeg was given stands for, with a slash at its end. */
  #base: string
  #upstream: Socket | undefined
  #sequence = 0
  #redirects = 0
  #media: RtspMedia
  #isSetUp = false
  #isOver = false

  constructor(client: Socket, options: RtspSessionOptions) {
    this.#client = client
    this.#options = options
    this.#target = options.target
    this.#base = withSlash(options.target.href)
    this.#answer = options.credentials && createChallengeAnswer(options.credentials)
    this.#media = new RtspMedia(options.transport, (framed) => this.#pass(framed))
  }

  start(): void {
    const read = createRtspReader()
    const client = this.#client
    client.once('close', () => this.#end())
    client.on('data', (chunk) => {
      client.pause()
      void this.#takeRequests(() => read(chunk)).then(
        () => client.resume(),
        (error: unknown) => this.#fail(error),
      )
    })
    client.resume()
  }

  async #takeRequests(read: () => RtspPart[]): Promise<void> {
    for (const part of read()) {
      if (part.kind === 'media') this.#media.toSource(part.bytes, this.#upstream)
      else await this.#ask(part.message)
    }
  }

  async #ask(request: RtspMessage): Promise<void> {
    const { local } = this.#options
    const [method = '', uri = ''] = request.start.split(' ')
    const cseq = headerOf(request, 'cseq') ?? ''
    if (uri !== local && !uri.startsWith(`${local}/`) && this.#upstream === undefined)
      return this.#reply('403 Forbidden', cseq)
    // Anything else would have it connect elsewhere, or be sent to from anywhere.
    if (method === 'SETUP' && !/\bTCP\b.*\binterleaved=/i.test(headerOf(request, 'transport') ?? ''))
      return this.#reply('461 Unsupported Transport', cseq)
    if (this.#pending.size >= MAX_PENDING)
      throw new MurmurError('LIMIT_EXCEEDED', 'the source answers nothing')
    this.#upstream ??= await this.#connect(this.#target)
    const pending: Pending = { method, request, cseq, attempts: 0 }
    if (method === 'SETUP' && this.#media.usesPackets(this.#target)) await this.#askForPackets(pending)
    this.#send(pending)
  }

  /** From now on the source is asked to send packets, which come to ports of ours. */
  async #askForPackets(pending: Pending): Promise<void> {
    const { request, channel } = await this.#media.withPorts(pending.request, this.#upstream!)
    pending.request = request
    pending.channel = channel
  }

  async #connect(url: URL): Promise<Socket> {
    const upstream = await this.#options.connect(url).catch((error: unknown) => {
      throw unreachableSource(error, hostOf(url))
    })
    if (this.#isOver) {
      upstream.destroy()
      throw new MurmurError('SOURCE_UNAVAILABLE', 'the reader has gone')
    }
    const read = createRtspReader()
    const isCurrent = () => this.#upstream === upstream
    upstream.setNoDelay(true)
    upstream.on('error', () => undefined)
    upstream.once('close', () => {
      if (isCurrent()) this.#sourceClosed()
    })
    upstream.on('data', (chunk) => {
      if (!isCurrent()) return
      try {
        for (const part of read(chunk)) {
          if (!isCurrent()) return
          if (part.kind === 'media') this.#pass(part.bytes)
          else this.#take(part.message)
        }
      } catch (error) {
        this.#fail(error)
      }
    })
    this.#upstream = upstream
    return upstream
  }

  #send(pending: Pending): void {
    const { request, method } = pending
    const uri = this.#uriOf(request.start.split(' ')[1] ?? '')
    const cseq = ++this.#sequence
    pending.attempts++
    this.#pending.set(cseq, pending)
    const authorization = this.#isAtHome ? this.#answer?.authorize(method, uri) : undefined
    const headers = request.headers.filter(([name]) => !NOT_SENT.has(name.toLowerCase()))
    const message: RtspMessage = {
      start: `${method} ${uri} RTSP/1.0`,
      headers: [
        ['CSeq', String(cseq)],
        ...(authorization === undefined ? [] : [['Authorization', authorization] as [string, string]]),
        ...headers,
        ...(request.body.length > 0
          ? [['Content-Length', String(request.body.length)] as [string, string]]
          : []),
      ],
      body: request.body,
    }
    this.#upstream?.write(encodeRtsp(message))
  }

  /** Where user and password belong to: nobody else gets them. */
  get #isAtHome(): boolean {
    const { target } = this.#options
    return this.#target.protocol === target.protocol && this.#target.host === target.host
  }

  #uriOf(uri: string): string {
    const { local } = this.#options
    if (uri === local) return this.#target.href
    return uri.startsWith(`${local}/`) ? this.#base + uri.slice(local.length + 1) : uri
  }

  #take(message: RtspMessage): void {
    if (!message.start.startsWith('RTSP/')) {
      this.#answerSource(message)
      return
    }
    const cseq = Number(headerOf(message, 'cseq'))
    const pending = this.#pending.get(cseq)
    if (!pending) return
    this.#pending.delete(cseq)
    const status = Number(message.start.split(' ')[1])
    if (status < 200) return
    if (status === 401 && this.#mayAnswer(message, pending)) {
      this.#send(pending)
      return
    }
    if (
      status === 461 &&
      pending.method === 'SETUP' &&
      this.#media.mayUsePackets(this.#target, pending.channel)
    ) {
      this.#options.onPackets()
      void this.#askForPackets(pending).then(
        () => this.#send(pending),
        (error: unknown) => this.#fail(error),
      )
      return
    }
    if (status >= 300 && status < 400) return void this.#redirect(message, pending)
    if (status >= 400) this.#options.onFault(this.#faultOf(message.start, status))
    if (pending.method === 'SETUP' && status === 200) this.#isSetUp = true
    const answer = pending.channel === undefined ? message : this.#media.asChannels(message, pending.channel)
    this.#client.write(encodeRtsp(this.#forReader(answer, pending)))
  }

  #mayAnswer(message: RtspMessage, { attempts }: Pending): boolean {
    if (!this.#answer || !this.#isAtHome || attempts >= MAX_ATTEMPTS) return false
    return this.#answer.challenged(headersOf(message, 'www-authenticate'))
  }

  /** The source sends its callers elsewhere: this is checked like the first address, and never gets user and password. */
  async #redirect(message: RtspMessage, pending: Pending): Promise<void> {
    try {
      const location = headerOf(message, 'location')
      const url = location === undefined ? null : URL.parse(location, this.#target.href)
      if (this.#isSetUp || !url || !/^rtsps?:$/.test(url.protocol) || this.#redirects >= MAX_REDIRECTS)
        throw new MurmurError(
          'ADDRESS_FORBIDDEN',
          'the source redirects too often, or to something else than rtsp',
        )
      this.#redirects++
      url.username = ''
      url.password = ''
      const before = this.#upstream
      this.#upstream = undefined
      before?.destroy()
      this.#pending.clear()
      this.#target = url
      this.#base = withSlash(url.href)
      await this.#connect(url)
      this.#send(pending)
    } catch (error) {
      this.#fail(error)
    }
  }

  /** Sources ask now and then whether somebody is there. What else they ask for is not done. */
  #answerSource(message: RtspMessage): void {
    const [method = ''] = message.start.split(' ')
    const status = /^(OPTIONS|GET_PARAMETER|SET_PARAMETER)$/.test(method) ? '200 OK' : '501 Not Implemented'
    const cseq = headerOf(message, 'cseq') ?? ''
    this.#upstream?.write(
      encodeRtsp({ start: `RTSP/1.0 ${status}`, headers: [['CSeq', cseq]], body: Buffer.alloc(0) }),
    )
  }

  #forReader(message: RtspMessage, { cseq }: Pending): RtspMessage {
    const { local } = this.#options
    const given = headerOf(message, 'content-base') ?? headerOf(message, 'content-location')
    const base = given === undefined ? undefined : URL.parse(given, this.#target.href)
    if (base && /^rtsps?:$/.test(base.protocol)) this.#base = withSlash(base.href)
    const kept = message.headers.filter(([name]) => !KEPT_BACK.has(name.toLowerCase()))
    return {
      ...message,
      headers: [
        ['CSeq', cseq],
        ...kept.map(([name, value]): [string, string] => [name, value.replaceAll(this.#base, `${local}/`)]),
        ...(base ? [['Content-Base', `${local}/`] as [string, string]] : []),
        ...(message.body.length > 0
          ? [['Content-Length', String(message.body.length)] as [string, string]]
          : []),
      ],
    }
  }

  #pass(bytes: Buffer): void {
    const client = this.#client
    const upstream = this.#upstream
    // Packets can't be held back at their source: what is too much is lost, as on the way.
    if (this.#media.isPackets && client.writableLength > HIGH_WATER_BYTES) return
    client.write(bytes)
    if (client.writableLength < HIGH_WATER_BYTES || !upstream || upstream.isPaused()) return
    upstream.pause()
    client.once('drain', () => upstream.resume())
  }

  #reply(status: string, cseq: string): void {
    this.#client.write(
      encodeRtsp({ start: `RTSP/1.0 ${status}`, headers: [['CSeq', cseq]], body: Buffer.alloc(0) }),
    )
  }

  #faultOf(start: string, status: number): MurmurError {
    const host = hostOf(this.#target)
    if (status === 401) return refusedUser(host, this.#options.credentials !== undefined)
    return new MurmurError('SOURCE_UNAVAILABLE', `${host} answered ${start.slice(9, 80)}`)
  }

  #sourceClosed(): void {
    if (!this.#isSetUp && !this.#isOver)
      this.#options.onFault(
        new MurmurError(
          'SOURCE_UNAVAILABLE',
          `${hostOf(this.#target)} closed the connection without an answer`,
        ),
      )
    this.#end()
  }

  #fail(error: unknown): void {
    if (this.#isOver) return
    this.#options.onFault(
      error instanceof MurmurError ? error : unreachableSource(error, hostOf(this.#target)),
    )
    for (const { cseq } of this.#pending.values()) this.#reply('503 Service Unavailable', cseq)
    this.#end()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    this.#media.close()
    // What was written last, a farewell or the last pictures, still goes out.
    this.#upstream?.destroySoon()
    this.#client.destroySoon()
  }
}

function withSlash(url: string): string {
  return url.endsWith('/') ? url : `${url}/`
}
