import { readFile } from 'node:fs/promises'
import type { Socket } from 'node:net'

const TABLE = '/proc/net/tcp'

/**
 * Whether the other end of a connection over 127.0.0.1 belongs to a process of this user: arguments of ffmpeg can be read by everybody
 * on the machine, so what stands there does not say who connects. Linux tells; elsewhere nothing is known, and the answer is yes.
 */
export async function isOwnPeer(socket: Pick<Socket, 'remotePort' | 'localPort'>): Promise<boolean> {
  const own = process.getuid?.()
  const { remotePort, localPort } = socket
  if (own === undefined || remotePort === undefined || localPort === undefined) return true
  const table = await readFile(TABLE, 'latin1').catch(() => '')
  const owner = ownerIn(table, { from: remotePort, to: localPort })
  return owner === undefined || owner === own
}

/** The user of the end that has port `from` on 127.0.0.1; undefined where the table does not have it. Pure. */
export function ownerIn(table: string, { from, to }: { from: number; to: number }): number | undefined {
  const end = (port: number) => `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`
  const at = table.indexOf(` ${end(from)} ${end(to)} `)
  if (at < 0) return undefined
  // Both ends, state, queues, timer and retransmits stand before the user.
  const fields = table
    .slice(at, at + 200)
    .trim()
    .split(/\s+/)
  const owner = Number(fields[6])
  return Number.isInteger(owner) ? owner : undefined
}
