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
  'agents:read',
  'policies:read',
  'policies:write',
  'system:read',
] as const
export const scopeSchema = z.enum(SCOPES)
export type Scope = z.infer<typeof scopeSchema>

/** What a key gets unless more is asked for: policies are for operators, since how agents are dispatched concerns all tenants, and names them. */
export const TENANT_SCOPES: readonly Scope[] = SCOPES.filter((scope) => !scope.startsWith('policies:'))

/** A key as it is listed; the secret is shown once, when it is made, and kept nowhere. */
export const apiKeySchema = z.object({
  /** Public: the part of the key before its secret. */
  id: z.string().regex(/^[a-z0-9]{12}$/),
  tenant: tenantSchema,
  name: z.string().max(128),
  scopes: z.array(scopeSchema).min(1),
  createdAtMs: z.number(),
  expiresAtMs: z.number().optional(),
  revokedAtMs: z.number().optional(),
})
export type ApiKey = z.infer<typeof apiKeySchema>

/** `keys.<id>`: a key as it is kept. */
export const storedKeySchema = apiKeySchema.extend({
  v: z.literal(1),
  /** SHA-256 of the secret, lower-case hex: of 256 random bits nothing slower is needed. */
  hash: z.string().regex(/^[0-9a-f]{64}$/),
})
export type StoredKey = z.infer<typeof storedKeySchema>

/** `murmur.keys.create` */
export const createKeyRequestSchema = z.strictObject({
  tenant: tenantSchema,
  name: z.string().min(1).max(128),
  scopes: z.array(scopeSchema).min(1).max(16),
  /** Milliseconds from now; for ever without it. */
  expiresInMs: z
    .int()
    .min(1000)
    .max(10 * 366 * 86_400_000)
    .optional(),
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
