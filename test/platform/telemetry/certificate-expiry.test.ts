import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { expiriesIn, showCertificates } from '../../../services/platform/telemetry/certificate-expiry.ts'
import { createMetrics } from '../../../services/platform/telemetry/metrics.ts'

const folder = mkdtempSync(join(tmpdir(), 'murmur-certificates-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))

/** A certificate that holds for so many days. */
function certificate(days: number): string {
  const out = join(folder, `${days}.crt`)
  const key = [
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-keyout',
    join(folder, 'key'),
  ]
  const args = ['req', '-x509', ...key, '-subj', '/CN=test', '-days', String(days), '-out', out]
  execFileSync('openssl', args, { stdio: 'ignore' })
  return readFileSync(out, 'utf8')
}

function hasOpenssl(): boolean {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

t.test('until when certificates hold', { skip: !hasOpenssl() && 'no openssl here' }, async (t) => {
  const [short, long] = [certificate(10), certificate(400)]
  const days = (timestampS: number) => Math.round((timestampS - Date.now() / 1000) / 86_400)
  const metrics = createMetrics()
  showCertificates(metrics, 'edge', { cert: long + short, ca: short + long })
  showCertificates(metrics, 'redis', undefined)
  const found = new Map(
    [
      ...(await metrics.expose()).matchAll(
        /^murmur_certificate_expiry_timestamp_seconds\{use="(.*)"\} (.*)$/gm,
      ),
    ].map(([, use, value]) => [use, days(Number(value))]),
  )
  t.same(
    [...found],
    [
      ['edge', 10],
      ['edge-ca', 400],
    ],
    'of a chain the first end counts, of authorities the last',
  )
})

t.test('what is no certificate has no end', async (t) => {
  t.same(expiriesIn('-----BEGIN CERTIFICATE-----\nbm8=\n-----END CERTIFICATE-----\n'), [])
  t.same(expiriesIn(''), [])
})
