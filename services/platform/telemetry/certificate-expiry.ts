import { X509Certificate } from 'node:crypto'
import type { Metrics } from './metrics.ts'

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g

type Pem = string | Buffer | undefined
interface PemFiles {
  cert?: Pem
  ca?: Pem
}

/**
 * Shows until when the certificates hold that this process has read: what it shows until the first of its chain ends, whom it trusts
 * until the last of the authorities ends. A file that is replaced counts when it is shown again: by the
 * edge as soon as it has read it, elsewhere from the next start on, as it does for connections.
 * @param use whom it is shown to, or who is trusted: as in `edge`, `nats`
 */
export function showCertificates(metrics: Metrics, use: string, { cert, ca }: PemFiles = {}): void {
  show(metrics, use, cert, Math.min)
  show(metrics, `${use}-ca`, ca, Math.max)
}

function show(metrics: Metrics, use: string, pem: Pem, pick: (...times: number[]) => number): void {
  const times = pem === undefined ? [] : expiriesIn(String(pem))
  if (times.length === 0) return
  metrics
    .gauge('murmur_certificate_expiry_timestamp_seconds')
    .labels(use)
    .set(pick(...times) / 1000)
}

/** Unix milliseconds, one for each certificate that can be read: what can't be is said by who connects with it. Pure. */
export function expiriesIn(pem: string): number[] {
  return [...pem.matchAll(CERTIFICATE)].flatMap(([text]) => {
    try {
      return [Date.parse(new X509Certificate(text).validTo)]
    } catch {
      return []
    }
  })
}
