import { acknowledgements, api } from './jetstream-api.ts'
import {
  type Answerer,
  answeredBy,
  type Catalogue,
  natsOperations,
  SERVICES,
  servedSubjects,
} from './operations.ts'

/** A subject, which may hold wildcards, and what it is needed for. */
export interface Permission {
  readonly subject: string
  readonly why: string
  /** What it is called in the account of whoever says it, where that is something else. */
  readonly as?: string
  /** Of what is heard: others ask there, and get an answer. */
  readonly isServed?: true
  /** Of what is said: to whoever listens just now. No stream keeps it, and nobody answers. */
  readonly isTold?: true
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
  return answeredBy(answerer, catalogue).map((subject) => ({
    subject,
    why: 'answers this service',
    isServed: true,
  }))
}

/** Taking messages from a consumer, with as many answers as messages. */
const PULL = api('CONSUMER.MSG.NEXT.')

/** Whether one question on a subject may have many answers: messages of a queue, streams of events, discovery. Pure. */
export function hasManyAnswers(subject: string, catalogue: Catalogue): boolean {
  if (subject.startsWith(PULL) || subject.startsWith('$SRV.')) return true
  return natsOperations(catalogue).some(
    (operation) => operation.isStream && servedSubjects(operation).some((served) => fits(subject, served)),
  )
}

/** Whether a subject, which may hold wildcards, is one that a pattern stands for. Pure. */
export function fits(subject: string, pattern: string): boolean {
  return intersection(subject, pattern) === subject
}

/** The subjects that two patterns both stand for, as a pattern; undefined when there are none. Pure. */
export function intersection(one: string, other: string): string | undefined {
  const both: string[] = []
  const [a, b] = [one.split('.'), other.split('.')]
  for (let i = 0; ; i++) {
    if (i === a.length && i === b.length) return both.join('.')
    if (i === a.length || i === b.length) return undefined
    if (a[i] === '>') return [...both, ...b.slice(i)].join('.')
    if (b[i] === '>') return [...both, ...a.slice(i)].join('.')
    if (a[i] !== '*' && b[i] !== '*' && a[i] !== b[i]) return undefined
    both.push(a[i] === '*' ? b[i]! : a[i]!)
  }
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
