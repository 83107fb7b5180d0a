import { readFileSync } from 'node:fs'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'

/** What the edge shows of itself, and whom it asks to do the same. PEM. */
export interface EdgeTls {
  cert: Buffer
  key: Buffer
  /** Clients have to show a certificate of this authority. */
  clientCa?: Buffer
}

/** @throws MurmurError CONFIG_INVALID for a file that can't be read, or a certificate without its key */
export function readEdgeTls(files: {
  tlsCert?: string | undefined
  tlsKey?: string | undefined
  tlsClientCa?: string | undefined
}): EdgeTls | undefined {
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
