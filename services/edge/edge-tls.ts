import { readFileSync } from 'node:fs'
import { createSecureContext } from 'node:tls'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'

/** What the edge shows of itself, and whom it asks to do the same. PEM. */
export interface EdgeTls {
  cert: Buffer
  key: Buffer
  /** Clients have to show a certificate of this authority. */
  clientCa?: Buffer
}

/** Where it is read from. */
export interface EdgeTlsFiles {
  tlsCert?: string | undefined
  tlsKey?: string | undefined
  tlsClientCa?: string | undefined
}

/** Who connects has to have shown that he speaks TLS within this. Milliseconds. */
export const HANDSHAKE_TIMEOUT_MS = 10_000
/** Files are looked at so often: a notice of the file system does not come for every way in which secrets are mounted. */
const POLL_INTERVAL_MS = 5000

/** @throws MurmurError CONFIG_INVALID for a file that can't be read, or a certificate without its key */
export function readEdgeTls(files: EdgeTlsFiles): EdgeTls | undefined {
  const { tlsCert, tlsKey, tlsClientCa } = files
  if (tlsCert === undefined && tlsKey === undefined && tlsClientCa === undefined) return undefined
  if (tlsCert === undefined || tlsKey === undefined)
    throw fault('MURMUR_EDGE_TLS_CERT', 'needs MURMUR_EDGE_TLS_KEY, and the other way round')
  return {
    cert: read('MURMUR_EDGE_TLS_CERT', tlsCert),
    key: read('MURMUR_EDGE_TLS_KEY', tlsKey),
    ...(tlsClientCa !== undefined && { clientCa: read('MURMUR_EDGE_TLS_CLIENT_CA', tlsClientCa) }),
  }
}

export interface TlsReloadDeps {
  files: EdgeTlsFiles
  clock: Pick<Clock, 'sleep'>
  log: Log
  onChange: (tls: EdgeTls) => void
  /** Milliseconds. */
  pollIntervalMs?: number
}

/**
 * Reads the files again while the edge runs: a certificate that was renewed is shown to all who connect from then on. What can't be
 * used (half written, a key of another certificate) changes nothing and is looked at again.
 */
export class TlsReload implements Component {
  readonly name = 'certificates'
  readonly #deps: TlsReloadDeps
  readonly #stopping = new AbortController()
  #known: EdgeTls
  /** What could not be used, so that it is said once. */
  #refused = ''
  #loop: Promise<void> | undefined

  /** @param known what the edge shows now */
  constructor(known: EdgeTls, deps: TlsReloadDeps) {
    this.#known = known
    this.#deps = deps
  }

  start(): void {
    this.#loop = this.#poll()
  }

  async stop(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
  }

  async #poll(): Promise<void> {
    const { clock, pollIntervalMs = POLL_INTERVAL_MS } = this.#deps
    const { signal } = this.#stopping
    for (;;) {
      await clock.sleep(pollIntervalMs, signal)
      if (signal.aborted) return
      this.#compare()
    }
  }

  #compare(): void {
    const { files, log, onChange } = this.#deps
    try {
      const tls = readEdgeTls(files)
      if (!tls || isSame(tls, this.#known)) return
      assertUsable(tls)
      onChange(tls)
      this.#known = tls
      this.#refused = ''
      log.info({}, 'the certificate was replaced: it is shown from now on')
    } catch (error) {
      const reason = messageOf(error)
      if (reason === this.#refused) return
      this.#refused = reason
      log.error({ reason }, 'the certificate was replaced by one that can not be used: the old one is shown')
    }
  }
}

function isSame(one: EdgeTls, other: EdgeTls): boolean {
  const { cert, key, clientCa = Buffer.alloc(0) } = one
  return (
    cert.equals(other.cert) && key.equals(other.key) && clientCa.equals(other.clientCa ?? Buffer.alloc(0))
  )
}

/** @throws Error for what is no certificate, and for a key of another one */
function assertUsable({ cert, key, clientCa }: EdgeTls): void {
  createSecureContext({ cert, key, ...(clientCa && { ca: clientCa }) })
}

function read(variable: string, file: string): Buffer {
  try {
    return readFileSync(file)
  } catch (error) {
    throw fault(variable, messageOf(error))
  }
}

function fault(path: string, message: string): MurmurError {
  return new MurmurError('CONFIG_INVALID', `${path} ${message}`, { issues: [{ path, message }] })
}
