import type { NatsConnection } from '@nats-io/transport-node'
import type { BrokerClock } from '#platform/clock/broker-clock.ts'
import { MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import type { ProvideQueueRequest } from '#schemas/agent.ts'
import {
  type AskedFor,
  type Endpoint,
  endpointOf,
  type NatsOperationRef,
  natsOperation,
  type RequestInput,
  type RequestOf,
  type ResponseInput,
  type ResponseOf,
  servedSubjects,
  subjectOf,
} from '#subjects/operations.ts'
import { retryUntil } from '../clock/promises.ts'
import { observeAnswer } from './broker-clock-sync.ts'
import { MicroServices } from './micro-services.ts'
import {
  answer,
  type BusMessage,
  contextOf,
  type OperationHandler,
  type RequestContext,
  requestBytes,
  requestJson,
  requestOf,
  viewOf,
} from './request-reply.ts'
import { type AskedChange, askedChange, introduction } from './requester.ts'
import type { WriteCoalescer } from './write-coalescer.ts'

const CALL_TIMEOUT_MS = 5000

export type CallOptions = AskedFor & {
  timeoutMs?: number
  /** The answer is not checked: where it is only passed on. */
  isTrusted?: true
  headers?: Readonly<Record<string, string>>
}

/** Core NATS: what is said to whoever listens, and what is asked and answered. */
export class CoreMessages {
  /** The broker's time, as far as messages and answers have told; see `keepBrokerClock`. */
  readonly brokerClock: BrokerClock
  readonly #nc: NatsConnection
  readonly #coalescer: WriteCoalescer
  readonly #services: MicroServices
  #said: Record<string, string> | undefined
  #onChange: ((change: AskedChange) => void) | undefined

  protected constructor({
    nc,
    coalescer,
    brokerClock,
  }: {
    nc: NatsConnection
    coalescer: WriteCoalescer
    brokerClock: BrokerClock
  }) {
    this.brokerClock = brokerClock
    this.#nc = nc
    this.#coalescer = coalescer
    this.#services = new MicroServices(nc, coalescer)
  }

  /** To whoever listens just now; lost when nobody does. */
  publishCore(subject: string, data: string | Uint8Array): void {
    this.#coalescer.send(subject, data)
  }

  /**
   * @param options.whileServing leaves the queue group while this process does not serve, as services do
   * @returns a function that ends the subscription
   */
  subscribe(
    subject: string,
    onMessage: (message: BusMessage) => void,
    options: { queue?: string; whileServing?: boolean } = {},
  ): () => void {
    return this.#services.subscribe(subject, onMessage, options)
  }

  /**
   * Whether this process can serve: when not, it leaves the queue groups of its services until it can again, so that others answer;
   * where there are none, requesters are told at once that nobody is there.
   */
  setServing(isServing: boolean): void {
    this.#services.setServing(isServing)
  }

  /** What this process tells of itself to those who discover services (`$SRV.INFO`): asked each time, few and short. */
  describe(facts: () => Record<string, string>): void {
    this.#services.describe(facts)
  }

  /** From now on requests say who sits here, and the address that the server knows: for audit logs. */
  introduce(by: string): void {
    this.#said = introduction(by, this.#nc.info?.client_ip)
  }

  /** Told of every request for an operation that changes something, once it has been answered: for the audit log. */
  onChangeAsked(listener: (change: AskedChange) => void): void {
    this.#onChange = listener
  }

  /**
   * Asks a service and gives its answer as JSON.
   * @throws MurmurError UNAVAILABLE when nobody answers in time, or the problem that the service answers with
   */
  request(
    subject: string,
    body: unknown,
    { timeoutMs, headers }: { timeoutMs: number; headers?: Readonly<Record<string, string>> },
  ): Promise<unknown> {
    const said = headers && this.#said ? { ...headers, ...this.#said } : (headers ?? this.#said)
    const request = { subject, body, headers: said, timeoutMs }
    return observeAnswer(this.brokerClock, requestJson(this.#nc, request))
  }

  /**
   * Asks a service whose answer is bytes.
   * @throws MurmurError UNAVAILABLE when nobody answers in time, or the problem that the service answers with
   */
  requestBytes(subject: string, body: unknown, options: { timeoutMs: number }): Promise<Uint8Array> {
    return requestBytes(this.#nc, { subject, body, ...options })
  }

  /**
   * Asks for an operation.
   * @param ref its name in the catalogue, or a row of its own
   * @throws MurmurError UNAVAILABLE when nobody answers in time, INTERNAL for an answer of another form, and the problem it is
   * answered with
   */
  async call<Ref extends NatsOperationRef>(
    ref: Ref,
    request: RequestInput<Ref>,
    options: CallOptions = {},
  ): Promise<ResponseOf<Ref>> {
    const subject = subjectOf(ref, options)
    const { timeoutMs = CALL_TIMEOUT_MS, headers } = options
    const answer = await this.request(subject, request, { timeoutMs, ...(headers && { headers }) })
    if (options.isTrusted) return answer as ResponseOf<Ref>
    const parsed = natsOperation(ref).response.schema.safeParse(answer)
    if (parsed.success) return parsed.data as ResponseOf<Ref>
    const cause = new Error(`${subject} gave an answer of another form`, { cause: parsed.error })
    throw new MurmurError('INTERNAL', 'a service gave an answer of another form', { cause })
  }

  /** Asks an orchestrator for a queue; it may take until there is one. @throws MurmurError UNAVAILABLE after `waitMs`, STREAM_MISMATCH */
  async provideQueue(request: ProvideQueueRequest, options: { waitMs?: number } = {}): Promise<void> {
    const ask = () => this.call('provideQueue', request)
    await retryUntil(ask, options.waitMs ?? 0)
  }

  /**
   * Answers an operation (its name in the catalogue, or a row of its own), for every tenant or agent type that it is for: requests are checked before the
   * handler gets them; what it returns is the answer (bytes as they are, all else as JSON), or the problem that it throws. One
   * instance answers each.
   * @param options.always also while the process does not serve (see `setServing`): for what needs nothing but NATS
   * @returns a function that ends it
   */
  serve<Ref extends NatsOperationRef>(
    ref: Ref,
    handler: OperationHandler<Ref>,
    options: { always?: boolean } = {},
  ): () => void {
    const isChange = natsOperation(ref).isChange === true
    const answerOne = (message: BusMessage) =>
      isChange && this.#onChange
        ? this.#change(ref, handler, message, this.#onChange)
        : handler(requestOf(ref, message), contextOf(ref, message))
    return this.#serveSubjects(ref, (subject, about) =>
      this.serveSubject(subject, answerOne, { ...about, ...options }),
    )
  }

  /**
   * The same for an operation that is answered with many messages. Nobody tells when a requester has gone: the handler has to
   * end by itself.
   */
  serveStream<Ref extends NatsOperationRef>(
    ref: Ref,
    handler: (
      request: RequestOf<Ref>,
      asked: RequestContext,
      send: (item: ResponseInput<Ref>) => void,
    ) => Promise<void>,
  ): () => void {
    return this.#serveSubjects(ref, (subject, about) =>
      this.serveMany(
        subject,
        (message, send) => handler(requestOf(ref, message), contextOf(ref, message), send),
        about,
      ),
    )
  }

  /**
   * Answers requests on a subject: with what the handler returns (bytes as they are, all else as JSON), or
   * with the problem that it throws. One instance answers each.
   * @param options.endpoint what service discovery shows it as: what the catalogue says of the subject, unless given
   * @param options.always also while the process does not serve (see `setServing`): for what needs nothing but NATS
   * @returns a function that ends it
   */
  serveSubject(
    subject: string,
    handler: (message: BusMessage) => Promise<unknown> | unknown,
    options: { queue: string; always?: boolean; endpoint?: Endpoint | undefined },
  ): () => void {
    return this.#services.serve(subject, options, (message, send) => answer(message, send, handler))
  }

  /**
   * Answers requests with as many messages as the handler sends, each as JSON; with the problem when it throws.
   * Nobody tells when a requester has gone: the handler has to end by itself.
   * @returns a function that ends it
   */
  serveMany(
    subject: string,
    handler: (message: BusMessage, send: (item: unknown) => void) => Promise<void>,
    options: { queue: string; endpoint?: Endpoint | undefined },
  ): () => void {
    return this.#services.serve(subject, options, async (message, send) => {
      if (!message.reply) return
      await handler(viewOf(message), (item) => send(JSON.stringify(item)))
    })
  }

  async #change<Ref extends NatsOperationRef>(
    ref: Ref,
    handler: OperationHandler<Ref>,
    message: BusMessage,
    onChange: (change: AskedChange) => void,
  ): Promise<unknown> {
    let request: RequestOf<Ref> | undefined
    let answer: unknown
    let code = 'OK'
    try {
      request = requestOf(ref, message)
      answer = await handler(request, contextOf(ref, message))
      return answer
    } catch (error) {
      code = toProblem(error).code
      throw error
    } finally {
      onChange(askedChange(ref, message, { request, answer, code }))
    }
  }

  /** @returns a function that ends all of them */
  #serveSubjects(
    ref: NatsOperationRef,
    serve: (subject: string, about: { queue: string; endpoint: Endpoint | undefined }) => () => void,
  ): () => void {
    const row = natsOperation(ref)
    const { queue } = row.service
    const ends = servedSubjects(row).map((subject) =>
      serve(subject, { queue, endpoint: endpointOf(subject, [row]) }),
    )
    return () => {
      for (const end of ends) end()
    }
  }
}
