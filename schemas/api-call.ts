import { z } from 'zod'
import { blobRefSchema } from './blob.ts'
import { jsonObjectSchema, jsonValueSchema } from './json.ts'

/**
 * What the agent `api-caller` does: one REST or GraphQL call, tried again where that is safe.
 */

export const HTTP_METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const
export type HttpMethod = (typeof HTTP_METHODS)[number]

export const secretNameSchema = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, { error: 'a secret name has only A-Z 0-9 _ and starts with a letter' })

/**
 * A header value that stays with the agent: `{ "$secret": "GITHUB_TOKEN", "prefix": "Bearer " }`. It is read when the
 * request is sent, only for origins that the operator granted it to, and never appears in outputs, errors or logs.
 */
export const secretRefSchema = z.strictObject({
  $secret: secretNameSchema,
  prefix: z.string().max(64).optional(),
})
export type SecretRef = z.infer<typeof secretRefSchema>

/** They belong to the connection: setting them would let one request become two, or reach another host. */
const CONNECTION_HEADERS =
  /^(host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|expect|content-length|accept-encoding)$/i

const headerNameSchema = z
  .string()
  .regex(/^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, { error: 'is no header name' })
  .refine((name) => !CONNECTION_HEADERS.test(name), { error: 'is set by the agent itself' })

const headerTextSchema = z
  .string()
  .max(8192)
  .regex(/^[\t\x20-\x7e\x80-\xff]*$/, {
    error: 'a header value has no line breaks and no control characters',
  })

const headersSchema = z
  .record(headerNameSchema, z.union([headerTextSchema, secretRefSchema]))
  .refine((headers) => Object.keys(headers).length <= 64, { error: 'at most 64 headers' })

const queryValueSchema = z.union([z.string(), z.number(), z.boolean()])

/** `200`, or a whole class: `"2xx"`. */
const statusPatternSchema = z.union([
  z.int().min(200).max(599),
  z.string().regex(/^[2-5]xx$/, { error: 'a class of statuses is "2xx" to "5xx"' }),
])

const bodySchema = z.union([
  z.strictObject({ json: jsonValueSchema }),
  z.strictObject({ text: z.string(), contentType: headerTextSchema.min(1).max(128).optional() }),
])

const graphqlSchema = z.strictObject({
  query: z.string().min(1).max(200_000),
  variables: jsonObjectSchema.optional(),
  operationName: z.string().min(1).max(256).optional(),
  /** Values of `extensions.code` that pass by themselves, beside the usual ones for throttling and outages. */
  retryCodes: z.array(z.string().max(128)).max(32).optional(),
  /** Take `data` even when there are `errors` beside it; they are handed on. Without it any error fails the call. */
  allowPartial: z.boolean().optional(),
})

const callShape = z.strictObject({
  /** http or https, without user and password. */
  url: z.string().min(1).max(8192),
  /** `GET` by default; GraphQL is always a `POST`. */
  method: z.enum(HTTP_METHODS).optional(),
  headers: headersSchema.optional(),
  /** Added to the query of the URL; a list repeats its name. */
  query: z.record(z.string(), z.union([queryValueSchema, z.array(queryValueSchema)])).optional(),
  body: bodySchema.optional(),
  graphql: graphqlSchema.optional(),
  /** Statuses that count as success. */
  expect: z.array(statusPatternSchema).min(1).max(32).default(['2xx']),
  /** `binary` puts the body into the object store, as does a text or a JSON value that is very large. */
  accept: z.enum(['json', 'text', 'binary']).default('json'),
  /** JSON pointer (RFC 6901) of the part that is wanted; for GraphQL it starts at `data`. */
  pick: z
    .string()
    .max(1024)
    .regex(/^(\/([^~]|~[01])*)?$/, { error: 'is no JSON pointer' })
    .optional(),
  /** For everything: all attempts and the waiting between them. Milliseconds. */
  timeoutMs: z.int().min(1).max(110_000).default(30_000),
  /** For one attempt, redirects included. Milliseconds. */
  attemptTimeoutMs: z.int().min(1).max(110_000).default(10_000),
  attempts: z.int().min(1).max(10).default(3),
  /** Of the body after decompression. */
  maxBytes: z
    .int()
    .min(1)
    .max(64 * 1024 * 1024)
    .default(10 * 1024 * 1024),
  /**
   * Sent as `Idempotency-Key` with POST and PATCH, which makes it safe to repeat them. By default the step's own key;
   * `false` for services that don't know the header: the agent never repeats such a request once it may have arrived.
   * (A crash of the agent still brings the step to another one: steps run at least once.)
   */
  idempotencyKey: z.union([z.literal(false), headerTextSchema.min(1).max(256)]).optional(),
})

export const apiCallRequestSchema = callShape.superRefine((call, context) => {
  const refuse = (path: string, message: string) =>
    context.addIssue({ code: 'custom', path: [path], message })
  const method = call.method ?? (call.graphql ? 'POST' : 'GET')
  if (call.graphql && method !== 'POST') refuse('method', 'GraphQL is called by POST')
  if (call.graphql && call.body) refuse('body', 'give either body or graphql')
  if (call.graphql && call.accept !== 'json') refuse('accept', 'GraphQL answers with JSON')
  if (call.body && ['GET', 'HEAD', 'OPTIONS'].includes(method)) refuse('body', `${method} has no body`)
  if (call.pick !== undefined && call.accept !== 'json') refuse('pick', 'only JSON can be picked from')
})
export type ApiCallRequest = z.output<typeof apiCallRequestSchema>
export type ApiCallRequestInput = z.input<typeof apiCallRequestSchema>
export type GraphqlCall = z.infer<typeof graphqlSchema>
export type StatusPattern = z.infer<typeof statusPatternSchema>

/** What came back. One of `json`, `text` and `blob` is there, none where the answer had no body. */
export const apiCallResponseSchema = z.object({
  status: z.int(),
  /** Where the answer came from, after redirects; without query, which may hold keys. */
  url: z.string(),
  /** Names in lower case. Cookies are left out. */
  headers: z.record(z.string(), z.string()),
  /** Bytes of the body after decompression. */
  bytes: z.int(),
  attempts: z.int().min(1),
  durationMs: z.number(),
  json: jsonValueSchema.optional(),
  text: z.string().optional(),
  blob: blobRefSchema.optional(),
  /** GraphQL errors that came beside data, where `allowPartial` was asked for. */
  errors: z.array(z.object({ message: z.string(), code: z.string().optional() })).optional(),
})
export type ApiCallResponse = z.infer<typeof apiCallResponseSchema>

export const apiCallRequestExample: ApiCallRequestInput = {
  url: 'https://api.github.com/repos/nats-io/nats-server/releases',
  headers: { authorization: { $secret: 'GITHUB_TOKEN', prefix: 'Bearer ' } },
  query: { per_page: 1 },
  pick: '/0/tag_name',
}

export const graphqlCallRequestExample: ApiCallRequestInput = {
  url: 'https://countries.example.org/graphql',
  graphql: { query: 'query Name($code: ID!) { country(code: $code) { name } }', variables: { code: 'DE' } },
  pick: '/country/name',
}

export const apiCallResponseExample: ApiCallResponse = {
  status: 200,
  url: 'https://api.github.com/repos/nats-io/nats-server/releases',
  headers: { 'content-type': 'application/json; charset=utf-8' },
  bytes: 5120,
  attempts: 1,
  durationMs: 182,
  json: 'v2.14.0',
}
