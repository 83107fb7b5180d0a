import { z } from 'zod'

/** What a credential may be good for. Writing does not include reading. */
export const SCOPES = [
  'tasks:read',
  'tasks:write',
  'objects:read',
  'objects:write',
  'alerts:read',
  'alerts:write',
  'agents:read',
  'system:read',
] as const
export const scopeSchema = z.enum(SCOPES)
export type Scope = z.infer<typeof scopeSchema>
