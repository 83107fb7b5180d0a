import type { ErrorCode } from '#schemas/problem.ts'
import type { OperationName } from '../../operations.ts'
import type { ApiSchemaName } from '../api-schemas.ts'

export interface RouteParameter {
  name: string
  in: 'path' | 'query' | 'header'
  about: string
  /** JSON Schema; a string unless given. */
  schema?: Record<string, unknown>
  isRequired?: boolean
  example?: string
}

/** A JSON Schema, where it holds one of the named ones by reference. */
export type BodySchema = { ref: ApiSchemaName } | { [field: string]: unknown }

/** One route as the document tells it. */
export interface RouteEntry {
  method: 'GET' | 'POST'
  /** With `{id}`; a `{key}` at the end may hold slashes. */
  path: string
  operation: OperationName
  tag: 'Tasks' | 'Plans' | 'Monitors' | 'Objects' | 'Alerts' | 'System'
  summary: string
  description?: string
  parameters?: readonly RouteParameter[]
  body?: { schema?: BodySchema; type?: string; isOptional?: boolean; example?: unknown }
  answers: readonly { status: number; about: string; schema?: BodySchema; type?: string }[]
  /** Beside those that every route has. */
  errors?: readonly ErrorCode[]
}

export const ref = (name: ApiSchemaName): BodySchema => ({ ref: name })
export const fields = (properties: Record<string, unknown>): BodySchema => ({ type: 'object', properties })
export const id = (what: string): RouteParameter => ({
  name: 'id',
  in: 'path',
  about: `The ${what}.`,
  isRequired: true,
})
export const query = (name: string, about: string, schema?: Record<string, unknown>): RouteParameter => ({
  name,
  in: 'query',
  about,
  ...(schema && { schema }),
})
export const header = (name: string, about: string): RouteParameter => ({ name, in: 'header', about })
export const SEVERITY = { enum: ['critical', 'high', 'medium', 'low'] }
export const ACCEPTED = fields({ taskId: { type: 'string' }, accepted: { const: true } })
