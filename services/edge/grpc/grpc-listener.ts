import { once } from 'node:events'
import { createServer, type Server as PlainServer, type Socket } from 'node:net'
import { createServer as createSecureServer, type Server as SecureServer } from 'node:tls'
import { type Server, ServerCredentials } from '@grpc/grpc-js'
import type { Admission } from '../access/admission.ts'
import { type EdgeTls, HANDSHAKE_TIMEOUT_MS } from '../edge-tls.ts'

const HTTP2 = 'h2'

/**
 * Accepts the connections of gRPC and hands them to grpc-js: its own listener can neither count them by address before TLS, nor end a
 * handshake that does not come to its end, nor show another certificate later.
 */
export class GrpcListener {
  readonly #server: PlainServer | SecureServer
  readonly #sockets = new Set<Socket>()

  constructor(grpc: Server, { admission, tls }: { admission: Admission; tls: EdgeTls | undefined }) {
    const injector = grpc.createConnectionInjector(ServerCredentials.createInsecure())
    if (tls) {
      const secure = createSecureServer({
        ...contextOf(tls),
        requestCert: tls.clientCa !== undefined,
        rejectUnauthorized: tls.clientCa !== undefined,
        ALPNProtocols: [HTTP2],
        handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      })
      secure.on('secureConnection', (socket) => {
        socket.on('error', () => undefined)
        if (socket.alpnProtocol === HTTP2) injector.injectConnection(socket)
        else socket.destroy()
      })
      // A handshake that failed has ended its socket.
      secure.on('tlsClientError', () => undefined)
      secure.on('connection', (socket: Socket) => void admission.takeConnection(socket))
      this.#server = secure
    } else {
      this.#server = createServer({ noDelay: true }, (socket) => {
        socket.on('error', () => undefined)
        if (admission.takeConnection(socket)) injector.injectConnection(socket)
      })
    }
    this.#server.on('connection', (socket: Socket) => {
      this.#sockets.add(socket)
      socket.once('close', () => this.#sockets.delete(socket))
    })
  }

  /** @returns the port that was bound. @throws Error when the address can't be listened on */
  async listen(host: string, port: number): Promise<number> {
    this.#server.listen(port, host)
    await once(this.#server, 'listening')
    const address = this.#server.address()
    return typeof address === 'object' && address !== null ? address.port : 0
  }

  /** Shows another certificate to all who connect from now on. */
  setTls(tls: EdgeTls): void {
    if ('setSecureContext' in this.#server) this.#server.setSecureContext(contextOf(tls))
  }

  /** Accepts nobody any more, and resolves when all who are connected have gone: grpc-js does not wait for connections that it was handed. */
  async close(): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    await closed
  }

  /** Cuts off who is still connected. */
  destroyConnections(): void {
    for (const socket of this.#sockets) socket.destroy()
  }
}

function contextOf({ cert, key, clientCa }: EdgeTls) {
  return { cert, key, ...(clientCa && { ca: clientCa }) }
}
