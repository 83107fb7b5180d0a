import { z } from 'zod'
import { jsonObjectSchema } from '#schemas/json.ts'
import { problemSchema } from '#schemas/problem.ts'
import {
  type Catalogue,
  type MessageSpec,
  type NatsOperation,
  natsOperations,
  OPERATIONS,
  SERVICE_VERSION,
  servedSubjects,
} from '#subjects/operations.ts'
import type { EventContract } from './event-contract.ts'
import { EVENT_CONTRACTS, PARAMETERS } from './event-contracts.ts'
import { PROBLEM } from './examples.ts'

type Json = Record<string, unknown>

const ERROR_HEADERS = {
  'Nats-Service-Error': 'The code and what was wrong, in one line.',
  'Nats-Service-Error-Code': 'The HTTP status that the code maps to.',
}
const PROBLEM_MESSAGE: MessageSpec = {
  name: 'Problem',
  schema: z.object({ problem: problemSchema }),
  example: { problem: PROBLEM },
  headers: ERROR_HEADERS,
}

/** Everything that is said on NATS, as an AsyncAPI 3.0 document. Pure: the same code gives the same document. */
export function buildAsyncApi(catalogue: Catalogue = OPERATIONS): Json {
  const services = Object.entries(catalogue).filter(
    (entry): entry is [string, NatsOperation] => 'subject' in entry[1],
  )
  const parts = [...services.map(serviceParts), ...EVENT_CONTRACTS.map(eventParts)]
  const messages = new Map(allMessages(catalogue).map((message) => [message.name, message]))
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Murmuration on NATS',
      version: SERVICE_VERSION,
      description:
        'A distributed orchestrator of agents. `receive` is what Murmuration listens to, `send` what it publishes.',
    },
    defaultContentType: 'application/json',
    channels: Object.assign({}, ...parts.map(({ channels }) => channels)),
    operations: Object.assign({}, ...parts.map(({ operations }) => operations)),
    components: {
      messages: Object.fromEntries([...messages].map(([name, message]) => [name, messageObject(message)])),
      schemas: payloadSchemas([...messages.values()]),
    },
  }
}

/** Each kind of message once. */
export function allMessages(catalogue: Catalogue = OPERATIONS): MessageSpec[] {
  return [
    ...natsOperations(catalogue).flatMap(({ request, response }) => [request, response]),
    ...EVENT_CONTRACTS.map(({ message }) => message),
    PROBLEM_MESSAGE,
  ]
}

function serviceParts([key, row]: [string, NatsOperation]) {
  const { request, response, summary, service, per } = row
  const replies = [response, PROBLEM_MESSAGE]
  const addresses = servedSubjects(row).map((subject) => ({
    name: subject.startsWith('murmur.tenants.') ? `${key}OfTenant` : key,
    address: subject.replace('*', per === 'agent' ? '{agent}' : '{tenant}'),
  }))
  const channels: Json = { [`${key}Reply`]: { address: null, messages: references(replies) } }
  const operations: Json = {}
  for (const { name, address } of addresses) {
    channels[name] = channelObject(address, [request], summary)
    operations[name] = {
      action: 'receive',
      channel: { $ref: `#/channels/${name}` },
      summary,
      tags: [{ name: service.name }],
      messages: [{ $ref: `#/channels/${name}/messages/${request.name}` }],
      reply: {
        address: { location: '$message.header#/reply', description: "The request's own reply subject." },
        channel: { $ref: `#/channels/${key}Reply` },
        messages: replies.map((reply) => ({ $ref: `#/channels/${key}Reply/messages/${reply.name}` })),
      },
    }
  }
  return { channels, operations }
}

function eventParts({ key, address, summary, action, stream, message }: EventContract) {
  const kept = stream === undefined ? 'Core NATS: lost when nobody listens.' : `Kept in the stream ${stream}.`
  return {
    channels: { [key]: channelObject(address, [message], `${summary} ${kept}`) },
    operations: {
      [key]: {
        action,
        channel: { $ref: `#/channels/${key}` },
        summary,
        messages: [{ $ref: `#/channels/${key}/messages/${message.name}` }],
      },
    },
  }
}

function channelObject(address: string, messages: MessageSpec[], description: string): Json {
  const names = [...address.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)
  return {
    address,
    description,
    messages: references(messages),
    ...(names.length > 0 && {
      parameters: Object.fromEntries(names.map((name) => [name, { description: PARAMETERS[name] }])),
    }),
  }
}

function references(messages: MessageSpec[]): Json {
  return Object.fromEntries(messages.map(({ name }) => [name, { $ref: `#/components/messages/${name}` }]))
}

function messageObject({ name, headers, example, contentType = 'application/json' }: MessageSpec): Json {
  return {
    name,
    contentType,
    ...(headers && {
      headers: {
        type: 'object',
        properties: Object.fromEntries(
          Object.entries(headers).map(([header, description]) => [header, { type: 'string', description }]),
        ),
      },
    }),
    payload: { $ref: `#/components/schemas/${name}` },
    examples: [{ name: 'one', payload: example }],
  }
}

/** Whether a message is read or written by us, its schema says what may be in it before defaults are filled in. */
function payloadSchemas(messages: MessageSpec[]): Json {
  const registry = z.registry<{ id: string }>()
  const same = new Map<z.ZodType, string>()
  const copies: Json = {}
  for (const { name, schema } of messages) {
    const first = same.get(schema)
    if (first !== undefined) copies[name] = { $ref: `#/components/schemas/${first}` }
    else {
      same.set(schema, name)
      registry.add(schema, { id: name })
    }
  }
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    target: 'draft-7',
    io: 'input',
    unrepresentable: 'any',
    override({ zodSchema, jsonSchema }) {
      if (zodSchema === (jsonObjectSchema as unknown)) jsonSchema.type = 'object'
    },
  })
  const own = Object.entries(schemas).map(([name, { $id: _id, $schema: _dialect, ...schema }]) => [
    name,
    schema,
  ])
  return { ...Object.fromEntries(own), ...copies }
}
