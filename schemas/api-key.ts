import { z } from 'zod'
import { tenantSchema } from './identifiers.ts'

/** What a credential may be good for. Writing does not include reading. */
export const SCOPES = [
  'tasks:read',
  'tasks:write',
  'objects:read',
  'objects:write',
  'alerts:read',
  'alerts:write',
  'recordings:read',
  'agents:read',
  'policies:read',
  'policies:write',
  'system:read',
] as const
export const scopeSchema = z.enum(SCOPES)
export type Scope = z.infer<typeof scopeSchema>

/** What a key gets unless more is asked for: policies are for operators, since how agents are dispatched concerns all tenants, and names them. */
export const TENANT_SCOPES: readonly Scope[] = SCOPES.filter((scope) => !scope.startsWith('policies:'))

/** What a key gets where nobody says what it is for: it reads what its own tenant has, and changes nothing. */
export const READ_SCOPES: readonly Scope[] = ['tasks:read', 'objects:read', 'alerts:read', 'recordings:read']

export const DAY_MS = 86_400_000
/** Longer than anybody answers for a secret; what an edge allows is below it. */
export const MAX_KEY_DAYS = 10 * 366

const keyIdSchema = z.string().regex(/^[a-z0-9]{12}$/)
/** Who answers for a key, or made it: a name, and no more than a line of a log. */
const whoSchema = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[^\p{Cc}]*$/u, { error: 'must be text without control characters' })

/** A key as it is listed; the secret is shown once, when it is made, and kept nowhere. */
export const apiKeySchema = z.object({
  /** Public: the part of the key before its secret. */
  id: keyIdSchema,
  tenant: tenantSchema,
  name: z.string().max(128),
  scopes: z.array(scopeSchema).min(1),
  createdAtMs: z.number(),
  expiresAtMs: z.number().optional(),
  revokedAtMs: z.number().optional(),
  /** Who answers for it. */
  owner: whoSchema.optional(),
  /** As the audit log has them: `nats:<user>`. */
  createdBy: whoSchema.optional(),
  revokedBy: whoSchema.optional(),
  /** The key whose place it takes, and the one that takes its place: both hold until the older one expires. */
  replaces: keyIdSchema.optional(),
  replacedBy: keyIdSchema.optional(),
  /** The last request that it let in, to within five minutes; none while it has not been used since edges write that down. */
  lastUsedAtMs: z.number().optional(),
  /** The address that this came from. */
  lastUsedFrom: z.string().max(128).optional(),
})
export type ApiKey = z.infer<typeof apiKeySchema>

/** `keys.<id>`: a key as it is kept. */
export const storedKeySchema = apiKeySchema.extend({
  v: z.literal(1),
  /** SHA-256 of the secret, lower-case hex: of 256 random bits nothing slower is needed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type StoredKey = z.infer<typeof storedKeySchema>

/** `key-uses.<id>`: when a key was used last, as one edge saw it. */
export const keyUseSchema = z.object({
  v: z.literal(1),
  id: keyIdSchema,
  atMs: z.number(),
  address: z.string().max(128),
})
export type KeyUse = z.infer<typeof keyUseSchema>

const lifetimeSchema = z
  .int()
  .min(1000)
  .max(MAX_KEY_DAYS * DAY_MS)

/** `murmur.keys.create` */
export const createKeyRequestSchema = z.strictObject({
  tenant: tenantSchema,
  name: z.string().min(1).max(128),
  /** What it is for has to be said: no set of scopes is everybody's. */
  scopes: z.array(scopeSchema).min(1).max(16),
  /** Milliseconds from now; without it what the edge gives (90 days unless it is told otherwise). */
  expiresInMs: lifetimeSchema.optional(),
  owner: whoSchema.optional(),
})
export type CreateKeyRequest = z.infer<typeof createKeyRequestSchema>
export const createKeyResponseSchema = z.object({
  key: apiKeySchema,
  /** `mur_<id>_<secret>`: what a client sends. */
  secret: z.string(),
})

/** `murmur.keys.list` */
export const listKeysRequestSchema = z.strictObject({ tenant: tenantSchema.optional() })
export const listKeysResponseSchema = z.object({ keys: z.array(apiKeySchema) })

/** `murmur.keys.revoke` */
export const revokeKeyRequestSchema = z.strictObject({ id: z.string().min(1).max(64) })
export const revokeKeyResponseSchema = z.object({ key: apiKeySchema })

/** `murmur.keys.rotate` */
export const rotateKeyRequestSchema = z.strictObject({
  id: z.string().min(1).max(64),
  /** So long the old key holds beside the new one; it never holds longer than it would have. Milliseconds. */
  graceMs: z
    .int()
    .min(0)
    .max(30 * DAY_MS)
    .default(DAY_MS),
  /** Of the new key, milliseconds from now; as long as the old one was given, without it. */
  expiresInMs: lifetimeSchema.optional(),
})
export type RotateKeyRequest = z.infer<typeof rotateKeyRequestSchema>
export const rotateKeyResponseSchema = z.object({
  key: apiKeySchema,
  /** Of the new key: what a client sends. */
  secret: z.string(),
  /** The old one, with the end that it has now. */
  old: apiKeySchema,
})
