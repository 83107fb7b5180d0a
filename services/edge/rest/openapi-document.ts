import { STATUS_CODES } from 'node:http'
import { ERRORS, type ErrorCode } from '#schemas/problem.ts'
import { type Catalogue, OPERATIONS, type OperationRoute, restRoutes } from '#subjects/operations.ts'
import { type ApiSchemaName, componentSchemas } from './api-schemas.ts'

/** Of the document; raised with what it says. */
const API_VERSION = '1.0.0'
const EVERYWHERE: readonly ErrorCode[] = [
  'INVALID_REQUEST',
  'UNAUTHENTICATED',
  'PERMISSION_DENIED',
  'RATE_LIMITED',
  'UNAVAILABLE',
  'INTERNAL',
]

/** OpenAPI 3.1, made from the schemas and the routes of all operations. Pure. */
export function openApiDocument(catalogue: Catalogue = OPERATIONS) {
  const paths: Record<string, Record<string, unknown>> = {}
  for (const route of restRoutes(catalogue)) {
    const path = paths[route.path] ?? {}
    path[route.method.toLowerCase()] = operationOf(route, catalogue)
    paths[route.path] = path
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Murmuration',
      version: API_VERSION,
      description:
        'Tasks for AI agents: submit, watch, cancel, read results; alerts, objects, agents. Errors are RFC 9457 problems with a stable `code` and a `fix`.',
    },
    servers: [{ url: '/' }],
    tags: ['Tasks', 'Schedules', 'Plans', 'Monitors', 'Objects', 'Alerts', 'System'].map((name) => ({
      name,
    })),
    security: [{}, { bearer: [] }],
    paths,
    components: {
      securitySchemes: {
        bearer: {
          type: 'http',
          scheme: 'bearer',
          description: 'An API key (mur_…) or a token; needed where the edge asks for credentials.',
        },
      },
      schemas: componentSchemas(),
    },
  }
}

function operationOf(route: OperationRoute, catalogue: Catalogue) {
  const { operation, operationId, tag, summary, description, parameters = [], body, answers, method } = route
  const { scope, errors = [] } = catalogue[operation]!
  return {
    operationId,
    tags: [tag],
    summary,
    description: `${description === undefined ? '' : `${description} `}Scope: \`${scope}\`.`,
    ...(parameters.length > 0 && {
      parameters: parameters.map(
        ({ name, in: place, about, schema = { type: 'string' }, isRequired = false }) => ({
          name,
          in: place,
          description: about,
          required: isRequired,
          schema,
        }),
      ),
    }),
    ...(body &&
      method === 'POST' && {
        requestBody: {
          required: !body.isOptional,
          content: { [body.type ?? 'application/json']: contentOf(body.schema, body.example) },
        },
      }),
    responses: {
      ...Object.fromEntries(
        answers.map(({ status, about, schema, type }) => [
          status,
          {
            description: about,
            ...(schema || type ? { content: { [type ?? 'application/json']: contentOf(schema) } } : {}),
          },
        ]),
      ),
      ...problemsOf([...errors, ...EVERYWHERE]),
    },
  }
}

/** By their status, with the codes that have it. */
function problemsOf(codes: readonly ErrorCode[]): Record<string, unknown> {
  const byStatus = new Map<number, ErrorCode[]>()
  for (const code of codes)
    byStatus.set(ERRORS[code].status, [...(byStatus.get(ERRORS[code].status) ?? []), code])
  return Object.fromEntries(
    [...byStatus].map(([status, of]) => [
      status,
      {
        description: `${STATUS_CODES[status]}: ${of.join(', ')}`,
        content: { 'application/problem+json': contentOf({ ref: 'Problem' }) },
      },
    ]),
  )
}

function contentOf(schema: unknown, example?: unknown) {
  return { schema: resolve(schema ?? { type: 'string' }), ...(example !== undefined && { example }) }
}

function resolve(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(resolve)
  if (typeof schema !== 'object' || schema === null) return schema
  if ('ref' in schema && Object.keys(schema).length === 1)
    return { $ref: `#/components/schemas/${schema.ref as ApiSchemaName}` }
  return Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, resolve(value)]))
}
