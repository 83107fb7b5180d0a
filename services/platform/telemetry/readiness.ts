import type { ErrorCode } from '#schemas/problem.ts'
import type { Check } from './health-server.ts'

/** What `/readyz` needs of a connection: round trips have told. */
interface Connections {
  readonly nats?: { readonly answers: boolean; readonly serverVersion: string } | undefined
  readonly redis?: { readonly ready: boolean }
}

/** The checks of a service's connections. One that is not there yet is being waited for. */
export function connectionChecks(
  needed: readonly (keyof Connections)[],
  connections: Connections,
): Record<string, Check> {
  const { nats, redis } = connections
  const found: Record<keyof Connections, Found | undefined> = {
    nats: nats && { ok: nats.answers, detail: `answers, ${nats.serverVersion}` },
    redis: redis && { ok: redis.ready, detail: 'answers' },
  }
  return Object.fromEntries(needed.map((name) => [name, checkOf(found[name])]))
}

const AWAY: ErrorCode = 'UNAVAILABLE'

interface Found {
  ok: boolean
  detail: string
}

function checkOf(found: Found | undefined): Check {
  if (found === undefined) return { ok: false, code: AWAY, detail: 'not there yet, waiting for it' }
  return found.ok
    ? found
    : { ok: false, code: AWAY, detail: 'has not answered for seconds, or refuses to serve' }
}
