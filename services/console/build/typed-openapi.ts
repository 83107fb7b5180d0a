/** A JSON schema as our OpenAPI document has it. */
type Schema = Readonly<Record<string, unknown>> | boolean

interface Operation {
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema?: Schema }[]
  readonly requestBody?: { required?: boolean; content: Content }
  readonly responses: Readonly<Record<string, { content?: Content }>>
}
type Content = Readonly<Record<string, { schema?: Schema }>>

export interface OpenApiDocument {
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> }
}

const METHODS = ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace']

/** The types of an API, in the form that openapi-fetch reads: `paths` by path and method, `components` by name. Pure. */
export function openApiTypes({ paths, components }: OpenApiDocument): string {
  const byPath = Object.entries(paths).map(
    ([path, operations]) => `  ${quote(path)}: ${pathType(operations)}`,
  )
  const schemas = Object.entries(components.schemas).map(
    ([name, schema]) => `    ${propertyName(name)}: ${schemaType(schema)}`,
  )
  return [
    '// Made from docs/openapi.json by `npm run docs`: change the sources of that.',
    `export interface paths {\n${byPath.join('\n')}\n}`,
    `export interface components {\n  schemas: {\n${schemas.join('\n')}\n  }\n}`,
    '',
  ].join('\n')
}

function pathType(operations: Readonly<Record<string, Operation>>): string {
  const rows = METHODS.map((method) => {
    const operation = operations[method]
    return operation ? `${method}: ${operationType(operation)}` : `${method}?: never`
  })
  return `{ parameters: { query?: never; header?: never; path?: never; cookie?: never }; ${rows.join('; ')} }`
}

function operationType({ parameters = [], requestBody, responses }: Operation): string {
  const of = (where: string) => {
    const found = parameters.filter((parameter) => parameter.in === where)
    if (found.length === 0) return `${where}?: never`
    const isOptional = found.every(({ required }) => required !== true)
    const rows = found.map(
      ({ name, required, schema }) =>
        `${propertyName(name)}${required ? '' : '?'}: ${schemaType(schema ?? true)}`,
    )
    return `${where}${isOptional ? '?' : ''}: { ${rows.join('; ')} }`
  }
  const body = requestBody
    ? `requestBody${requestBody.required === true ? '' : '?'}: { content: ${contentType(requestBody.content)} }`
    : 'requestBody?: never'
  const answers = Object.entries(responses).map(
    ([status, { content }]) =>
      `${status}: { headers: { [name: string]: unknown }; ${content ? `content: ${contentType(content)}` : 'content?: never'} }`,
  )
  const where = ['query', 'header', 'path', 'cookie'].map(of)
  return `{ parameters: { ${where.join('; ')} }; ${body}; responses: { ${answers.join('; ')} } }`
}

function contentType(content: Content): string {
  const rows = Object.entries(content).map(
    ([type, { schema }]) => `${quote(type)}: ${schemaType(schema ?? true)}`,
  )
  return `{ ${rows.join('; ')} }`
}

/** A schema as a type; what a type can't say (lengths, patterns, conditions) is left out. */
export function schemaType(schema: Schema): string {
  if (typeof schema === 'boolean') return schema ? 'unknown' : 'never'
  if (typeof schema.$ref === 'string')
    return `components['schemas'][${quote(schema.$ref.split('/').at(-1)!)}]`
  if ('const' in schema) return JSON.stringify(schema.const)
  if (Array.isArray(schema.enum)) return schema.enum.map((value) => JSON.stringify(value)).join(' | ')
  const union = (schema.anyOf ?? (isShape(schema) ? undefined : schema.oneOf)) as
    | readonly Schema[]
    | undefined
  if (union) return union.map((each) => `(${schemaType(each)})`).join(' | ')
  const all = schema.allOf as readonly Schema[] | undefined
  if (all) {
    const own = isShape(schema) ? [objectType(schema)] : []
    return [...own, ...all.map((each) => `(${schemaType(each)})`)].join(' & ')
  }
  const types = [schema.type ?? (schema.properties ? 'object' : undefined)].flat() as (string | undefined)[]
  return types.map((type) => plainType(type, schema)).join(' | ')
}

function isShape(schema: Readonly<Record<string, unknown>>): boolean {
  return schema.properties !== undefined || schema.type !== undefined
}

function plainType(type: string | undefined, schema: Readonly<Record<string, unknown>>): string {
  switch (type) {
    case 'string':
    case 'boolean':
    case 'null':
      return type
    case 'number':
    case 'integer':
      return 'number'
    case 'array':
      return arrayType(schema)
    case 'object':
      return objectType(schema)
    default:
      return 'unknown'
  }
}

function arrayType({ items, prefixItems }: Readonly<Record<string, unknown>>): string {
  if (Array.isArray(prefixItems)) return `[${prefixItems.map((each: Schema) => schemaType(each)).join(', ')}]`
  return `(${schemaType((items as Schema | undefined) ?? true)})[]`
}

function objectType(schema: Readonly<Record<string, unknown>>): string {
  const properties = Object.entries((schema.properties ?? {}) as Readonly<Record<string, Schema>>)
  const required = new Set((schema.required ?? []) as readonly string[])
  const rows = properties.map(
    ([name, of]) => `${propertyName(name)}${required.has(name) ? '' : '?'}: ${schemaType(of)}`,
  )
  const rest = schema.additionalProperties as Schema | undefined
  if (rows.length > 0) return `{ ${rows.join('; ')} }`
  if (rest === false) return 'Record<string, never>'
  return `{ [name: string]: ${schemaType(rest ?? true)} }`
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : quote(name)
}

function quote(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
