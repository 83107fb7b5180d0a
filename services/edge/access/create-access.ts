import type { Clock } from '#platform/clock/clock.ts'
import type { ServiceConfig } from '#platform/config/service-config.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import { createRedis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { EdgeConfig } from '../edge-config.ts'
import type { Access } from './access.ts'
import type { AuditLog } from './audit-log.ts'
import { CertificateIdentities } from './certificate-identities.ts'
import { CredentialAccess } from './credential-access.ts'
import type { KeyRing } from './key-ring.ts'
import type { KeyUses } from './key-uses.ts'
import { RateLimits, type TenantLimits } from './rate-limits.ts'
import { StreamQuota } from './stream-quota.ts'
import { plainType, TokenVerifier } from './token-verifier.ts'

/** Who may do what, as the configuration has it. Redis is asked for only where something is limited. */
export function createAccess(
  edge: EdgeConfig,
  deps: {
    config: ServiceConfig
    keys: KeyRing
    uses: KeyUses
    audit: AuditLog
    clock: Clock
    log: Log
    metrics: Metrics
  },
): Access & Component {
  const { config, keys, uses, audit, clock, log, metrics } = deps
  const defaults: TenantLimits = {
    requestsPerSecond: edge.requestsPerSecond,
    requestBurst: edge.requestBurst,
    bytesPerSecond: edge.bytesPerSecond,
  }
  const overrides = edge.tenantLimits ?? {}
  const isLimited = [defaults, ...Object.values(overrides)].some(
    (limits) => limits.requestsPerSecond !== undefined || limits.bytesPerSecond !== undefined,
  )
  const redis = isLimited
    ? createRedis(config.redisUrl, { onStatus: (status, detail) => log.debug({ status, detail }, 'redis') })
    : undefined
  const limits = redis && new RateLimits({ redis, log, defaults, overrides })
  const isRequired = edge.auth === 'required'
  const certificates =
    isRequired && edge.tlsIdentities !== undefined
      ? new CertificateIdentities(edge.tlsIdentities, log)
      : undefined
  const credentials = isRequired ? { keys, uses, tokens: tokensOf(edge, clock), certificates } : undefined
  const streams = new StreamQuota(edge.tenantStreams, streamsOf(edge))
  const access = new CredentialAccess({ credentials, limits, streams, audit, clock, metrics })
  return Object.assign(access, {
    name: 'access',
    start: () => certificates?.start(),
    async stop() {
      certificates?.stop()
      await redis?.close()
    },
  })
}

function streamsOf({ tenantLimits = {} }: EdgeConfig): ReadonlyMap<string, number> {
  const given = Object.entries(tenantLimits).flatMap(([tenant, { streams }]) =>
    streams === undefined ? [] : [[tenant, streams] as const],
  )
  return new Map(given)
}

function tokensOf(
  { jwtIssuer, jwtAudience, jwtKeysUrl, ...edge }: EdgeConfig,
  clock: Clock,
): TokenVerifier | undefined {
  if (jwtIssuer === undefined || jwtAudience === undefined) return undefined
  const { jwtAlgorithms: algorithms, jwtTenantClaim: tenantClaim, jwtClaimRules: claimRules } = edge
  const limits = { types: edge.jwtTypes.map(plainType), maxLifetimeMs: edge.jwtMaxLifetimeS * 1000 }
  const access = { tenantClaim, claimRules }
  return new TokenVerifier(
    { issuer: jwtIssuer, audience: jwtAudience, jwksUrl: jwtKeysUrl, algorithms, ...access, ...limits },
    clock,
  )
}
