import type { SamplingConfig } from './trace-sampler.ts'

/**
 * Names of spans and attributes, after OpenTelemetry's messaging conventions: `{operation} {destination template}`;
 * ids stand in attributes, never in names.
 */
export const SPANS = {
  /** A whole task, from acceptance to its end. */
  task: (type: string) => `invoke_workflow ${type}`,
  /** A submission on its way from the edge to an orchestrator. */
  submission: () => 'send tasks.submit',
  /** Intake of a submission. */
  submit: (type: string) => `process tasks.submit.${type}`,
  /** An attempt put on its queue by an orchestrator. */
  dispatch: (agent: string) => `send steps.${agent}`,
  /** An attempt worked on by an agent. */
  step: (agent: string) => `process steps.${agent}`,
  /** A step of a task, over all of its attempts and items. */
  wholeStep: (agent: string) => `step ${agent}`,
  /** An agent's result on its way to the log. */
  result: () => 'send log.{partition}.result',
  /** A result folded into the state of its task: what is decided because of it is in it. */
  fold: () => 'process log.{partition}.result',
  /** An event of a camera that becomes an alert. */
  alert: () => 'process cameras.events.{tenant}.{camera}',
  /** An alert handed over to a sink. */
  alertDelivery: (sink: string) => `deliver alert ${sink}`,
  /** A request of a client at the edge. */
  request: (operation: string) => operation,
} as const

export const ATTRIBUTES = {
  system: 'messaging.system',
  operationType: 'messaging.operation.type',
  operationName: 'messaging.operation.name',
  destination: 'messaging.destination.name',
  destinationTemplate: 'messaging.destination.template',
  messageId: 'messaging.message.id',
  messageBytes: 'messaging.message.body.size',
  batchCount: 'messaging.batch.message_count',
  errorType: 'error.type',
  taskId: 'murmur.task.id',
  taskType: 'murmur.task.type',
  tenant: 'murmur.tenant',
  stepId: 'murmur.step.id',
  agent: 'murmur.agent',
  attempt: 'murmur.attempt',
  outcome: 'murmur.outcome',
  partition: 'murmur.partition',
  alertId: 'murmur.alert.id',
  camera: 'murmur.camera',
  severity: 'murmur.alert.severity',
} as const

/**
 * What OpenTelemetry's conventions ask of a span about messages.
 * @param name of the operation as NATS has it: publish, request, process
 */
export function messaging(type: 'send' | 'process', name: string = type): Record<string, string> {
  return {
    [ATTRIBUTES.system]: 'nats',
    [ATTRIBUTES.operationType]: type,
    [ATTRIBUTES.operationName]: name,
  }
}

export type AttributeValue = string | number | boolean
export type SpanKind = 'internal' | 'producer' | 'consumer' | 'client' | 'server'

/** A piece of work under way. When its trace is not sampled all of this costs next to nothing. */
export interface Span {
  /** Hand this on: what happens because of this span becomes its child. */
  readonly traceparent: string
  /** False: what only serves to describe it need not be made. */
  readonly isRecorded: boolean
  setAttribute(name: string, value: AttributeValue): void
  /** Once; with the error when it failed. */
  end(error?: unknown): void
}

export interface TracingConfig extends SamplingConfig {
  service: string
  instance: string
  otlpEndpoint?: string | undefined
  /** Of the software. */
  version?: string | undefined
  /** Name that stands for the service instead of its own. */
  serviceName?: string | undefined
  /** `key=value` pairs, separated by commas, percent-encoded, as OpenTelemetry has them. */
  resourceAttributes?: string | undefined
  /** Told how many spans were taken by the collector, or not. */
  onExported?: ((outcome: 'sent' | 'failed', spans: number) => void) | undefined
}

/** An error as spans take it: its `code` becomes `error.type`. */
export function spanError({ code, message }: { code: string; message: string }): Error {
  return Object.assign(new Error(message), { code })
}
