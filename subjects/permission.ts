import { acknowledgements, api } from './jetstream-api.ts'
import { type Answerer, answeredBy, type Catalogue, SERVICES } from './operations.ts'

/** A subject, which may hold wildcards, and what it is needed for. */
export interface Permission {
  readonly subject: string
  readonly why: string
}

export interface Permissions {
  readonly publish: readonly Permission[]
  readonly subscribe: readonly Permission[]
  /** May answer whoever asks it, once a request, on the reply subject that came with it. */
  readonly answers?: boolean
}

export const QUEUE_WANTED: Permission = {
  subject: SERVICES.provideQueue,
  why: 'asks an orchestrator for the queue that it takes from',
}

/** What this answerer listens on. */
export function services(answerer: Answerer, catalogue: Catalogue): Permission[] {
  return answeredBy(answerer, catalogue).map((subject) => ({ subject, why: 'answers this service' }))
}

/** What settles messages of a queue. */
export function settle(stream: string, consumer: string): Permission[] {
  return acknowledgements(stream, consumer).map((subject) => ({
    subject,
    why: 'settles what it has taken from there',
  }))
}

/** Reads a stream in order, with consumers of its own that end by themselves. */
export function follow(stream: string, why: string): Permission[] {
  const calls = [
    `STREAM.INFO.${stream}`,
    `STREAM.MSG.GET.${stream}`,
    `CONSUMER.CREATE.${stream}`,
    `CONSUMER.CREATE.${stream}.>`,
    `CONSUMER.INFO.${stream}.*`,
    `CONSUMER.DELETE.${stream}.*`,
    `CONSUMER.MSG.NEXT.${stream}.*`,
  ]
  return calls.map((call) => ({ subject: api(call), why }))
}

/** Watches what steps of a tenant emit, or of all (`*`). */
export const watchChunks = (tenant: string): Permissions => ({
  publish: [
    {
      subject: `chunk-replay.${tenant}.*.*.*.*`,
      why: 'asks a running step what it has emitted, for those who watch late',
    },
  ],
  subscribe: [{ subject: `chunks.${tenant}.*.*.*`, why: 'watches what running steps emit' }],
})

export const JETSTREAM: Permission = {
  subject: api('INFO'),
  why: 'asks whether JetStream is there when it connects',
}
