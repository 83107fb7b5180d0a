import { connect, createServer, type Server, type Socket } from 'node:net'

/** Stands between a browser and the edge, and can cut all that goes through it. */
export interface CutProxy {
  readonly port: number
  /** Ends every connection at once, as a network that fails does. @returns how many */
  cut(): number
  close(): Promise<void>
}

/** @param target port on this machine */
export async function startCutProxy(target: number): Promise<CutProxy> {
  const open = new Set<Socket>()
  const server: Server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1')
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      open.add(from)
      from.pipe(to)
      from.on('error', () => to.destroy())
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const cut = () => {
    const count = open.size / 2
    for (const socket of open) socket.resetAndDestroy()
    return count
  }
  return {
    port: address.port,
    cut,
    async close() {
      cut()
      await new Promise((resolve) => {
        server.close(resolve)
      })
    },
  }
}
