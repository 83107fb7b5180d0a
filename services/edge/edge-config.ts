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
import { isSafeUrl } from '#platform/http/oidc.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { MAX_KEY_DAYS } from '#schemas/api-key.ts'
import { tenantSchema } from '#schemas/identifiers.ts'
import { ADMISSION_VARIABLES } from './access/admission-config.ts'
import { claimRulesSchema } from './access/claim-rules.ts'

/** Names and addresses of this machine that nobody else can reach. */
export const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|::1|\[::1\])$/
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
/** JSON of this form, as text. */
function jsonOf<Schema extends z.ZodType>(schema: Schema, what: string) {
  return z.string().transform((text, context): z.output<Schema> => {
    try {
      return schema.parse(JSON.parse(text))
    } catch {
      context.addIssue({ code: 'custom', message: `must be JSON: ${what}` })
      return z.NEVER
    }
  })
}

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
    meaning: 'Issuer (`iss`) whose tokens are taken beside API keys; needs the next one.',
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
    defaultNote: 'where its discovery document says (OpenID Connect)',
    schema: url(['https', 'http']).refine(isSafeUrl, { error: 'must be https, or http on this machine' }),
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
  jwtTypes: {
    name: 'MURMUR_EDGE_JWT_TYPES',
    meaning:
      'Values of the header `typ` of tokens that are taken, separated by commas. A token without it counts as JWT. `at+jwt` alone takes access tokens of RFC 9068 only.',
    default: 'at+jwt,JWT',
    schema: listOf((entry) => /^[\w.+/-]{1,100}$/.test(entry), 'must be media types, as at+jwt'),
  },
  jwtMaxLifetimeS: {
    name: 'MURMUR_EDGE_JWT_MAX_LIFETIME_S',
    meaning:
      'The longest that a token may hold, from its issue (`iat`; without it, from now) to its end (`exp`): it can not be taken back before.',
    unit: 's',
    default: '86400',
    schema: wholeNumber({ min: 60, max: 31_536_000 }),
  },
  jwtClaimRules: {
    name: 'MURMUR_EDGE_JWT_CLAIM_RULES',
    meaning:
      'Which claims are which tenant and scopes, as JSON: `[{"claim":"groups","value":"acme-dev","tenant":"acme","scopes":["tasks:read"]}]`. With it, tokens say neither by themselves.',
    defaultNote: 'none: the tenant claim, and `scope` or `scp`',
    schema: jsonOf(claimRulesSchema, 'a list of rules, each with claim, value, tenant and scopes'),
  },
  loginClientId: {
    name: 'MURMUR_EDGE_LOGIN_CLIENT_ID',
    meaning: 'Client id of the command line at the issuer, which `murmur login` is told.',
    defaultNote: 'none: `murmur login --client-id` names it',
    schema: z.string().min(1).max(200),
  },
  keyDefaultDays: {
    name: 'MURMUR_EDGE_KEY_DEFAULT_DAYS',
    meaning: 'How long an API key holds where nobody says it; never longer than the next one allows.',
    unit: 'days',
    default: '90',
    schema: decimalNumber({ min: 0.01, max: MAX_KEY_DAYS }),
  },
  keyMaxDays: {
    name: 'MURMUR_EDGE_KEY_MAX_DAYS',
    meaning: 'How long an API key may hold that is made or rotated. Keys that are there stay as they are.',
    unit: 'days',
    default: '366',
    schema: decimalNumber({ min: 0.01, max: MAX_KEY_DAYS }),
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
    schema: jsonOf(tenantLimitsSchema, 'limits by tenant'),
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
  consoleDir: {
    name: 'MURMUR_EDGE_CONSOLE_DIR',
    meaning: 'Folder of the built web console, which is served at `/`. Local mode and the image set it.',
    unit: 'path',
    defaultNote: 'none: a page at `/` says how to build it',
    schema: z.string().min(1),
  },
  grafanaUrl: {
    name: 'MURMUR_EDGE_GRAFANA_URL',
    meaning: 'Where people open Grafana: the web console links to its dashboards.',
    defaultNote: 'none: no link',
    schema: url(['https', 'http']),
  },
  jaegerUrl: {
    name: 'MURMUR_EDGE_JAEGER_URL',
    meaning:
      'Where people open Jaeger, or what shows traces at the same paths: the web console links to traces.',
    defaultNote: 'none: no link',
    schema: url(['https', 'http']),
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
  ...ADMISSION_VARIABLES,
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
  tlsIdentities: {
    name: 'MURMUR_EDGE_TLS_IDENTITIES',
    meaning:
      'JSON that says which certificates of clients are which tenant and scopes, in place of keys: `{"identities":[{"spiffe":"spiffe://example.org/ci","tenant":"acme","scopes":["tasks:read"]}]}`, or `uri`, `dns`, `email`, `cn`. Read again when it changes.',
    unit: 'path',
    defaultNote: 'none: certificates say nothing of tenants',
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
  if ((config.jwtIssuer === undefined) !== (config.jwtAudience === undefined))
    issues.push({
      path: 'MURMUR_EDGE_JWT_ISSUER',
      message: 'needs MURMUR_EDGE_JWT_AUDIENCE, and the other way round',
    })
  if (config.jwtKeysUrl !== undefined && config.jwtIssuer === undefined)
    issues.push({
      path: 'MURMUR_EDGE_JWT_JWKS_URL',
      message: 'needs MURMUR_EDGE_JWT_ISSUER and MURMUR_EDGE_JWT_AUDIENCE',
    })
  if (config.jwtIssuer !== undefined && config.jwtKeysUrl === undefined && !isSafeUrl(config.jwtIssuer))
    issues.push({
      path: 'MURMUR_EDGE_JWT_ISSUER',
      message: 'must be https, or http on this machine, unless MURMUR_EDGE_JWT_JWKS_URL is there',
    })
  if (config.tlsIdentities !== undefined && (config.tlsClientCa === undefined || config.auth !== 'required'))
    issues.push({
      path: 'MURMUR_EDGE_TLS_IDENTITIES',
      message: 'needs MURMUR_EDGE_TLS_CLIENT_CA, and MURMUR_EDGE_AUTH to be required',
    })
  if (issues.length > 0) throw invalidConfig(issues)
  return config
}

/** Credentials that everybody on the way can read are said loudly at the start: it is no fault of the configuration where a proxy ends TLS. */
export function warnOfPlainText({ auth, host, tlsCert }: EdgeConfig, log: Pick<Log, 'warn'>): boolean {
  if (auth === 'none' || LOOPBACK.test(host) || tlsCert !== undefined) return false
  log.warn(
    { host },
    'API KEYS AND TOKENS ARE SENT IN PLAIN TEXT: the edge listens on an address that others reach, and without TLS. Set MURMUR_EDGE_TLS_CERT and MURMUR_EDGE_TLS_KEY, or let only a proxy that ends TLS reach it.',
  )
  return true
}
