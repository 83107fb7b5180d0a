import { z } from 'zod'

export type JsonValue = string | number | boolean | null | JsonValue[] | { [key: string]: JsonValue }
export type JsonObject = { [key: string]: JsonValue }

/**
 * Any JSON value, not walked. What arrives here came out of JSON.parse after the depth check,
 * so walking it again would only cost time.
 */
export const jsonValueSchema = z.custom<JsonValue>((value) => value !== undefined, {
  error: 'a value is required',
})

/** What is read of it is not walked either; documents say all the same that it is an object. */
export const jsonObjectSchema = z
  .custom<JsonObject>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), {
    error: 'must be a JSON object',
  })
  .meta({ type: 'object' })
