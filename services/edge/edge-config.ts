import { z } from 'zod'
import { listOf } from '#platform/config/address-list.ts'
import {
  type ConfigOf,
  type ConfigTable,
  type Environment,
  invalidConfig,
  readConfig,
} from '#platform/config/read-config.ts'
import { decimalNumber, oneOf, url, wholeNumber } from '#platform/config/variable-schemas.ts'
import { tenantSchema } from '#schemas/identifiers.ts'

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
const tenantLimitsSchema = z.record(
  tenantSchema,
  z.strictObject({
    requestsPerSecond: z.number().positive().optional(),
    requestBurst: z.int().min(1).optional(),
    bytesPerSecond: z.number().positive().optional(),
    streams: z.int().min(0).optional(),
  }),
)
const tenantLimitsText = z.string().transform((text, context) => {
  try {
    return tenantLimitsSchema.parse(JSON.parse(text))
  } catch {
    context.addIssue({ code: 'custom', message: 'must be JSON: limits by tenant' })
    return z.NEVER
  }
})

/** The settings of the edge: for clients that don't speak NATS. */
export const EDGE_VARIABLES = {
  host: {
    name: 'MURMUR_EDGE_HOST',
    meaning:
      'Address that the edge listens on. Without credentials (MURMUR_EDGE_AUTH) only a loopback address is served.',
    default: '127.0.0.1',
    schema: z.string().regex(/^[A-Za-z0-9.:_-]{1,253}$/, { error: 'must be a host name or an address' }),
  },
  auth: {
    name: 'MURMUR_EDGE_AUTH',
    meaning:
      '`required`: clients say who they are, by an API key or a token. `none`: everybody is the tenant `default`.',
    default: 'none',
    schema: oneOf(['none', 'required']),
  },
  jwtIssuer: {
    name: 'MURMUR_EDGE_JWT_ISSUER',
    meaning: 'Issuer (`iss`) whose tokens are taken beside API keys; needs the next two.',
    defaultNote: 'none: no tokens',
    schema: z.string().min(1).max(1000),
  },
  jwtAudience: {
    name: 'MURMUR_EDGE_JWT_AUDIENCE',
    meaning: 'Audience (`aud`) that tokens have to be for.',
    defaultNote: 'none',
    schema: z.string().min(1).max(1000),
  },
  jwtKeysUrl: {
    name: 'MURMUR_EDGE_JWT_JWKS_URL',
    meaning: 'Where the keys of the issuer are. https, or http on this machine.',
    defaultNote: 'none',
    schema: url(['https', 'http']).refine(
      (text) => text.startsWith('https:') || LOOPBACK.test(new URL(text).hostname),
      {
        error: 'must be https, or http on this machine',
      },
    ),
  },
  jwtAlgorithms: {
    name: 'MURMUR_EDGE_JWT_ALGORITHMS',
    meaning: `Algorithms of signatures that are taken, separated by commas: ${ALGORITHMS.join(', ')}.`,
    default: 'RS256,ES256,EdDSA',
    schema: listOf(
      (entry) => ALGORITHMS.includes(entry as never),
      `must be some of ${ALGORITHMS.join(', ')}`,
    ),
  },
  jwtTenantClaim: {
    name: 'MURMUR_EDGE_JWT_TENANT_CLAIM',
    meaning: 'Claim of a token that names the tenant.',
    default: 'tenant',
    schema: z.string().min(1).max(200),
  },
  requestsPerSecond: {
    name: 'MURMUR_EDGE_REQUESTS_PER_SECOND',
    meaning: 'Requests that each tenant may send, over all edges.',
    unit: 'requests/s',
    defaultNote: 'none: no limit',
    schema: decimalNumber({ min: 0.01, max: 1_000_000 }),
  },
  requestBurst: {
    name: 'MURMUR_EDGE_REQUEST_BURST',
    meaning: 'Requests that may come at once after a pause.',
    unit: 'requests',
    defaultNote: "a second's worth",
    schema: wholeNumber({ min: 1, max: 1_000_000 }),
  },
  bytesPerSecond: {
    name: 'MURMUR_EDGE_BYTES_PER_SECOND',
    meaning: 'Bytes of objects that each tenant may send and fetch; ten seconds of it may be saved up.',
    unit: 'bytes/s',
    defaultNote: 'none: no limit',
    schema: wholeNumber({ min: 1, max: 1e12 }),
  },
  tenantStreams: {
    name: 'MURMUR_EDGE_TENANT_STREAMS',
    meaning:
      'Streams (watches of tasks, alerts, monitors) that a tenant may have open at one edge, over REST and gRPC together; one more is refused with QUOTA_EXCEEDED. Holds with MURMUR_EDGE_AUTH=required.',
    unit: 'streams',
    default: '100',
    schema: wholeNumber({ min: 1, max: 100_000 }),
  },
  tenantLimits: {
    name: 'MURMUR_EDGE_TENANT_LIMITS',
    meaning:
      'Other limits for some tenants, as JSON: `{"acme":{"requestsPerSecond":100,"requestBurst":200,"bytesPerSecond":1000000,"streams":500}}`.',
    defaultNote: 'none',
    schema: tenantLimitsText,
  },
  auditFile: {
    name: 'MURMUR_EDGE_AUDIT_FILE',
    meaning: 'File that who did what is appended to, one JSON line each.',
    unit: 'path',
    defaultNote: "none: the service's log",
    schema: z.string().min(1),
  },
  corsOrigins: {
    name: 'MURMUR_EDGE_CORS_ORIGINS',
    meaning:
      'Origins whose pages may use the edge in a browser, as `https://app.example.org`, separated by commas.',
    defaultNote: 'none: only pages of the edge itself',
    schema: listOf(
      (entry) => URL.canParse(entry) && new URL(entry).origin === entry,
      'must be origins, as https://app.example.org',
    ),
  },
  port: {
    name: 'MURMUR_EDGE_PORT',
    meaning: 'Port of the same; 0 takes a free one.',
    unit: 'port',
    default: '0',
    schema: wholeNumber({ min: 0, max: 65_535 }),
  },
  grpcPort: {
    name: 'MURMUR_EDGE_GRPC_PORT',
    meaning: 'Port for gRPC at the same address; 0 takes a free one.',
    unit: 'port',
    default: '0',
    schema: wholeNumber({ min: 0, max: 65_535 }),
  },
  requestTimeoutMs: {
    name: 'MURMUR_EDGE_REQUEST_TIMEOUT_MS',
    meaning:
      'A request on REST has to be here within this, its headers within half of it. Uploads may take longer, as long as they go on.',
    unit: 'ms',
    default: '20000',
    schema: wholeNumber({ min: 1000, max: 600_000 }),
  },
  tlsCert: {
    name: 'MURMUR_EDGE_TLS_CERT',
    meaning: 'Certificate of the edge with its chain, for REST and gRPC. Without it both speak plainly.',
    unit: 'path to a PEM file',
    defaultNote: 'none',
    schema: z.string().min(1),
  },
  tlsKey: {
    name: 'MURMUR_EDGE_TLS_KEY',
    meaning: 'Private key of the certificate.',
    unit: 'path to a PEM file',
    defaultNote: 'none',
    schema: z.string().min(1),
  },
  tlsClientCa: {
    name: 'MURMUR_EDGE_TLS_CLIENT_CA',
    meaning: 'With it, clients have to show a certificate of this authority.',
    unit: 'path to a PEM file',
    defaultNote: 'none',
    schema: z.string().min(1),
  },
} as const satisfies ConfigTable

export type EdgeConfig = ConfigOf<typeof EDGE_VARIABLES>

/**
 * The settings of the edge, from the environment.
 * @throws MurmurError CONFIG_INVALID with every fault at once
 */
export function loadEdgeConfig(env?: Environment): EdgeConfig {
  const config = readConfig(EDGE_VARIABLES, env)
  const issues: { path: string; message: string }[] = []
  if (config.auth === 'none' && !LOOPBACK.test(config.host))
    issues.push({
      path: 'MURMUR_EDGE_HOST',
      message: 'must be a loopback address unless MURMUR_EDGE_AUTH is required',
    })
  const jwt = [config.jwtIssuer, config.jwtAudience, config.jwtKeysUrl]
  if (jwt.some((value) => value !== undefined) && jwt.includes(undefined))
    issues.push({
      path: 'MURMUR_EDGE_JWT_ISSUER',
      message: 'needs MURMUR_EDGE_JWT_AUDIENCE and MURMUR_EDGE_JWT_JWKS_URL, and the other way round',
    })
  if (issues.length > 0) throw invalidConfig(issues)
  return config
}
