import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import type { LinkMode } from './random-faults.ts'

interface Pair {
  client: Socket
  server: Socket
  /** Bytes are swallowed: for ever, since what follows them would make no sense. Mute: of the server only. */
  deaf: 'no' | 'mute' | 'both'
  delayMs: number
}

const SLOW_MS = 400

/**
 * A link from one process to one server, which can be harmed. `drop`: connections are closed in order and new ones are not let
 * in. `reset`: connections are torn down once, new ones are let in. `half-open`: the other side is gone without a word: what is
 * sent goes nowhere, also later, until the client connects again after the fault. `mute`: the same of answers alone.
 * `delay`: everything comes 400 ms later. `reorder`: of half the connections only, so that they fall behind the others.
 */
export class TcpProxy {
  readonly #target: number
  readonly #server: Server
  readonly #pairs = new Set<Pair>()
  #mode: LinkMode | undefined

  private constructor(target: number) {
    this.#target = target
    this.#server = createServer({ noDelay: true }, (client) => this.#accept(client))
  }

  static async open(targetPort: number): Promise<TcpProxy> {
    const proxy = new TcpProxy(targetPort)
    proxy.#server.listen(0, '127.0.0.1')
    await once(proxy.#server, 'listening')
    return proxy
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  harm(mode: LinkMode): void {
    this.#mode = mode
    const pairs = [...this.#pairs]
    if (mode === 'drop') for (const pair of pairs) end(pair)
    else if (mode === 'reset') for (const pair of pairs) pair.client.resetAndDestroy()
    else if (mode === 'half-open' || mode === 'mute') for (const pair of pairs) deafen(pair, mode)
    else for (const [i, pair] of pairs.entries()) if (mode === 'delay' || i % 2 === 0) pair.delayMs = SLOW_MS
  }

  /** New connections are well again. Old ones that have lost bytes stay deaf; slow ones go on at full speed. */
  heal(): void {
    this.#mode = undefined
    for (const pair of this.#pairs) pair.delayMs = 0
  }

  close(): void {
    for (const pair of this.#pairs) end(pair)
    this.#server.close()
  }

  #accept(client: Socket): void {
    if (this.#mode === 'drop') {
      client.on('error', () => undefined)
      client.destroy()
      return
    }
    const server = connect({ port: this.#target, host: '127.0.0.1', noDelay: true })
    const pair: Pair = { client, server, deaf: 'no', delayMs: 0 }
    if (this.#mode === 'half-open' || this.#mode === 'mute') deafen(pair, this.#mode)
    if (this.#mode === 'delay') pair.delayMs = SLOW_MS
    this.#pairs.add(pair)
    forward(client, server, { delayMs: () => pair.delayMs, isDeaf: () => pair.deaf === 'both' })
    forward(server, client, { delayMs: () => pair.delayMs, isDeaf: () => pair.deaf !== 'no' })
    // A deaf client hears nothing of the server's end either.
    server.on('close', () => {
      if (pair.deaf === 'no') client.destroy()
    })
    client.on('close', () => {
      this.#pairs.delete(pair)
      server.destroy()
    })
    for (const socket of [client, server]) socket.on('error', () => socket.destroy())
  }
}

function deafen(pair: Pair, mode: 'half-open' | 'mute'): void {
  pair.deaf = mode === 'mute' ? 'mute' : 'both'
}

function end({ client, server }: Pair): void {
  client.destroy()
  server.destroy()
}

/** In order, however the delay changes; what waits holds up what comes behind it. */
function forward(from: Socket, to: Socket, link: { delayMs: () => number; isDeaf: () => boolean }): void {
  const waiting: { dueMs: number; bytes: Buffer }[] = []
  let timer: NodeJS.Timeout | undefined
  const send = (bytes: Buffer) => {
    if (link.isDeaf() || to.destroyed) return
    if (to.write(bytes)) return
    from.pause()
    to.once('drain', () => from.resume())
  }
  const release = () => {
    timer = undefined
    const nowMs = performance.now()
    while (waiting.length > 0 && (waiting[0]!.dueMs <= nowMs || link.delayMs() === 0))
      send(waiting.shift()!.bytes)
    if (waiting.length > 0) timer = setTimeout(release, Math.max(1, waiting[0]!.dueMs - nowMs))
  }
  from.on('data', (bytes: Buffer) => {
    const delayMs = link.delayMs()
    if (delayMs === 0 && waiting.length === 0) {
      send(bytes)
      return
    }
    waiting.push({ dueMs: performance.now() + delayMs, bytes })
    timer ??= setTimeout(release, Math.max(1, delayMs))
  })
  from.on('close', () => {
    clearTimeout(timer)
    // What was under way arrives, as on a wire.
    for (const { bytes } of waiting.splice(0)) send(bytes)
  })
}
