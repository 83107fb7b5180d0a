import type { FormSchema } from './form-schema.ts'

/** How a field is asked for: what a form can not say is written as JSON. */
export type FieldKind = 'text' | 'long-text' | 'number' | 'boolean' | 'choice' | 'object' | 'list' | 'json'

/** Texts that may be longer than this get room. */
const LONG_TEXT = 1000

/** Pure. */
export function kindOfField(schema: FormSchema): FieldKind {
  if (schema.enum) return 'choice'
  switch (schema.type) {
    case 'string':
      return (schema.maxLength ?? 0) > LONG_TEXT ? 'long-text' : 'text'
    case 'number':
    case 'integer':
      return 'number'
    case 'boolean':
      return 'boolean'
    case 'object':
      return schema.properties && Object.keys(schema.properties).length > 0 ? 'object' : 'json'
    case 'array':
      return schema.items &&
        ['object', 'text', 'long-text', 'number', 'choice'].includes(kindOfField(schema.items))
        ? 'list'
        : 'json'
    default:
      return 'json'
  }
}

/** What a new entry begins with: what has to be there, empty. Pure. */
export function emptyValue(schema: FormSchema): unknown {
  if (schema.default !== undefined) return schema.default
  switch (kindOfField(schema)) {
    case 'object':
      return Object.fromEntries(
        (schema.required ?? []).map((name) => [name, emptyValue(schema.properties?.[name] ?? {})]),
      )
    case 'list':
      return []
    case 'text':
    case 'long-text':
      return ''
    case 'choice':
      return schema.enum?.[0]
    default:
      return undefined
  }
}

/** An object with a field changed; `undefined` takes it out. Pure. */
export function withField(
  object: Readonly<Record<string, unknown>>,
  name: string,
  value: unknown,
): Record<string, unknown> {
  const { [name]: _before, ...rest } = object
  return value === undefined ? rest : { ...rest, [name]: value }
}
