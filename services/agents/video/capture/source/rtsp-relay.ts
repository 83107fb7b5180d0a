import { randomBytes } from 'node:crypto'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import type { MurmurError } from '#platform/errors/murmur-error.ts'
import type { UserCredentials } from '#platform/http/challenge-answer.ts'
import { createHeldConnection } from './held-connection.ts'
import { isOwnPeer } from './own-peer.ts'
import type { RtspTransport } from './rtsp-media.ts'
import { RtspSession } from './rtsp-session.ts'
import { unreachableSource } from './source-fault.ts'
import { hostOf, type SourcePolicy } from './source-policy.ts'

/** A look at the source, the reading of it, and one of each that is about to end. */
const MAX_CONNECTIONS = 4
const TOKEN_BYTES = 24

/** The one way from ffmpeg to a source that speaks RTSP. */
export interface RtspRelay {
  /** For ffmpeg: on loopback, without anything of the source in it. */
  readonly url: string
  readonly proxy?: undefined
  /**
   * Connects to the source, and keeps the connection for the next who reads it, so that it is called once.
   * @throws MurmurError SOURCE_UNAVAILABLE, ADDRESS_FORBIDDEN; the signal's reason
   */
  reach(signal: AbortSignal): Promise<void>
  /** Why the last connection failed, once: ffmpeg only knows the relay. */
  takeFault(): MurmurError | undefined
  close(): Promise<void>
}

/**
 * A server on loopback that ffmpeg reads from, for one source. Each connection to the source is made here, after a check of what is
 * connected: also where the source sends its callers elsewhere. User and password are known to the relay alone.
 * @param url without user and password
 */
export async function openRtspRelay(
  url: string,
  policy: SourcePolicy,
  credentials: UserCredentials | undefined,
  transport: RtspTransport = 'auto',
): Promise<RtspRelay> {
  const token = randomBytes(TOKEN_BYTES).toString('base64url')
  const sessions = new Set<Socket>()
  const held = createHeldConnection()
  const target = new URL(url)
  let means = transport
  let fault: MurmurError | undefined
  let address = ''
  const connect = async (to: URL) => (to.href === target.href ? held.take() : undefined) ?? policy.connect(to)
  const server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => {
    socket.on('error', () => undefined)
    if (sessions.size >= MAX_CONNECTIONS) return void socket.destroy()
    sessions.add(socket)
    socket.once('close', () => sessions.delete(socket))
    void isOwnPeer(socket).then((isOwn) => {
      if (!isOwn || socket.destroyed) return void socket.destroy()
      const session = new RtspSession(socket, {
        local: address,
        target,
        connect,
        transport: means,
        onPackets: () => {
          means = 'udp'
        },
        credentials,
        onFault: (given) => {
          fault = given
        },
      })
      session.start()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  address = `rtsp://127.0.0.1:${(server.address() as AddressInfo).port}/${token}`
  return {
    url: address,
    async reach(signal) {
      try {
        const socket = await policy.connect(target)
        if (signal.aborted) socket.destroy()
        else held.keep(socket)
      } catch (error) {
        signal.throwIfAborted()
        throw unreachableSource(error, hostOf(target))
      }
      signal.throwIfAborted()
    },
    takeFault() {
      const taken = fault
      fault = undefined
      return taken
    },
    async close() {
      held.close()
      for (const socket of sessions) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
