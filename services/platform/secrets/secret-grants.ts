import { z } from 'zod'
import { HTTP_METHODS, type HttpMethod, secretNameSchema } from '#schemas/api-call.ts'
import { DEFAULT_TENANT, tenantSchema } from '#schemas/identifiers.ts'

/** One secret may be sent for some tenants, to one origin, by some methods, to what lies below a path. */
export interface SecretGrant {
  name: string
  /** `*` for all of them. */
  tenants: readonly string[]
  /** As in `URL.origin`. */
  origin: string
  /** All of them where there are none. */
  methods?: readonly HttpMethod[] | undefined
  /** `/` is everything. */
  pathPrefix: string
}

/** A request that a secret is to go with. */
export interface SecretUse {
  name: string
  tenant: string
  url: URL
  method: HttpMethod
}

const originSchema = z.string().transform((text, context) => {
  const url = URL.parse(text)
  if (url && /^https?:$/.test(url.protocol) && url.pathname === '/' && !url.search && !url.username)
    return url.origin
  context.addIssue({ code: 'custom', message: 'must be an origin like https://host' })
  return z.NEVER
})

const grantSchema = z.strictObject({
  name: secretNameSchema,
  tenants: z
    .array(z.union([z.literal('*'), tenantSchema]))
    .min(1)
    .max(1000),
  origin: originSchema,
  methods: z.array(z.enum(HTTP_METHODS)).min(1).optional(),
  pathPrefix: z
    .string()
    .max(1024)
    .regex(/^\/[^?#%;\\]*$/, { error: 'must be a path without ? # % ; and \\' })
    .default('/'),
})
const MAX_GRANTS = 10_000
const grantListSchema = z.array(grantSchema).max(MAX_GRANTS)

/** From the text of the setting: a JSON list, or the short form for the tenant `default`. */
export const secretGrantsSchema = z.string().transform((text, context): SecretGrant[] => {
  try {
    const read = text.trimStart().startsWith('[') ? JSON.parse(text) : shortGrants(text)
    const grants = grantListSchema.safeParse(read)
    if (grants.success) return grants.data
    const [issue] = grants.error.issues
    context.addIssue({ code: 'custom', message: `grant ${issue?.path.join('.')}: ${issue?.message}` })
  } catch {
    context.addIssue({
      code: 'custom',
      message: 'must be NAME@https://host/path entries or a JSON list of grants',
    })
  }
  return z.NEVER
})

function shortGrants(text: string): unknown[] {
  const entries = text
    .split(',')
    .map((entry) => entry.trim())
    .filter(Boolean)
  return entries.map((entry) => {
    const at = entry.indexOf('@')
    const url = new URL(entry.slice(at + 1))
    return {
      name: entry.slice(0, Math.max(0, at)),
      tenants: [DEFAULT_TENANT],
      origin: url.origin,
      pathPrefix: url.pathname,
    }
  })
}

/** Whether a grant covers a request. Pure. */
export function isSecretGranted(
  grants: readonly SecretGrant[],
  { name, tenant, url, method }: SecretUse,
): boolean {
  return grants.some(
    (grant) =>
      grant.name === name &&
      grant.origin === url.origin &&
      grant.tenants.some((each) => each === '*' || each === tenant) &&
      (grant.methods === undefined || grant.methods.includes(method)) &&
      isBelow(url.pathname, grant.pathPrefix),
  )
}

/** `/a` covers `/a` and `/a/b`, not `/ab`. What a server may read as another path than it looks like is below nothing but `/`. */
function isBelow(path: string, prefix: string): boolean {
  if (prefix === '/') return true
  if (/%2f|%5c|%25|%2e|%00|;|\\|\/\//i.test(path)) return false
  return path === prefix || path.startsWith(prefix.endsWith('/') ? prefix : `${prefix}/`)
}
