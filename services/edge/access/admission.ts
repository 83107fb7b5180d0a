import type { Socket } from 'node:net'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Caller } from './access.ts'
import { plainAddress, TrustedProxies } from './client-address.ts'
import { Places } from './places.ts'

export interface AdmissionSettings {
  /** Whose `X-Forwarded-For` is believed. */
  proxies: TrustedProxies
  /** Connections that one address may have, those of trusted proxies excepted. */
  connectionsPerAddress: number
  /** Requests and streams of one credential that may be open at once. */
  requestsPerCredential: number
}

/** Connections of one edge, all addresses together: each takes some tens of KiB and a file descriptor. */
export const MAX_CONNECTIONS = 10_000
/**
 * Requests of one address that may be open while nobody knows who asks: those whose credential is being looked at, and of gRPC the
 * services that need none (health, reflection).
 */
export const MAX_STRANGER_REQUESTS = 64
/** Bytes of messages that have begun and not ended, of one credential and of all: who sends halves takes no more than this. */
export const MAX_HALF_SENT_BYTES = { perCredential: 32 * 1024 * 1024, all: 128 * 1024 * 1024 }
/** What a piece of a message costs beside its bytes: a byte a frame would otherwise take a hundred times what is counted. */
const PIECE_COST_BYTES = 256
const RETRY_AFTER_MS = 1000
const ALL = '(all)'

const DEFAULTS: AdmissionSettings = {
  proxies: new TrustedProxies(),
  connectionsPerAddress: 1000,
  requestsPerCredential: 1000,
}

/** Gives back what was taken; again changes nothing. */
export type Leave = () => void

/** How much of one edge somebody may take before and after it is known who it is: connections, open requests, half-sent messages. */
export class Admission {
  readonly #settings: AdmissionSettings
  readonly #connections = new Places()
  readonly #strangers = new Places()
  readonly #callers = new Places()
  readonly #halfSent = new Places()

  constructor(settings: Partial<AdmissionSettings> = {}) {
    this.#settings = { ...DEFAULTS, ...settings }
  }

  /** Bytes of messages that have begun and not ended, now. */
  get halfSentBytes(): number {
    return this.#halfSent.of(ALL)
  }

  /** Where a request comes from, as far as it can be believed. */
  addressOf(peer: string | undefined, forwardedFor: string | readonly string[] | undefined): string {
    return this.#settings.proxies.clientOf(peer, forwardedFor)
  }

  /** Takes a new connection, or closes it without a word: before TLS, before a byte of it was read. */
  takeConnection(socket: Socket): boolean {
    const address = plainAddress(socket.remoteAddress ?? '') ?? 'unknown'
    const { proxies, connectionsPerAddress } = this.#settings
    const max = proxies.trusts(address) ? MAX_CONNECTIONS : connectionsPerAddress
    const leave = this.#connections.take(ALL, MAX_CONNECTIONS)
    const leaveAddress = leave && this.#connections.take(address, max)
    if (!leave || !leaveAddress) {
      leave?.()
      socket.destroy()
      return false
    }
    socket.once('close', () => {
      leave()
      leaveAddress()
    })
    return true
  }

  /** A request of somebody who is not known yet. @throws MurmurError RATE_LIMITED */
  enterStranger(address: string): Leave {
    const leave = this.#strangers.take(address, MAX_STRANGER_REQUESTS)
    if (leave) return leave
    throw new MurmurError(
      'RATE_LIMITED',
      `${MAX_STRANGER_REQUESTS} requests from this address wait until it is known who asks`,
      { retryAfterMs: RETRY_AFTER_MS },
    )
  }

  /** A request of somebody who was let in, until it is answered. @throws MurmurError RATE_LIMITED */
  enterCaller({ subject, tenant }: Caller): Leave {
    const { requestsPerCredential: max } = this.#settings
    const leave = this.#callers.take(`${tenant}/${subject}`, max)
    if (leave) return leave
    throw new MurmurError('RATE_LIMITED', `${max} requests and streams of this credential are open already`, {
      retryAfterMs: RETRY_AFTER_MS,
    })
  }

  /** Counts the bytes of one message that comes in pieces. */
  halfSentBy({ subject, tenant }: Caller): HalfSentMessage {
    return new HalfSentMessage(this.#halfSent, `${tenant}/${subject}`)
  }
}

/** What has come of a message whose end has not. */
export class HalfSentMessage {
  readonly #places: Places
  readonly #key: string
  #cost = 0
  #bytes = 0

  constructor(places: Places, key: string) {
    this.#places = places
    this.#key = key
  }

  /** Of the message, without what its pieces cost. */
  get bytes(): number {
    return this.#bytes
  }

  /** @throws MurmurError OVERLOADED when there is no room for more of it */
  add(bytes: number): void {
    const cost = bytes + PIECE_COST_BYTES
    this.#bytes += bytes
    if (this.#places.take(ALL, MAX_HALF_SENT_BYTES.all, cost)) {
      if (this.#places.take(this.#key, MAX_HALF_SENT_BYTES.perCredential, cost)) {
        this.#cost += cost
        return
      }
      this.#places.giveBack(ALL, cost)
    }
    throw new MurmurError('OVERLOADED', 'too many messages have begun and not ended: send fewer at once', {
      retryAfterMs: RETRY_AFTER_MS,
    })
  }

  /** It is whole, or nothing will come of it. */
  end(): void {
    if (this.#cost > 0) {
      this.#places.giveBack(ALL, this.#cost)
      this.#places.giveBack(this.#key, this.#cost)
    }
    this.#cost = 0
    this.#bytes = 0
  }
}
