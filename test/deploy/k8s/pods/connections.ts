import { readFileSync } from 'node:fs'
import type { Pod } from './pod.ts'

const ESTABLISHED = '01'
const LISTEN = '0A'

export interface Sockets {
  /** Ports that it listens on, on any address but loopback. */
  listening: number[]
  /** Where it has connected to: address and port. */
  connected: { address: string; port: number }[]
}

/** The TCP sockets of a pod's network, as the kernel lists them. */
export function socketsOf(pod: Pod): Sockets {
  const rows = ['tcp', 'tcp6'].flatMap((file) =>
    readFileSync(`/proc/${pod.pid}/net/${file}`, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .map(([, local = '', remote = '', state]) => ({ local: parse(local), remote: parse(remote), state })),
  )
  const listening = rows
    .filter(({ state, local }) => state === LISTEN && !local.address.startsWith('127.'))
    .map(({ local }) => local.port)
  const connected = rows
    .filter(
      ({ state, local, remote }) =>
        state === ESTABLISHED && !listening.includes(local.port) && !remote.address.startsWith('127.'),
    )
    .map(({ remote }) => remote)
  return { listening: [...new Set(listening)].sort((a, b) => a - b), connected }
}

/** `0100007F:1F90`, also as the end of an IPv6 address that holds an IPv4 one. */
function parse(text: string): { address: string; port: number } {
  const [hex = '', port = ''] = text.split(':')
  const bytes = hex.slice(-8).match(/../g) ?? []
  return {
    address: bytes
      .reverse()
      .map((byte) => Number.parseInt(byte, 16))
      .join('.'),
    port: Number.parseInt(port, 16),
  }
}
